import assert from "node:assert/strict";
import { after, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import type { Priority } from "@viralclaw/contracts/facts";
import { limits } from "@viralclaw/contracts/limits";
import { typeidUnboxed } from "typeid-js";
import { ingested, requested, startBus } from "./bus.fixture.ts";
import { publishFact, readFact } from "./message.ts";

const { bus, serve, resultOf, stop } = await startBus();
after(stop);

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

test("a fact is read only as what it is", () => {
  const message = { headers: undefined, json: <T>() => ({}) as T };
  assert.throws(() => readFact("job.ingested", message), /expected viralclaw.job.ingested.v1/);
});
