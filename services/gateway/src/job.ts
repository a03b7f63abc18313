import { metrics } from "@opentelemetry/api";
import type { JobStatus } from "@viralclaw/contracts/api";
import { DeclaredError } from "@viralclaw/contracts/errors";
import type { Fact, FactName } from "@viralclaw/contracts/facts";
import { type Selectable, sql, type Transaction } from "kysely";
import type { Tables } from "./database.ts";
import { writeFact } from "./outbox.ts";

/** A job's row, and the one way in which it changes once it was accepted: a step, which a fact tells. */
export type JobRow = Selectable<Tables["jobs"]>;

const endedStatuses: readonly JobStatus[] = ["done", "failed", "cancelled"];

export const hasEnded = ({ status }: Pick<JobRow, "status">) => endedStatuses.includes(status);

/** A job that is not there, or another customer's: to the caller the same. */
export const noSuchJob = (jobId: string) => new DeclaredError("job_not_found", { job_id: jobId });

/** When the files of a job that has ended are removed. */
export const filesExpireAt = ({ ended_at }: JobRow, retentionDays: number) =>
  ended_at && new Date(ended_at.getTime() + keepMs(retentionDays));

/** Whether they are gone, or about to be. */
export const filesExpired = (job: JobRow, retentionDays: number) =>
  job.removed_at !== null || (filesExpireAt(job, retentionDays)?.getTime() ?? Number.POSITIVE_INFINITY) <= Date.now();

export const keepMs = (retentionDays: number) => retentionDays * 86_400_000;

/** The row of a job, locked until the transaction ends: whoever else would change it waits. */
export function lockJob(tx: Transaction<Tables>, id: string): Promise<JobRow | undefined> {
  return tx.selectFrom("jobs").selectAll().where("id", "=", id).forUpdate().executeTakeFirst();
}

export interface Step {
  /** What changes; the rest of the row stays. */
  set: Partial<Pick<JobRow, "status" | "stage" | "run" | "known" | "runs" | "error">>;
  /** What tells it. Its data is the schema's part of all that is known of the job. */
  fact: FactName;
  /** What the fact says beside. */
  says?: Record<string, unknown>;
}

const meter = metrics.getMeter("@viralclaw/gateway");
const ended = meter.createCounter("viralclip_jobs", { description: "Jobs that have ended, by status" });
const lasted = meter.createHistogram("viralclip_job_duration_seconds", {
  unit: "s",
  description: "From POST to the end",
  advice: { explicitBucketBoundaries: [1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1800] },
});

/** Takes a locked job a step further and writes the fact that tells it, which the caller sends after the commit. */
export async function takeStep(
  tx: Transaction<Tables>,
  job: JobRow,
  { set, fact, says }: Step,
): Promise<{ job: JobRow; fact: Fact }> {
  const next = { ...job, ...set };
  const { status, stage, run, known, runs, error } = next;
  const stepped = await tx
    .updateTable("jobs")
    .set({
      status,
      stage,
      run,
      sequence: job.sequence + 1,
      lost_since: null,
      known: JSON.stringify(known),
      runs: JSON.stringify(runs),
      error: error && JSON.stringify(error),
      ended_at: hasEnded(next) ? sql<Date>`clock_timestamp()` : null,
    })
    .where("id", "=", job.id)
    .returningAll()
    .executeTakeFirstOrThrow();
  if (hasEnded(next)) {
    ended.add(1, { status });
    lasted.record((Date.now() - job.created_at.getTime()) / 1000, { status });
  }
  const identity = {
    job_id: job.id,
    run,
    kind: job.kind,
    priority: job.priority,
    customer_id: job.customer_id,
    key_id: job.key_id,
    mode: job.mode,
  };
  return { job: stepped, fact: await writeFact(tx, fact, stepped.sequence, { ...known, ...says, ...identity }) };
}
