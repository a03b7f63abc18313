import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import type { Job } from "@viralclaw/contracts/api";
import { traceEdges } from "@viralclaw/contracts/trace-edges";
import { type Span, startCollector } from "../collector.ts";
import { spokenVideo } from "../media.ts";
import { serviceNames } from "../processes.ts";
import { type Product, startProduct } from "../product.ts";

/** Exported a tenth of a second after their end; a busy machine takes longer. */
const spansWithinMs = 15_000;

let collector: Awaited<ReturnType<typeof startCollector>>;
let product: Product;
let job: Job;
let spans: Span[];

before(async () => {
  collector = await startCollector();
  product = await startProduct(collector.env);
  const video = await spokenVideo(join(product.dir, "video.mp4"));
  job = await product.client.ended(await product.client.postFile(video, { language: "en" }));
  const deadline = Date.now() + spansWithinMs;
  do {
    await sleep(100);
    spans = collector.spans.filter(({ traceId }) => traceId === job.trace_id);
  } while (!traceEdges().every((edge) => hasEdge(edge)) && Date.now() < deadline);
});
after(async () => {
  await product[Symbol.asyncDispose]();
  await collector[Symbol.asyncDispose]();
});

function hasEdge({ parent, child }: ReturnType<typeof traceEdges>[number]): boolean {
  const parents = new Set(
    spans.filter((span) => span.name === parent.span && span.service === parent.service).map(({ spanId }) => spanId),
  );
  return spans.some((span) => span.name === child.span && span.service === child.service && parents.has(span.parentSpanId ?? ""));
}

test("the job names its trace, which has spans of every service", () => {
  assert.match(job.trace_id, /^[0-9a-f]{32}$/);
  assert.deepEqual([...new Set(spans.map(({ service }) => service))].sort(), ["gateway", "renderer", "transcriber"]);
});

for (const edge of traceEdges()) {
  test(`${edge.parent.service}: ${edge.parent.span} is the parent of ${edge.child.service}: ${edge.child.span}`, () =>
    assert.ok(hasEdge(edge)));
}

test("the spans are one tree, whose root is the customer's request", () => {
  const ids = new Set(spans.map(({ spanId }) => spanId));
  const roots = spans.filter(({ parentSpanId }) => !parentSpanId || !ids.has(parentSpanId));
  assert.deepEqual(
    roots.map(({ service, name }) => `${service}: ${name}`),
    ["gateway: POST /api/add-captions"],
  );
});

for (const [service, name] of [
  ["gateway", "pg.query:INSERT postgres"],
  ["gateway", "S3.PutObject"],
  ["transcriber", "S3.GetObject"],
  ["renderer", "S3.PutObject"],
  ["renderer", "PUT"],
]) {
  test(`what is done by a library has a span of its own: ${service}: ${name}`, () =>
    assert.ok(spans.some((span) => span.service === service && span.name === name)));
}

for (const service of serviceNames) {
  test(`${service}: what it logs of the job names the trace`, async () => {
    const lines = (await readFile(product.system.logs[service], "utf8")).split("\n");
    assert.ok(lines.some((line) => line.includes(`"trace_id":"${job.trace_id}"`)));
  });
}
