import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { ownFont } from "@viralclaw/captions/own-font";
import { DeclaredError, errors } from "@viralclaw/contracts/errors";
import { idPrefixes, uploadedFontKey, uploadKey } from "@viralclaw/contracts/ids";
import { limits } from "@viralclaw/contracts/limits";
import type { StyleOverrides } from "@viralclaw/contracts/style-overrides";
import { openWorkspace } from "@viralclaw/media/workspace";
import type { Storage } from "@viralclaw/storage/storage";
import { sql } from "kysely";
import { typeidUnboxed } from "typeid-js";
import type { Database } from "./database.ts";
import type { JobRow } from "./job.ts";
import { onField } from "./problems.ts";
import { goodUntil, type UploadRow, usableUpload, whole } from "./uploads.ts";

/**
 * A customer's own font. It is checked when its upload is first used, before anything is accepted that would be drawn in it, and
 * what is drawn with is made then, once. The parsers that read a stranger's bytes here are JavaScript and, for the letters'
 * measures, WebAssembly, which reaches nothing but its own memory; FreeType meets them in ffmpeg's sandbox only.
 */
interface Deps {
  db: Database;
  storage: Storage;
  workDir: string;
}

interface Wanted {
  customerId: string;
  overrides: StyleOverrides | null;
  /** The job that it is for: what that one was given is there as long as its files are, whatever became of the upload. */
  job?: JobRow;
}

/**
 * Where the font lies that overrides name, if they name one of the customer's own. Throws upload_not_found, upload_of_other_kind,
 * upload_expired, upload_unfinished and font_invalid, which say the field; store_unavailable, disk_full.
 */
export async function fontKeyOf(deps: Deps, { customerId, overrides, job }: Wanted): Promise<string | null> {
  const id = overrides?.font?.upload_id;
  if (id === undefined) return null;
  if (job?.request.font_key && job.request.style_overrides?.font?.upload_id === id) return job.request.font_key;
  try {
    const upload = await usableUpload(deps.db, customerId, id, "font");
    const key = uploadedFontKey(id);
    if ((await deps.storage.sizeOf(key)) === undefined) await makeFont(deps, upload, key);
    await deps.db
      .updateTable("uploads")
      .set({ expires_at: goodUntil.font, used_at: sql<Date>`now()` })
      .where("id", "=", id)
      .execute();
    return key;
  } catch (error) {
    if (!(error instanceof DeclaredError) || errors[error.code].status >= 500) throw error;
    throw onField("style_overrides.font.upload_id", error);
  }
}

/** The same, copied to a key of a job's own: it is kept as long as the job's other files. */
export async function fontOfJob(deps: Deps, wanted: Wanted, toKey: string): Promise<string | null> {
  const key = await fontKeyOf(deps, wanted);
  if (key === null) return null;
  await deps.storage.copy(key, toKey);
  return toKey;
}

async function makeFont({ storage, workDir }: Deps, upload: UploadRow, key: string): Promise<void> {
  await whole(upload, storage);
  const name = typeidUnboxed(idPrefixes.execution);
  await using workspace = await openWorkspace(workDir, name, { roomBytes: 2 * limits.maxFontBytes });
  const [sent, made] = [join(workspace.dir, "sent"), join(workspace.dir, "made")];
  await storage.downloadTo(uploadKey(upload.id), sent, {});
  await writeFile(made, ownFont(await readFile(sent), upload.id));
  await storage.uploadFrom(key, made, "font/sfnt", {});
}
