import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { DeclaredError } from "@viralclaw/contracts/errors";
import type { Fact, FactData, Priority } from "@viralclaw/contracts/facts";
import { limits } from "@viralclaw/contracts/limits";
import { type Given, type Progress, progressFilter, type Result, streams } from "@viralclaw/contracts/pipeline";
import { natsForTest } from "@viralclaw/embedded/testing";
import { typeidUnboxed } from "typeid-js";
import { type Bus, connectBus, isNewEnough } from "./connect.ts";
import { publishFact, readFact } from "./message.ts";
import { answerPings, pingWorkers } from "./ping.ts";
import { consumeResults } from "./results.ts";
import { stageConsumer } from "./topology.ts";
import { type StageContext, type Workers, work } from "./work.ts";

const quiet = { debug() {}, info() {}, warn() {}, error() {} };
const stopWithinMs = 50;

let nats: Awaited<ReturnType<typeof natsForTest>>;
let bus: Bus;
const results: Result[] = [];
let stopResults: () => Promise<void>;

before(async () => {
  nats = await natsForTest();
  bus = await connectBus({ url: nats.url, name: "bus test", log: quiet });
  stopResults = consumeResults(bus, async (result) => void results.push(result), quiet);
});
after(async () => {
  await stopResults();
  await bus[Symbol.asyncDispose]();
  await nats.stop();
});

