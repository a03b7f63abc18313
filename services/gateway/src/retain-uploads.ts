import { uploadFolder } from "@viralclaw/contracts/ids";
import { sumOf } from "@viralclaw/storage/removal";
import { ago } from "./database.ts";
import type { RetentionStep } from "./retention.ts";

const batch = 20;
/** What was begun in the last minute has been sent by then; until then the API can say that it has expired. */
const forgetAfterMs = 12 * 3_600_000;

/** Removes expired uploads, whole or begun, and forgets them. No job needs them: each works on a copy of its own. */
export const removeUploads: RetentionStep = async ({ db, storage }) => {
  const uploads = await db
    .selectFrom("uploads")
    .select("id")
    .where("expires_at", "<", ago(forgetAfterMs))
    .orderBy("expires_at")
    .limit(batch)
    .execute();
  const removed = [];
  for (const { id } of uploads) {
    removed.push(await storage.removeBelow(uploadFolder(id)));
    await db.deleteFrom("uploads").where("id", "=", id).execute();
  }
  return { removed: sumOf(removed), more: uploads.length === batch };
};
