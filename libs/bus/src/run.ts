import { setTimeout as sleep } from "node:timers/promises";
import { metrics } from "@opentelemetry/api";
import { DeclaredError, type ErrorCode, type ErrorParams, errors } from "@viralclaw/contracts/errors";
import type { Fact, FactName } from "@viralclaw/contracts/facts";
import { idPrefixes } from "@viralclaw/contracts/ids";
import { pipeline, type Result, type Stage, type Taken } from "@viralclaw/contracts/pipeline";
import { typeidUnboxed } from "typeid-js";
import type { Bus, BusLog } from "./connect.ts";
import { EndedAbort, type Endings } from "./ended.ts";
import { keepLease } from "./lease.ts";
import { inMessageSpan, publishProgress, publishResult, readFact } from "./message.ts";
import type { Delivery } from "./pull.ts";
import type { Handler } from "./work.ts";

/** The reason of an abort when the process is told to end: the message goes back for another worker. */
export class ShutdownAbort extends Error {}

/** Four updates a second are as many as a person sees. */
const progressEveryMs = 250;
/** A handler that does not end after an abort is left behind: its children are dead, its result will be dropped. */
const abortGraceMs = 10_000;
const publishRetryMs = 1_000;

const meter = metrics.getMeter("@viralclaw/bus");
const runs = meter.createCounter("viralclip_stage_runs", { description: "Runs of a stage by outcome" });
const durations = meter.createHistogram("viralclip_stage_duration_seconds", {
  unit: "s",
  advice: { explicitBucketBoundaries: [0.1, 0.5, 1, 2, 5, 10, 30, 60, 120, 300, 600] },
});

type Outcome =
  | { kind: "result"; outcome: Result["outcome"] }
  | { kind: "retry"; delayMs: number; code: ErrorCode }
  | { kind: "handed over" }
  | { kind: "job ended"; by: FactName };

/**
 * Runs one delivery of a stage's message to its end: heartbeat, attempts, longest run, retry delays, result, ack.
 * A result is on the broker's disk before the message is acked, so a crash between the two repeats the work and loses nothing.
 * A run that has lost its lease may still bring a good result, of which `advance` takes the first; to fail or to ask for another
 * attempt is then the new owner's.
 */
export async function runDelivery(bus: Bus, stage: Stage, handler: Handler<Stage>, message: Delivery, options: DeliveryOptions) {
  let fact: Fact;
  try {
    fact = readFact(pipeline[stage].takes, message);
  } catch (error) {
    options.log.error({ err: error, stage, subject: message.subject }, "a message that is not the declared fact was dropped");
    return message.term("not the declared fact");
  }
  await inMessageSpan(`process ${stage}`, message, fact.id, async () => {
    const { job_id, run } = fact.data;
    const attempt = message.count;
    const executionId = typeidUnboxed(idPrefixes.execution);
    const startedAt = Date.now();
    const lease = keepLease(bus.leaseMs, () => {
      message.working();
      void options.endings.look(fact.data);
    });
    try {
      const outcome = await attemptRun(bus, stage, handler, fact, { attempt, executionId, ...options });
      const ran_ms = Date.now() - startedAt;
      const waited_ms = Math.max(0, startedAt - fact.createdAt.getTime());
      const lease_lost = lease.isLost();
      if (lease_lost && !isGood(outcome)) {
        // Not a word to the broker.
      } else if (outcome.kind === "result") {
        await publishUntilTaken(
          bus,
          {
            job_id,
            run,
            stage,
            fact_id: fact.id,
            execution_id: executionId,
            attempt,
            waited_ms,
            ran_ms,
            outcome: outcome.outcome,
          },
          options,
        );
        await message.ack();
      } else if (outcome.kind === "job ended") await message.ack();
      else message.nak(outcome.kind === "retry" ? outcome.delayMs : 0);
      const told = describe(outcome);
      runs.add(1, { stage, outcome: told.outcome });
      durations.record(ran_ms / 1000, { stage, outcome: told.outcome });
      options.log.info(
        { job_id, run, stage, attempt, execution_id: executionId, waited_ms, ran_ms, lease_lost, ...told },
        "stage run ended",
      );
    } finally {
      lease.release();
    }
  });
}

interface DeliveryOptions {
  log: BusLog;
  endings: Endings;
  maxRunMs?: number;
  /** Aborted when the process must end. */
  aborted: AbortSignal;
}

interface RunOptions extends DeliveryOptions {
  attempt: number;
  executionId: string;
}

