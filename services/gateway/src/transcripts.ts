import { DeclaredError } from "@viralclaw/contracts/errors";
import { idPrefixes, jobFolder } from "@viralclaw/contracts/ids";
import { spaceBetweenWords } from "@viralclaw/contracts/languages";
import { Transcript, type Word } from "@viralclaw/contracts/transcript";
import type { GivenWord } from "@viralclaw/contracts/wording";
import type { Storage } from "@viralclaw/storage/storage";
import { typeidUnboxed } from "typeid-js";
import type { Database } from "./database.ts";
import { hasEnded, type JobRow } from "./job.ts";
import { InvalidRequest } from "./problems.ts";
import { cleanWords } from "./wording.ts";

/**
 * The versions of a job's transcript. The first is what the transcriber made, or, of a restyled job, what it was given; each edit
 * is another, kept for good: undoing an edit is putting an older version's words again.
 */
export interface Version {
  version: number;
  /** In the store. */
  key: string;
}

/**
 * A version of a job's transcript, the newest where none is named. Throws transcript_version_not_found, and, where there is no
 * transcript at all, transcript_not_ready or transcript_not_made.
 */
export async function versionOf(db: Database, job: JobRow, wanted?: number): Promise<Version> {
  const first = firstVersion(job);
  const edits = await db
    .selectFrom("transcripts")
    .select(["version", "key"])
    .where("job_id", "=", job.id)
    .orderBy("version")
    .execute();
  const versions = [first, ...edits];
  const current = versions.at(-1) ?? first;
  const found = wanted === undefined ? current : versions.find(({ version }) => version === wanted);
  if (found) return found;
  const params = { job_id: job.id, first: first.version, current: current.version, version: wanted ?? 0 };
  throw new DeclaredError("transcript_version_not_found", params);
}

function firstVersion(job: JobRow): Version {
  const { transcript_key: key, transcript_version: version = 1 } = job.known as {
    transcript_key?: string;
    transcript_version?: number;
  };
  if (key === undefined) throw notThere(job, "transcript");
  return { version, key };
}

/** Of something that a job may yet make, or never will. */
export function notThere(job: JobRow, what: string): DeclaredError {
  const code = hasEnded(job) ? "transcript_not_made" : "transcript_not_ready";
  return new DeclaredError(code, { job_id: job.id, status: job.status, what });
}

/** What a version holds. */
export async function readVersion(job: JobRow, { version, key }: Version, storage: Storage): Promise<Transcript> {
  const text = await storage.getText(key);
  if (text === undefined) throw notThere(job, "transcript");
  return { ...Transcript.parse(JSON.parse(text)), version };
}

export interface Edit {
  /** The version that was edited. */
  base: number;
  words: readonly GivenWord[];
}

/**
 * Keeps edited words as the newest version, and answers it. Of two edits of one version the table's key lets one through, so no row
 * is locked while the store is read and written. Throws transcript_conflict where another edit came first; invalid_request, which
 * names the word, for one that begins after the end of the video.
 */
export async function editTranscript(
  job: JobRow,
  { base, words }: Edit,
  { db, storage }: { db: Database; storage: Storage },
): Promise<Transcript> {
  const current = await versionOf(db, job);
  if (current.version !== base) throw conflictOf(job, base, current);
  const [before, first] = await Promise.all([current, firstVersion(job)].map((one) => readVersion(job, one, storage)));
  if (!before || !first) throw notThere(job, "transcript");
  const next = edited(before, words, first);
  const folder = jobFolder(folderOf(job), "edit", typeidUnboxed(idPrefixes.execution));
  const key = `${folder}/transcript.json`;
  await storage.putText(key, JSON.stringify(next), "application/json");
  const kept = await db
    .insertInto("transcripts")
    .values({ job_id: job.id, version: next.version, key })
    .onConflict((conflict) => conflict.columns(["job_id", "version"]).doNothing())
    .returning("version")
    .executeTakeFirst();
  if (kept) return next;
  // What cannot be removed now goes with the job's files.
  await storage.removeBelow(folder).catch(() => undefined);
  throw conflictOf(job, base, await versionOf(db, job));
}

const conflictOf = ({ id: job_id }: JobRow, version: number, current: Version) =>
  new DeclaredError("transcript_conflict", { job_id, version, current: current.version });

/**
 * The job in whose folder a job's video is: the original, where it is a restyle. What was edited lies there too, so that it is kept
 * as long as any job that works from it.
 */
const folderOf = ({ id, known }: JobRow) =>
  (typeof known.source_key === "string" ? known.source_key.split("/")[1] : undefined) ?? id;

/** Times that the first version has not are the customer's. */
function edited(before: Transcript, given: readonly GivenWord[], first: Transcript): Transcript {
  const late = given.findIndex(({ start_ms }) => start_ms >= before.duration_ms);
  if (late !== -1) {
    const message = `is ${given[late]?.start_ms}, and the video ends at ${before.duration_ms}`;
    throw new InvalidRequest([{ field: `words.${late}.start_ms`, message }]);
  }
  const words = cleanWords(given).map((word) => ({ ...word, end_ms: Math.min(word.end_ms, before.duration_ms) }));
  const times = new Set(first.words.map(timeOf));
  const { not_heard: _, ...kept } = before;
  return {
    ...kept,
    version: before.version + 1,
    timing_source: words.every((word) => times.has(timeOf(word))) ? first.timing_source : "customer",
    text: words.map(({ text }) => text).join(spaceBetweenWords(before.language)),
    words,
  };
}

const timeOf = ({ start_ms, end_ms }: Word) => `${start_ms}-${end_ms}`;
