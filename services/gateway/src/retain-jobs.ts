import { allOfJob } from "@viralclaw/contracts/ids";
import { limits } from "@viralclaw/contracts/limits";
import { type Removed, sumOf } from "@viralclaw/storage/removal";
import { sql } from "kysely";
import { ago, type Database } from "./database.ts";
import type { RetentionStep } from "./retention.ts";

/** Small, so that a tick that is cut off has little to do again. */
const batch = 20;

/** A result_url, or a request, of the last moment is good for so long. */
const lastUseMs = limits.resultUrlTtlSeconds * 1000;

/**
 * Of jobs that ended a while ago, removes what no accepted result names: what a run stored that failed, was cancelled or came too
 * late. What was written since is left until all of the job's objects go.
 */
export const removeLoose: RetentionStep = async ({ db, storage, rules }) => {
  const jobs = await db
    .selectFrom("jobs")
    .select("id")
    .where("trimmed_at", "is", null)
    .where("ended_at", "<", ago(rules.looseAfterMs))
    .orderBy("ended_at")
    .limit(batch)
    .execute();
  const before = new Date(Date.now() - rules.looseAfterMs);
  return ofEach(jobs, async (id) => {
    const accepted = await acceptedFolders(db, id);
    const keep = (key: string) => accepted.some((folder) => key.startsWith(folder));
    const removed = await storage.removeBelow(allOfJob(id), { before, keep });
    await db.updateTable("jobs").set({ trimmed_at: sql`now()` }).where("id", "=", id).execute();
    return removed;
  });
};

/** Removes all objects of jobs whose time is over. A job from whose source a later one works waits for that one's time. */
export const removeExpired: RetentionStep = async ({ db, storage, rules }) => {
  const jobs = await db
    .selectFrom("jobs")
    .select("id")
    .where("removed_at", "is", null)
    .where("ended_at", "<", ago(rules.keepMs + lastUseMs))
    .where(
      sql<boolean>`not exists (select from jobs later
        where split_part(later.known->>'source_key', '/', 2) = jobs.id and later.id <> jobs.id and later.removed_at is null)`,
    )
    .orderBy("ended_at")
    .limit(batch)
    .execute();
  return ofEach(jobs, async (id) => {
    const removed = await storage.removeBelow(allOfJob(id));
    await db.updateTable("jobs").set({ removed_at: sql`now()` }).where("id", "=", id).execute();
    return removed;
  });
};

async function ofEach(jobs: readonly { id: string }[], remove: (id: string) => Promise<Removed>) {
  const removed: Removed[] = [];
  for (const { id } of jobs) removed.push(await remove(id));
  return { removed: sumOf(removed), more: jobs.length === batch };
}

/** The folders of the executions whose keys its row names, or that of a job that works from its source, and of the edits of its words. */
async function acceptedFolders(db: Database, id: string): Promise<string[]> {
  const rows = await db
    .selectFrom("jobs")
    .select(["known", "request"])
    .where(sql<boolean>`(id = ${id} or split_part(known->>'source_key', '/', 2) = ${id})`)
    // A job whose own objects are gone renders nothing any more; and the index holds the others only.
    .where("removed_at", "is", null)
    .execute();
  const edits = await db
    .selectFrom("transcripts")
    .select("key")
    .where("key", "like", `${allOfJob(id)}%`)
    .execute();
  const folder = new RegExp(`"(${allOfJob(id)}[\\w/.-]+/)[\\w.-]+"`, "g");
  return [...JSON.stringify([rows, edits]).matchAll(folder)].map(([, path = ""]) => path);
}
