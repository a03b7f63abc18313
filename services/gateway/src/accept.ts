import { trace } from "@opentelemetry/api";
import type { Bus } from "@viralclaw/bus/connect";
import { Accepted } from "@viralclaw/contracts/api";
import type { Priority } from "@viralclaw/contracts/facts";
import { limits } from "@viralclaw/contracts/limits";
import { pipeline, stageNames } from "@viralclaw/contracts/pipeline";
import type { Log } from "@viralclaw/runtime/log";
import type { Database, JobRequest } from "./database.ts";
import { keepAnswer, type Repeatable } from "./idempotency.ts";
import type { Caller } from "./keys.ts";
import { sendFact, writeFact } from "./outbox.ts";
import { positionOf } from "./view.ts";

const [firstStage] = stageNames;

/** What the customer asks for. */
export type Asked = Omit<JobRequest, "max_duration_ms" | "max_bytes" | "restyled_from"> & { priority: Priority };

export interface NewJob {
  id: string;
  caller: Caller;
  asked: Asked;
  /** Where the request may be repeated: its key and what it is. */
  repeatable?: Repeatable;
  fingerprint: string;
}

/**
 * Accepts a job and answers the body of the 202. The job's row, `job.requested` and the answer to a repeat are written in one
 * transaction: once this returns, the job cannot be lost, and it is accepted once.
 */
export async function acceptJob(
  deps: { db: Database; bus: Bus; log: Log },
  { id, caller, asked, repeatable, fingerprint }: NewJob,
): Promise<string> {
  const { priority, ...wanted } = asked;
  const request: JobRequest = {
    ...wanted,
    restyled_from: null,
    max_duration_ms: limits.maxVideoMs,
    max_bytes: limits.maxVideoBytes,
  };
  const trace_id = trace.getActiveSpan()?.spanContext().traceId ?? "";
  const identity = {
    run: 1,
    kind: "captions" as const,
    priority,
    customer_id: caller.customerId,
    key_id: caller.keyId,
    mode: caller.mode,
  };
  const { fact, answer } = await deps.db.transaction().execute(async (tx) => {
    await tx
      .insertInto("jobs")
      .values({
        id,
        ...identity,
        status: "queued",
        stage: firstStage,
        sequence: 1,
        request: JSON.stringify(request),
        known: JSON.stringify(request),
        runs: "{}",
        error: null,
        trace_id,
        ended_at: null,
        lost_since: null,
      })
      .execute();
    const accepted: typeof Accepted._output = {
      job_id: id,
      status: "queued",
      position: await positionOf(tx, { id, priority }),
      status_url: `/api/jobs/${id}`,
      trace_id,
    };
    const answer = JSON.stringify(Accepted.parse(accepted));
    if (repeatable) await keepAnswer(tx, repeatable, fingerprint, answer);
    return { fact: await writeFact(tx, pipeline[firstStage].takes, 1, { ...request, ...identity, job_id: id }), answer };
  });
  await sendFact(deps.db, deps.bus, deps.log, fact);
  return answer;
}
