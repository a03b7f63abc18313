import { setTimeout as sleep } from "node:timers/promises";
import type { Fact, FactData, Priority } from "@viralclaw/contracts/facts";
import { limits } from "@viralclaw/contracts/limits";
import type { Given, Result } from "@viralclaw/contracts/pipeline";
import { natsForTest } from "@viralclaw/embedded/testing";
import { typeidUnboxed } from "typeid-js";
import { type BusOptions, connectBus } from "./connect.ts";
import { consumeResults } from "./results.ts";
import { type StageContext, type Workers, work } from "./work.ts";

/** A bus on a NATS of its own, somebody who takes the results, and workers as a test wants them. */
export async function startBus(options: Pick<BusOptions, "leaseMs"> = {}) {
  const nats = await natsForTest();
  const bus = await connectBus({ url: nats.url, name: "bus test", log: quiet, ...options });
  const results: Result[] = [];
  const stopResults = consumeResults(bus, async (result) => void results.push(result), quiet);

  /** A transcriber whose ingest is `run`. */
  async function serve(run: (fact: FactData<"job.requested">, context: StageContext) => Promise<Given<"ingest">>, slots = 1) {
    const taken: { data: FactData<"job.requested">; context: StageContext }[] = [];
    const ingest = {
      slots,
      run: (data: FactData<"job.requested">, context: StageContext) => {
        taken.push({ data, context });
        return run(data, context);
      },
    };
    const transcribe = { slots: 1, run: () => Promise.reject(new Error("not used")) };
    const workers: Workers = work<"transcriber">(bus, { ingest, transcribe }, { log: quiet, pullDelayMs: 0 });
    return { taken, workers, [Symbol.asyncDispose]: () => workers.stop(stopWithinMs) };
  }

  async function resultOf(fact: Fact): Promise<Result> {
    for (;;) {
      const found = results.find(({ job_id }) => job_id === fact.data.job_id);
      if (found) return found;
      await sleep(10);
    }
  }

  async function stop() {
    await stopResults();
    await bus[Symbol.asyncDispose]();
    await nats.stop();
  }
  return { bus, url: nats.url, results, serve, resultOf, stop };
}

export const quiet = { debug() {}, info() {}, warn() {}, error() {} };
/** What workers get to hand over their runs. */
export const stopWithinMs = 50;

/** What an ingest answers. */
export const ingested: Given<"ingest"> = {
  source_key: "jobs/x/ingest/y/source",
  source_bytes: 1000,
  duration_ms: 5000,
  tier: "up_to_1_min",
  video: {
    stream_index: 0,
    codec: "h264",
    width: 1080,
    height: 1920,
    rotation: 0,
    fps: 30,
    pixel_format: "yuv420p",
    color_transfer: null,
    start_ms: 0,
  },
  audio: { stream_index: 1, codec: "aac", start_ms: 0, duration_ms: 5000 },
};

export function requested({
  priority = 3,
  traceparent = null,
}: {
  priority?: Priority;
  traceparent?: string | null;
} = {}): Fact<"job.requested"> {
  const data: FactData<"job.requested"> = {
    job_id: typeidUnboxed("job"),
    run: 1,
    kind: "captions",
    priority,
    customer_id: typeidUnboxed("cus"),
    key_id: typeidUnboxed("key"),
    mode: "test",
    language: "pt",
    style: "hormozi",
    style_overrides: null,
    quality: "balanced",
    max_result_bytes: null,
    restyled_from: null,
    wording: null,
    source: { type: "url", url: "https://example.com/talk.mp4" },
    max_duration_ms: limits.maxVideoMs,
    max_bytes: limits.maxVideoBytes,
  };
  return { id: typeidUnboxed("evt"), name: "job.requested", data, traceparent, createdAt: new Date() };
}

/** The job's end, by its customer or by another run of the stage. */
export function endingOf({ data }: Fact<"job.requested">, name: "job.cancelled" | "job.failed"): Fact {
  const told = { ...data, stage: "ingest", webhook_url: null, metadata: null };
  const error = { code: "no_speech", params: {} } as const;
  return { id: typeidUnboxed("evt"), name, data: { ...told, error }, traceparent: null, createdAt: new Date() };
}