async function attemptRun(
  bus: Bus,
  stage: Stage,
  handler: Handler<Stage>,
  fact: Fact,
  { attempt, executionId, log, endings, maxRunMs, aborted }: RunOptions,
): Promise<Outcome> {
  const { attempts, retryDelaysMs } = pipeline[stage];
  const longestRunMs = Math.min(pipeline[stage].longestRunMs, maxRunMs ?? Number.POSITIVE_INFINITY);
  const { job_id, run } = fact.data;
  // Whoever had the earlier deliveries never said how they ended: this message kills workers.
  if (attempt > attempts) return failure("worker_died", { stage, attempts });
  const limit = new AbortController();
  const timer = setTimeout(
    () => limit.abort(new DeclaredError("stage_timeout", { stage, max_s: longestRunMs / 1000 })),
    longestRunMs,
  );
  const ended = endings.watch(job_id);
  const signal = AbortSignal.any([limit.signal, aborted, ended.signal]);
  const at = { job_id, run, stage, execution_id: executionId, attempt };
  const tell = throttled(progressEveryMs, (fraction: number) => publishProgress(bus, { ...at, progress: clamp(fraction) }));
  try {
    await endings.look(fact.data);
    signal.throwIfAborted();
    tell(0);
    const context = { jobId: job_id, executionId, attempt, signal, log, progress: tell };
    const data = await orAbandoned(handler(fact.data as Taken<Stage>, context), signal);
    return { kind: "result", outcome: { ok: true, data: pipeline[stage].gives.parse(data) } };
  } catch (error) {
    const reason: unknown = signal.aborted ? signal.reason : error;
    if (reason instanceof ShutdownAbort) return { kind: "handed over" };
    if (reason instanceof EndedAbort) return { kind: "job ended", by: reason.ending };
    const declared = reason instanceof DeclaredError ? reason : new DeclaredError("stage_failed", { stage }, { cause: reason });
    log[declared.code === "stage_failed" ? "error" : "warn"](
      { err: declared.cause ?? declared, job_id, stage, attempt, code: declared.code },
      "stage run failed",
    );
    const { code, params } = declared;
    if (!errors[code].retryable || attempt >= attempts) return failure(code, params);
    publishProgress(bus, { ...at, progress: 0, error: { code, params } });
    return { kind: "retry", delayMs: retryDelaysMs[attempt - 1] ?? retryDelaysMs.at(-1) ?? 0, code };
  } finally {
    clearTimeout(timer);
    ended.release();
    tell.cancel();
  }
}

const isGood = (outcome: Outcome) => outcome.kind === "result" && outcome.outcome.ok;
const failure = (code: ErrorCode, params: ErrorParams): Outcome => ({
  kind: "result",
  outcome: { ok: false, error: { code, params } },
});
const clamp = (fraction: number) => Math.min(1, Math.max(0, fraction));

function describe(outcome: Outcome): { outcome: string; code?: ErrorCode } {
  if (outcome.kind === "handed over") return { outcome: "handed_over" };
  if (outcome.kind === "job ended") return { outcome: outcome.by === "job.cancelled" ? "cancelled" : "superseded" };
  if (outcome.kind === "retry") return { outcome: "retry", code: outcome.code };
  return outcome.outcome.ok ? { outcome: "done" } : { outcome: "failed", code: outcome.outcome.error.code };
}

/** The handler's promise, or a rejection where it has not ended `abortGraceMs` after the abort. */
function orAbandoned<T>(handler: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    let timer: NodeJS.Timeout | undefined;
    const onAbort = () => {
      timer = setTimeout(() => reject(signal.reason), abortGraceMs);
    };
    signal.addEventListener("abort", onAbort, { once: true });
    handler.then(resolve, reject).finally(() => {
      clearTimeout(timer);
      signal.removeEventListener("abort", onAbort);
    });
  });
}

/** Sends a result until the broker has it: the work is done and must not be done again for a broker that restarts. */
async function publishUntilTaken(
  bus: Bus,
  result: Result,
  { log, aborted }: { log: BusLog; aborted: AbortSignal },
): Promise<void> {
  for (;;) {
    try {
      return await publishResult(bus, result);
    } catch (error) {
      if (aborted.aborted || bus.nc.isClosed()) throw error;
      log.warn({ err: error, job_id: result.job_id, stage: result.stage }, "the result is not on the broker yet");
      await bus.ensureTopology().catch(() => undefined);
      await sleep(publishRetryMs);
    }
  }
}

/** Calls at most every `everyMs`, and once more with the last value that was held back. */
function throttled(everyMs: number, call: (value: number) => void): ((value: number) => void) & { cancel(): void } {
  let last = 0;
  let held: NodeJS.Timeout | undefined;
  const now = (value: number) => {
    last = Date.now();
    call(value);
  };
  const tell = (value: number) => {
    clearTimeout(held);
    const wait = last + everyMs - Date.now();
    if (wait <= 0) now(value);
    else held = setTimeout(now, wait, value);
  };
  return Object.assign(tell, { cancel: () => clearTimeout(held) });
}
