import { trace } from "@opentelemetry/api";
import type { Bus } from "@viralclaw/bus/connect";
import type { Priority } from "@viralclaw/contracts/facts";
import { pipeline, stageNames } from "@viralclaw/contracts/pipeline";
import type { Log } from "@viralclaw/runtime/log";
import type { Database, JobRequest } from "./database.ts";
import type { Caller } from "./keys.ts";
import { sendFact, writeFact } from "./outbox.ts";

const [firstStage] = stageNames;

/**
 * Accepts a job: its row and `job.requested` are written in one transaction, so that once this returns the job cannot be
 * lost. Returns the trace it runs under.
 */
export async function acceptJob(
  deps: { db: Database; bus: Bus; log: Log },
  job: { id: string; caller: Caller; priority: Priority; request: JobRequest },
): Promise<{ traceId: string }> {
  const { id, caller, priority, request } = job;
  const traceId = trace.getActiveSpan()?.spanContext().traceId ?? "";
  const identity = {
    job_id: id,
    run: 1,
    kind: "captions" as const,
    priority,
    customer_id: caller.customerId,
    key_id: caller.keyId,
    mode: caller.mode,
  };
  const fact = await deps.db.transaction().execute(async (tx) => {
    await tx
      .insertInto("jobs")
      .values({
        id,
        customer_id: caller.customerId,
        key_id: caller.keyId,
        kind: "captions",
        mode: caller.mode,
        priority,
        status: "queued",
        stage: firstStage,
        run: 1,
        sequence: 1,
        request: JSON.stringify(request),
        known: JSON.stringify({ ...request }),
        runs: "{}",
        error: null,
        trace_id: traceId,
        ended_at: null,
        lost_since: null,
      })
      .execute();
    return writeFact(tx, pipeline[firstStage].takes, 1, { ...request, ...identity });
  });
  await sendFact(deps.db, deps.bus, deps.log, fact);
  return { traceId };
}
