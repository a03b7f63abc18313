import { trace } from "@opentelemetry/api";
import type { Bus } from "@viralclaw/bus/connect";
import { Accepted } from "@viralclaw/contracts/api";
import type { Priority } from "@viralclaw/contracts/facts";
import { limits } from "@viralclaw/contracts/limits";
import { pipeline, type Stage, stageNames } from "@viralclaw/contracts/pipeline";
import type { Log } from "@viralclaw/runtime/log";
import { addressOf } from "./address.ts";
import type { Database, JobRequest } from "./database.ts";
import { keepAnswer, type Repeatable } from "./idempotency.ts";
import type { Caller } from "./keys.ts";
import { sendFact, writeFact } from "./outbox.ts";
import { positionOf } from "./view.ts";

const [firstStage] = stageNames;

/** What the customer asks for. */
export type Asked = Omit<JobRequest, "max_duration_ms" | "max_bytes"> & { priority: Priority };

export interface NewJob {
  id: string;
  caller: Caller;
  asked: Asked;
  /** Where the request may be repeated: its key and what it is. */
  repeatable?: Repeatable;
  fingerprint: string;
  /** Where it enters the pipeline, and what is known by then; at its beginning where nothing is said. */
  entry?: { stage: Stage; known: Record<string, unknown> };
}

/**
 * Accepts a job and answers the body of the 202. The job's row, its first fact and the answer to a repeat are written in one
 * transaction: once this returns, the job cannot be lost, and it is accepted once.
 */
export async function acceptJob(
  deps: { db: Database; bus: Bus; log: Log; publicUrl?: string },
  { id, caller, asked, repeatable, fingerprint, entry = { stage: firstStage, known: {} } }: NewJob,
): Promise<string> {
  const { priority, ...wanted } = asked;
  const request: JobRequest = {
    ...wanted,
    max_duration_ms: limits.maxVideoMs,
    max_bytes: limits.maxVideoBytes,
  };
  const known = { ...request, ...entry.known };
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
        stage: entry.stage,
        sequence: 1,
        request: JSON.stringify(request),
        known: JSON.stringify(known),
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
      status_url: addressOf(`/api/jobs/${id}`, deps),
      trace_id,
    };
    const answer = JSON.stringify(Accepted.parse(accepted));
    if (repeatable) await keepAnswer(tx, repeatable, fingerprint, answer);
    return { fact: await writeFact(tx, pipeline[entry.stage].takes, 1, { ...known, ...identity, job_id: id }), answer };
  });
  await sendFact(deps.db, deps.bus, deps.log, fact);
  return answer;
}
