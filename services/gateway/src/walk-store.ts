import { allOfJob, jobsFolder, piecesFolder, transcriptsFolder } from "@viralclaw/contracts/ids";
import { sumOf } from "@viralclaw/storage/removal";
import { sql } from "kysely";
import { ago, type Database } from "./database.ts";
import type { RetentionStep, Rules, Step } from "./retention.ts";

/**
 * What no row tells of is found by walking through the store, a page at a time, once a day to its end. Where a walk has come to is
 * in the database: whichever gateway is next goes on from there.
 */
const walkEveryMs = 86_400_000;
/** Killed gateways leave a few. With more, and most of a page, the bucket or the database is a wrong one: nothing may be lost by that. */
const strangersAtMost = 20;

/**
 * Removes the folders of jobs that there are not (a gateway was killed between storing a file and accepting its job) and what was
 * written after all of a job was removed. Aborts what workers and gateways began to store and did not live to complete.
 */
export const removeOrphans: RetentionStep = async ({ db, storage, rules }) => {
  const before = new Date(Date.now() - rules.looseAfterMs);
  await storage.abortBegun(jobsFolder, before);
  return walk(db, jobsFolder, async (after) => {
    const { folders, next } = await storage.listFolders(jobsFolder, after);
    const ids = folders.map((folder) => folder.slice(jobsFolder.length, -1));
    const jobs = await db.selectFrom("jobs").select(["id", "removed_at"]).where("id", "=", sql<string>`any(${ids})`).execute();
    const strangers = ids.length - jobs.length;
    if (strangers > strangersAtMost && strangers > ids.length / 2)
      throw new Error(
        `Of ${ids.length} jobs in the store the database knows ${jobs.length}: it must be another store's, so none is removed.`,
      );
    const kept = new Set(jobs.filter(({ removed_at }) => removed_at === null).map(({ id }) => id));
    const removed = [];
    for (const id of ids.filter((one) => !kept.has(one))) removed.push(await storage.removeBelow(allOfJob(id), { before }));
    return { removed: sumOf(removed), next };
  });
};

/** Removes the transcripts that jobs share, once they are as old as a job's files may be: that sound is then recognised again. */
export const removeTranscripts = removeOld(transcriptsFolder, ({ keepMs }) => keepMs);

/** Removes the encoded pieces of videos that are not likely to be rendered again. */
export const removePieces = removeOld(piecesFolder, ({ piecesMs }) => piecesMs);

function removeOld(folder: string, keptMs: (rules: Rules) => number): RetentionStep {
  return async ({ db, storage, rules }) => {
    const before = new Date(Date.now() - keptMs(rules));
    return walk(db, folder, async (after) => {
      const { objects, next } = await storage.list(folder, after);
      const removed = await storage.remove(objects.filter(({ modifiedAt }) => modifiedAt < before));
      return { removed, next };
    });
  };
}

/** Does a page, which answers where the next begins, if there is one; nothing where a walk ended less than a day ago. */
async function walk(
  db: Database,
  folder: string,
  page: (after: string | undefined) => Promise<{ removed: Step["removed"]; next?: string }>,
): Promise<Step> {
  const rested = await db
    .selectFrom("store_walks")
    .select("folder")
    .where("folder", "=", folder)
    .where("ended_at", ">", ago(walkEveryMs))
    .executeTakeFirst();
  if (rested) return { removed: sumOf([]), more: false };
  const begun = await db.selectFrom("store_walks").select("after").where("folder", "=", folder).executeTakeFirst();
  const { removed, next } = await page(begun?.after ?? undefined);
  const now = { after: next ?? null, ended_at: next === undefined ? sql<Date>`now()` : null };
  await db
    .insertInto("store_walks")
    .values({ folder, ...now })
    .onConflict((conflict) => conflict.column("folder").doUpdateSet(now))
    .execute();
  return { removed, more: next !== undefined };
}