test("a fact arrives as it was sent: data, id, time and trace", async () => {
  const fact = requested({ traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01" });
  await using seen = await serve(async () => ingested);
  await publishFact(bus, fact);
  const result = await resultOf(fact);
  assert.equal(result.fact_id, fact.id);
  assert.deepEqual(seen.taken[0]?.data, fact.data);
});

test("its headers are a CloudEvent 1.0 in binary mode, in the trace it was written in", async () => {
  const fact = requested({ traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01" });
  const arrived = new Promise<Map<string, string>>((resolve) => {
    bus.nc.subscribe(`viralclaw.job.captions.requested.3.${fact.data.job_id}`, {
      max: 1,
      callback: (_, { headers }) => resolve(new Map(headers?.keys().map((key) => [key, headers.get(key)]))),
    });
  });
  await using _ = await serve(async () => ingested);
  await publishFact(bus, fact);
  const headers = await arrived;
  assert.equal(headers.get("ce-specversion"), "1.0");
  assert.equal(headers.get("ce-id"), fact.id);
  assert.equal(headers.get("ce-type"), "viralclaw.job.requested.v1");
  assert.equal(headers.get("ce-subject"), fact.data.job_id);
  assert.equal(headers.get("ce-time"), fact.createdAt.toISOString());
  assert.equal(headers.get("content-type"), "application/json");
  await resultOf(fact);
});

test("a fact that is sent twice is run once", async () => {
  const fact = requested();
  await using seen = await serve(async () => ingested);
  await publishFact(bus, fact);
  await publishFact(bus, fact);
  await resultOf(fact);
  await sleep(200);
  assert.equal(seen.taken.length, 1);
});

test("a fact that does not fit its schema, or is over 8 kB, is not sent", async () => {
  const wrong = requested();
  await assert.rejects(publishFact(bus, { ...wrong, data: { ...wrong.data, priority: 6 as Priority } }), /priority/);
  const long = requested();
  const source = { type: "url" as const, url: `https://example.com/${"x".repeat(limits.maxFactBytes)}` };
  await assert.rejects(publishFact(bus, { ...long, data: { ...long.data, source } }), /over 8192/);
});

test("a message that is not the declared fact is dropped, and the next one is served", async () => {
  const fact = requested();
  await using seen = await serve(async () => ingested);
  await bus.js.publish(`viralclaw.job.captions.requested.3.${typeidUnboxed("job")}`, "{}");
  await publishFact(bus, fact);
  await resultOf(fact);
  assert.equal(seen.taken.length, 1);
});

test("the most urgent waits least, and the least urgent is not starved", async () => {
  const order: Priority[] = [];
  const urgent = Array.from({ length: 12 }, () => requested({ priority: 1 }));
  const patient = requested({ priority: 5 });
  for (const fact of [patient, ...urgent]) await publishFact(bus, fact);
  await using _ = await serve(async (fact) => {
    order.push(fact.priority);
    return ingested;
  });
  await Promise.all([patient, ...urgent].map(resultOf));
  assert.equal(order.indexOf(5), 7, `served in the order ${order}`);
});

test("what may succeed later is tried again after the delay of the table, and succeeds", async () => {
  const fact = requested();
  const attempts: number[] = [];
  await using _ = await serve(async (_fact, { attempt }) => {
    attempts.push(attempt);
    if (attempt === 1) throw new DeclaredError("source_unreachable", { host: "example.com", reason: "reset" });
    return ingested;
  });
  await publishFact(bus, fact);
  const result = await resultOf(fact);
  assert.deepEqual(attempts, [1, 2]);
  assert.equal(result.attempt, 2);
  assert.equal(result.outcome.ok, true);
});

test("what cannot succeed fails at once, with its code and params", async () => {
  const fact = requested();
  await using seen = await serve(async () => {
    throw new DeclaredError("video_too_long", { duration_s: 400, max_s: 300 });
  });
  await publishFact(bus, fact);
  const { outcome } = await resultOf(fact);
  assert.deepEqual(outcome, { ok: false, error: { code: "video_too_long", params: { duration_s: 400, max_s: 300 } } });
  assert.equal(seen.taken.length, 1);
});

test("a delivery beyond the attempts of the table is not run: the worker died", async () => {
  const fact = requested({ priority: 4 });
  await publishFact(bus, fact);
  // Four workers took it and fell silent: each delivery is given back unrun.
  for (let taken = 0; taken < 4; ) {
    const answer = await bus.nc.request(
      `$JS.API.CONSUMER.MSG.NEXT.FACTS.${stageConsumer("ingest", 4)}`,
      '{"batch":1,"no_wait":true}',
      { noMux: true, timeout: 1000 },
    );
    if (answer.headers?.code) continue;
    answer.respond("-NAK");
    taken++;
  }
  await using seen = await serve(async () => ingested);
  const { outcome } = await resultOf(fact);
  assert.deepEqual(outcome, { ok: false, error: { code: "worker_died", params: { stage: "ingest", attempts: 4 } } });
  assert.equal(seen.taken.length, 0);
});

test("a worker that is told to end hands its run over at once", async () => {
  const fact = requested();
  const begun = Promise.withResolvers<void>();
  const first = await serve(async (_fact, { signal }) => {
    begun.resolve();
    await new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
    return ingested;
  });
  await publishFact(bus, fact);
  await begun.promise;
  await first.workers.stop(stopWithinMs);
  await using second = await serve(async () => ingested);
  const result = await resultOf(fact);
  assert.equal(result.attempt, 2);
  assert.equal(second.taken.length, 1);
});

test("a run whose job is cancelled is aborted and gives no result; the next job is served", async () => {
  const fact = requested();
  const begun = Promise.withResolvers<AbortSignal>();
  await using seen = await serve(async (data, { signal }) => {
    if (data.job_id !== fact.data.job_id) return ingested;
    begun.resolve(signal);
    return new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
  });
  await publishFact(bus, fact);
  const signal = await begun.promise;
  await publishFact(bus, cancelled(fact));
  const next = requested();
  await publishFact(bus, next);
  await resultOf(next);
  assert.ok(signal.aborted);
  assert.ok(!results.some(({ job_id }) => job_id === fact.data.job_id));
  assert.equal(seen.taken.length, 2);
});

test("a job that is cancelled before its run begins is not run", async () => {
  const fact = requested();
  await publishFact(bus, fact);
  await publishFact(bus, cancelled(fact));
  const next = requested();
  await publishFact(bus, next);
  await using seen = await serve(async () => ingested);
  await resultOf(next);
  assert.deepEqual(
    seen.taken.map(({ data }) => data.job_id),
    [next.data.job_id],
  );
});

test("as many runs as there are slots go on at once", async () => {
  let running = 0;
  let most = 0;
  const facts = Array.from({ length: 7 }, () => requested());
  await using _ = await serve(async () => {
    running++;
    most = Math.max(most, running);
    await sleep(50);
    running--;
    return ingested;
  }, 3);
  for (const fact of facts) await publishFact(bus, fact);
  await Promise.all(facts.map(resultOf));
  assert.equal(most, 3);
});

test("progress is told while a stage runs", async () => {
  const fact = requested();
  const told: Progress[] = [];
  const subscription = bus.nc.subscribe(progressFilter, { callback: (_, message) => void told.push(message.json()) });
  await using _ = await serve(async (_fact, { progress }) => {
    await sleep(300);
    progress(0.5);
    return ingested;
  });
  await publishFact(bus, fact);
  await resultOf(fact);
  subscription.unsubscribe();
  assert.deepEqual(
    told.map(({ job_id, stage, progress }) => ({ job_id, stage, progress })),
    [
      { job_id: fact.data.job_id, stage: "ingest", progress: 0 },
      { job_id: fact.data.job_id, stage: "ingest", progress: 0.5 },
    ],
  );
});

test("streams that were lost are made again, and work goes on", async () => {
  await using seen = await serve(async () => ingested);
  for (const stream of Object.keys(streams)) await bus.jsm.streams.delete(stream);
  const fact = requested();
  // Until a service has noticed, nobody holds the subject: the gateway's relay tries again in the same way.
  for (;;) {
    try {
      await publishFact(bus, fact);
      break;
    } catch {
      await sleep(100);
    }
  }
  await resultOf(fact);
  assert.equal(seen.taken.length, 1);
});

test("live workers answer a ping", async () => {
  const state = { service: "renderer", instance: "renderer@test:1", running: { render: 2 }, parts: {} };
  answerPings(bus, () => state);
  assert.deepEqual(await pingWorkers(bus, 300), [state]);
});

test("servers that are too old are told from those that are not", () => {
  assert.deepEqual(["2.9.25", "2.10.27", "2.11.0", "2.15.1", "3.0.0"].map(isNewEnough), [false, false, true, true, true]);
});

// ---- given

const ingested: Given<"ingest"> = {
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

function requested({
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
    source: { type: "url", url: "https://example.com/talk.mp4" },
    max_duration_ms: limits.maxVideoMs,
    max_bytes: limits.maxVideoBytes,
  };
  return { id: typeidUnboxed("evt"), name: "job.requested", data, traceparent, createdAt: new Date() };
}

function cancelled({ data }: Fact<"job.requested">): Fact<"job.cancelled"> {
  return {
    id: typeidUnboxed("evt"),
    name: "job.cancelled",
    data: { ...data, stage: "ingest", webhook_url: null, metadata: null },
    traceparent: null,
    createdAt: new Date(),
  };
}

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

// A fact that is read under another name is refused.
test("a fact is read only as what it is", () => {
  const message = { headers: undefined, json: <T>() => ({}) as T };
  assert.throws(() => readFact("job.ingested", message), /expected viralclaw.job.ingested.v1/);
});
