import { metrics } from "@opentelemetry/api";
import type { Bus } from "@viralclaw/bus/connect";
import type { JobStatus } from "@viralclaw/contracts/api";
import { DeclaredError } from "@viralclaw/contracts/errors";
import type { Fact, FactName } from "@viralclaw/contracts/facts";
import { pipeline, type Result, type Stage, stageNames } from "@viralclaw/contracts/pipeline";
import type { Log } from "@viralclaw/runtime/log";
import { type Selectable, sql } from "kysely";
import type { Database, Tables } from "./database.ts";
import { sendFact, writeFact } from "./outbox.ts";

const meter = metrics.getMeter("@viralclaw/gateway");
const ended = meter.createCounter("viralclip_jobs", { description: "Jobs that have ended, by status" });
const lasted = meter.createHistogram("viralclip_job_duration_seconds", {
  unit: "s",
  description: "From POST to the end",
  advice: { explicitBucketBoundaries: [1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1800] },
});

export const endedStatuses: readonly JobStatus[] = ["done", "failed", "cancelled"];

/**
 * Takes the result of a stage and decides, once, what it means for the job: the next fact, or its end.
 * The row is locked, so of two results for the same stage the first one counts; a result of an earlier run, of another stage
 * than the one awaited, or for a job that has ended changes nothing. The fact is sent after the commit, by the relay if need be.
 */
export async function advance(result: Result, { db, bus, log }: { db: Database; bus: Bus; log: Log }): Promise<void> {
  const about = { job_id: result.job_id, stage: result.stage, run: result.run, execution_id: result.execution_id };
  const fact = await db.transaction().execute(async (tx): Promise<Fact | undefined> => {
    const job = await tx.selectFrom("jobs").selectAll().where("id", "=", result.job_id).forUpdate().executeTakeFirst();
    if (!job || endedStatuses.includes(job.status) || job.run !== result.run || job.stage !== result.stage) {
      log.info({ ...about, status: job?.status, awaited: job?.stage }, "a late result was dropped");
      return undefined;
    }
    const next = decide(job, result);
    const sequence = job.sequence + 1;
    await tx
      .updateTable("jobs")
      .set({
        status: next.status,
        stage: next.stage,
        sequence,
        lost_since: null,
        known: JSON.stringify(next.known),
        runs: JSON.stringify({
          ...job.runs,
          [result.stage]: { attempts: result.attempt, waited_ms: result.waited_ms, ran_ms: result.ran_ms },
        }),
        error: result.outcome.ok ? null : JSON.stringify(result.outcome.error),
        ...(endedStatuses.includes(next.status) ? { ended_at: sql<Date>`clock_timestamp()` } : {}),
      })
      .where("id", "=", job.id)
      .execute();
    const fact = await writeFact(tx, next.fact, sequence, factData(job, result, next.known));
    if (endedStatuses.includes(next.status)) {
      ended.add(1, { status: next.status });
      lasted.record((Date.now() - job.created_at.getTime()) / 1000, { status: next.status });
    }
    return fact;
  });
  if (fact) await sendFact(db, bus, log, fact);
}

type JobRow = Selectable<Tables["jobs"]>;

interface Decision {
  status: JobStatus;
  stage: Stage;
  fact: FactName;
  known: Record<string, unknown>;
}

/** What a result means, from the pipeline table alone. */
export function decide(job: Pick<JobRow, "known">, result: Pick<Result, "stage" | "outcome">): Decision {
  if (!result.outcome.ok) return { status: "failed", stage: result.stage, fact: "job.failed", known: job.known };
  const fact = pipeline[result.stage].leadsTo;
  const known = { ...job.known, ...pipeline[result.stage].gives.parse(result.outcome.data) };
  const stage = stageNames.find((name) => pipeline[name].takes === fact);
  return stage ? { status: "processing", stage, fact, known } : { status: "done", stage: result.stage, fact, known };
}

/** All that is known of the job; the fact's schema keeps its part. */
function factData(job: JobRow, result: Result, known: Record<string, unknown>): Record<string, unknown> {
  const failure = result.outcome.ok ? {} : { stage: result.stage, error: result.outcome.error };
  return { ...known, ...failure, ...identityOf(job) };
}

/** What every fact says of its job. */
export function identityOf({ id, run, kind, priority, customer_id, key_id, mode }: JobRow) {
  return { job_id: id, run, kind, priority, customer_id, key_id, mode };
}

/** A job that is not there, or another customer's: to the caller the same. */
export const noSuchJob = (jobId: string) => new DeclaredError("job_not_found", { job_id: jobId });
