import assert from "node:assert/strict";
import { after, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { DeclaredError } from "@viralclaw/contracts/errors";
import type { Priority } from "@viralclaw/contracts/facts";
import { type Progress, progressFilter, streams } from "@viralclaw/contracts/pipeline";
import { endingOf, ingested, requested, startBus, stopWithinMs } from "./bus.fixture.ts";
import { publishFact } from "./message.ts";
import { answerPings, pingWorkers } from "./ping.ts";
import { stageConsumer } from "./topology.ts";

const { bus, results, serve, resultOf, stop } = await startBus();
after(stop);

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

test("what may succeed later is tried again after the delay of the table, and succeeds; why it failed is told meanwhile", async () => {
  const fact = requested();
  const attempts: number[] = [];
  const told: Progress[] = [];
  const subscription = bus.nc.subscribe(progressFilter, { callback: (_, message) => void told.push(message.json()) });
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
  await bus.nc.flush();
  subscription.unsubscribe();
  assert.deepEqual(
    told.flatMap(({ attempt, error }) => (error ? [{ attempt, error }] : [])),
    [{ attempt: 1, error: { code: "source_unreachable", params: { host: "example.com", reason: "reset" } } }],
  );
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

const endings = [
  ["job.cancelled", "is cancelled"],
  ["job.failed", "has ended by another run's result"],
] as const;

for (const [ending, words] of endings)
  test(`a run whose job ${words} is aborted and gives no result; the next job is served`, async () => {
    const fact = requested();
    const begun = Promise.withResolvers<AbortSignal>();
    await using seen = await serve(async (data, { signal }) => {
      if (data.job_id !== fact.data.job_id) return ingested;
      begun.resolve(signal);
      return new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
    });
    await publishFact(bus, fact);
    const signal = await begun.promise;
    await publishFact(bus, endingOf(fact, ending));
    const next = requested();
    await publishFact(bus, next);
    await resultOf(next);
    assert.ok(signal.aborted);
    assert.ok(!results.some(({ job_id }) => job_id === fact.data.job_id));
    assert.equal(seen.taken.length, 2);
  });

for (const [ending, words] of endings)
  test(`a job that ${words} before its run begins is not run`, async () => {
    const fact = requested();
    await publishFact(bus, fact);
    await publishFact(bus, endingOf(fact, ending));
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
