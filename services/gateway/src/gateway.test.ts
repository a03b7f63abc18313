import assert from "node:assert/strict";
import { request as httpRequest } from "node:http";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { type Bus, connectBus } from "@viralclaw/bus/connect";
import { publishProgress, publishResult } from "@viralclaw/bus/message";
import { consumeResults } from "@viralclaw/bus/results";
import { Accepted, DeepHealth, type Job, type Problem } from "@viralclaw/contracts/api";
import { errorCodes } from "@viralclaw/contracts/errors";
import type { Result, Stage } from "@viralclaw/contracts/pipeline";
import { migrate, openDatabase } from "@viralclaw/db/database";
import { natsForTest, postgresForTest, s3ForTest, testBucket } from "@viralclaw/embedded/testing";
import { openLog } from "@viralclaw/runtime/log";
import { openStorage, type Storage } from "@viralclaw/storage/storage";
import type { FastifyInstance } from "fastify";
import { typeidUnboxed } from "typeid-js";
import { advance } from "./advance.ts";
import { type Database, schema, type Tables } from "./database.ts";
import { followJobs } from "./follow.ts";
import { createKey } from "./keys.ts";
import { migrations } from "./migrations.ts";
import { startRelay } from "./outbox.ts";
import { buildServer } from "./server.ts";

const log = openLog("gateway-test", "silent");
const secretKey = "a secret key that is at least 32 characters long";

let stops: (() => unknown)[] = [];
let db: Database;
let bus: Bus;
let store: Awaited<ReturnType<typeof s3ForTest>>;
let storage: Storage;
let app: FastifyInstance;
let url: string;
let owner: { id: string; key: string };
let stranger: { id: string; key: string };

before(async () => {
  const [database, nats, testStore] = await Promise.all([postgresForTest(), natsForTest(), s3ForTest()]);
  store = testStore;
  db = openDatabase<Tables>({ url: database.url, schema, max: 5, log });
  bus = await connectBus({ url: nats.url, name: "gateway test", log });
  await migrate(db, schema, migrations);
  storage = openStorage({ endpoint: store.url, bucket: testBucket, ...store });
  const follower = followJobs(bus, db, log);
  const stopResults = consumeResults(bus, (result) => advance(result, { db, bus, log }), log);
  app = await buildServer({ db, bus, storage, follower, log, secretKey }, undefined);
  url = await app.listen({ host: "127.0.0.1", port: 0 });
  owner = await newCustomer("owner@example.com");
  stranger = await newCustomer("stranger@example.com");
  stops = [
    () => app.close(),
    stopResults,
    () => follower.stop(),
    () => bus[Symbol.asyncDispose](),
    () => db.destroy(),
    () => storage.close(),
    database.stop,
    nats.stop,
    store.stop,
  ];
});
after(async () => {
  for (const stop of stops) await stop();
});

// ---- accepting

test("a video's URL is accepted at once, with the defaults of the product", async () => {
  const answer = await post({ video_url: "https://example.com/talk.mp4" });
  assert.equal(answer.status, 202);
  const body = await accepted(answer);
  assert.match(body.job_id, /^job_/);
  assert.equal(body.status, "queued");
  assert.ok(body.position >= 1);
  assert.equal(answer.headers.get("location"), `/api/jobs/${body.job_id}`);
  const job = await getJob(body.job_id);
  assert.deepEqual([job.status, job.style, job.language, job.priority, job.metadata], ["queued", "hormozi", "pt", 3, null]);
});

test("what was asked comes back with the job", async () => {
  const metadata = { post: 42, tags: ["a", "b"] };
  const asked = {
    video_url: "https://example.com/v.mp4",
    language: "pt-BR",
    priority: 1,
    metadata,
    webhook_url: "https://bot.example/hook",
  };
  const { job_id } = await accepted(await post(asked));
  const job = await getJob(job_id);
  assert.deepEqual([job.language, job.priority, job.metadata], ["pt", 1, metadata]);
});

test("the accepted job is a fact on the broker, under the trace of its request", async () => {
  const heard = new Promise<string>((resolve) => {
    bus.nc.subscribe("viralclaw.job.captions.requested.2.>", {
      max: 1,
      callback: (_, message) => resolve(message.json<{ job_id: string }>().job_id),
    });
  });
  const { job_id } = await accepted(await post({ video_url: "https://example.com/v.mp4", priority: 2 }));
  assert.equal(await heard, job_id);
  await until(
    async () =>
      (await db.selectFrom("facts").select("published_at").where("job_id", "=", job_id).executeTakeFirstOrThrow())
        .published_at !== null,
  );
});

test("a file is streamed to the store, and its fields may come after it", async () => {
  const form = new FormData();
  form.append("file", new Blob(["x".repeat(100_000)]), "talk.mp4");
  form.append("language", "en");
  form.append("metadata", '{"post":1}');
  const answer = await fetch(`${url}/api/add-captions`, { method: "POST", headers: { "x-api-key": owner.key }, body: form });
  assert.equal(answer.status, 202);
  const { job_id } = await accepted(answer);
  const { request } = await db.selectFrom("jobs").select("request").where("id", "=", job_id).executeTakeFirstOrThrow();
  assert.equal(request.source.type, "upload");
  assert.equal(request.source.type === "upload" && request.source.bytes, 100_000);
  assert.equal((await storage.getText(request.source.type === "upload" ? request.source.key : ""))?.length, 100_000);
});

// ---- refusing

const wrongBodies: [name: string, body: unknown, fields: string[]][] = [
  ["no URL", {}, ["video_url"]],
  ["not a URL", { video_url: "talk.mp4" }, ["video_url"]],
  ["a URL of another kind", { video_url: "file:///etc/passwd" }, ["video_url"]],
  ["a style that there is not", { video_url: "https://e.com/v", style: "plain" }, ["style"]],
  ["a language that there is not", { video_url: "https://e.com/v", language: "xx" }, ["language"]],
  ["a priority out of range", { video_url: "https://e.com/v", priority: 6 }, ["priority"]],
  ["a field that there is not", { video_url: "https://e.com/v", langage: "pt" }, ["langage"]],
  ["several at once", { video_url: 5, priority: "high", metadata: [] }, ["video_url", "priority", "metadata"]],
  ["metadata that is too long", { video_url: "https://e.com/v", metadata: { a: "x".repeat(3000) } }, ["metadata"]],
];
for (const [name, body, fields] of wrongBodies) {
  test(`refused with every wrong field named: ${name}`, async () => {
    const problem = await problemOf(await post(body), 400, "invalid_request");
    assert.deepEqual(
      problem.errors?.map(({ field }) => field),
      fields,
    );
    assert.ok(problem.errors?.every(({ message }) => message.length > 5));
  });
}

test("a body that is not JSON, is empty, or is of another type is told apart", async () => {
  const send = (type: string, body: string) =>
    fetch(`${url}/api/add-captions`, { method: "POST", headers: { "x-api-key": owner.key, "content-type": type }, body });
  await problemOf(await send("application/json", "{"), 400, "malformed_body");
  await problemOf(await send("application/json", ""), 400, "malformed_body");
  await problemOf(await send("text/plain", "hello"), 415, "unsupported_content_type");
  await problemOf(await send("application/json", `{"video_url":"${"x".repeat(70_000)}"}`), 413, "body_too_large");
});

test("a refused form leaves nothing in the store", async () => {
  const form = new FormData();
  form.append("file", new Blob(["x".repeat(100_000)]), "talk.mp4");
  form.append("priority", "9");
  const before = await objectCount();
  await problemOf(
    await fetch(`${url}/api/add-captions`, { method: "POST", headers: { "x-api-key": owner.key }, body: form }),
    400,
    "invalid_request",
  );
  assert.equal(await objectCount(), before);
});

test("a form without its file, or with another, is refused", async () => {
  const without = new FormData();
  without.append("language", "en");
  const problem = await problemOf(
    await fetch(`${url}/api/add-captions`, { method: "POST", headers: { "x-api-key": owner.key }, body: without }),
    400,
    "invalid_request",
  );
  assert.deepEqual(
    problem.errors?.map(({ field }) => field),
    ["file"],
  );
});

test("a client that hangs up in the middle of its file leaves nothing in the store, and the server lives", async () => {
  const before = await objectCount();
  const { port } = new URL(url);
  const upload = httpRequest({
    port,
    method: "POST",
    path: "/api/add-captions",
    headers: { "x-api-key": owner.key, "content-type": "multipart/form-data; boundary=b", "content-length": "50000000" },
  });
  upload.on("error", () => undefined);
  upload.write('--b\r\ncontent-disposition: form-data; name="file"; filename="v.mp4"\r\n\r\n');
  upload.write(Buffer.alloc(1_000_000));
  await sleep(200);
  upload.destroy();
  await new Promise((resolve) => upload.once("close", resolve));
  await sleep(300);
  assert.equal((await fetch(`${url}/health`)).status, 200);
  assert.equal(await objectCount(), before);
});

test("addresses and methods that there are not", async () => {
  await problemOf(await fetch(`${url}/api/nothing`), 404, "route_not_found");
  const problem = await fetch(`${url}/api/add-captions`);
  assert.equal(problem.headers.get("allow"), "POST");
  await problemOf(problem, 405, "method_not_allowed");
});

// ---- keys

test("a request without a key, with an unknown one, or with a disabled one", async () => {
  await problemOf(await fetch(`${url}/api/jobs`), 401, "missing_api_key");
  for (const key of [
    "vk_live_nothing",
    `${owner.key}x`,
    owner.key.slice(0, -1),
    "",
    `${owner.key.slice(0, -1)}${owner.key.endsWith("a") ? "b" : "a"}`,
  ]) {
    await problemOf(await fetch(`${url}/api/jobs`, { headers: { "x-api-key": key } }), 401, "unknown_api_key");
  }
  const disabled = await newCustomer("disabled@example.com");
  await db.updateTable("api_keys").set({ is_active: false }).where("id", "=", disabled.id).execute();
  await problemOf(await fetch(`${url}/api/jobs`, { headers: { "x-api-key": disabled.key } }), 403, "disabled_api_key");
});

test("a key is stored only as a keyed hash, and its use is noted", async () => {
  await fetch(`${url}/api/jobs`, { headers: { "x-api-key": owner.key } });
  const row = await db.selectFrom("api_keys").selectAll().where("id", "=", owner.id).executeTakeFirstOrThrow();
  assert.ok(!JSON.stringify(row).includes(owner.key.slice(20)));
  assert.equal(row.hash.length, 32);
  assert.ok(row.last_used_at);
});

test("another customer's job is not there", async () => {
  const { job_id } = await accepted(await post({ video_url: "https://example.com/v.mp4" }));
  for (const path of ["", "/transcript.json", "/transcript.srt"]) {
    await problemOf(
      await fetch(`${url}/api/jobs/${job_id}${path}`, { headers: { "x-api-key": stranger.key } }),
      404,
      "job_not_found",
    );
  }
});

// ---- following

test("results take a job from stage to stage to its end, and each becomes a fact", async () => {
  const { job_id } = await accepted(await post({ video_url: "https://example.com/v.mp4", metadata: { a: 1 } }));
  await publishResult(bus, resultOf(job_id, "ingest"));
  const ingested = await jobWhere(job_id, (job) => job.stage === "transcribe");
  assert.deepEqual([ingested.status, ingested.duration_ms], ["processing", 11_000]);
  await publishResult(bus, resultOf(job_id, "transcribe"));
  assert.equal((await jobWhere(job_id, (job) => job.stage === "render")).language, "en");
  await publishResult(bus, resultOf(job_id, "render"));
  const done = await jobWhere(job_id, (job) => job.status === "done");
  assert.equal(done.progress, 1);
  assert.ok(done.result_url?.includes("captioned.mp4"));
  assert.ok(done.result_expires_at && done.ended_at);
  assert.deepEqual(done.attempts, { ingest: 1, transcribe: 1, render: 1 });
  assert.deepEqual(done.timings.render, { waited_ms: 5, ran_ms: 20 });
  const facts = await db
    .selectFrom("facts")
    .select(["name", "sequence", "data"])
    .where("job_id", "=", job_id)
    .orderBy("sequence")
    .execute();
  assert.deepEqual(
    facts.map(({ name }) => name),
    ["job.requested", "job.ingested", "job.transcribed", "job.completed"],
  );
  assert.deepEqual(facts.at(-1)?.data.metadata, { a: 1 });
});

test("a failed stage ends the job with its code and what to change", async () => {
  const { job_id } = await accepted(await post({ video_url: "https://example.com/v.mp4" }));
  await publishResult(bus, {
    ...resultOf(job_id, "ingest"),
    outcome: { ok: false, error: { code: "source_gone", params: { host: "example.com", http_status: 404 } } },
  });
  const failed = await jobWhere(job_id, (job) => job.status === "failed");
  assert.equal(failed.error?.code, "source_gone");
  assert.match(failed.error?.detail ?? "", /example\.com says that the video is not there \(404\)/);
  assert.ok(failed.error?.fix);
});

test("results that come twice, late, from another run or out of order change nothing", async () => {
  const { job_id } = await accepted(await post({ video_url: "https://example.com/v.mp4" }));
  await advance({ ...resultOf(job_id, "ingest"), run: 2 }, { db, bus, log });
  await advance(resultOf(job_id, "render"), { db, bus, log });
  assert.equal((await getJob(job_id)).status, "queued");
  const twins = [resultOf(job_id, "ingest"), resultOf(job_id, "ingest"), resultOf(job_id, "ingest")];
  await Promise.all(twins.map((result) => advance(result, { db, bus, log })));
  await advance(
    { ...resultOf(job_id, "transcribe"), outcome: { ok: false, error: { code: "no_speech", params: {} } } },
    { db, bus, log },
  );
  await advance(resultOf(job_id, "transcribe"), { db, bus, log });
  const facts = await db.selectFrom("facts").select("name").where("job_id", "=", job_id).orderBy("sequence").execute();
  assert.deepEqual(
    facts.map(({ name }) => name),
    ["job.requested", "job.ingested", "job.failed"],
  );
});

test("a waiting client is answered when the job ends", async () => {
  const { job_id } = await accepted(await post({ video_url: "https://example.com/v.mp4" }));
  const waiting = fetch(`${url}/api/jobs/${job_id}?wait=30`, { headers: { "x-api-key": owner.key } });
  await sleep(100);
  await publishResult(bus, { ...resultOf(job_id, "ingest"), outcome: { ok: false, error: { code: "no_audio", params: {} } } });
  const job = (await (await waiting).json()) as Job;
  assert.equal(job.status, "failed");
});

test("a client that waits in vain is answered with the job as it is", async () => {
  const { job_id } = await accepted(await post({ video_url: "https://example.com/v.mp4" }));
  const job = (await (await fetch(`${url}/api/jobs/${job_id}?wait=1`, { headers: { "x-api-key": owner.key } })).json()) as Job;
  assert.equal(job.status, "queued");
});

test("progress is told while a stage runs, and the job is then in work", async () => {
  const { job_id } = await accepted(await post({ video_url: "https://example.com/v.mp4" }));
  publishProgress(bus, { job_id, run: 1, stage: "ingest", execution_id: typeidUnboxed("exe"), attempt: 2, progress: 0 });
  publishProgress(bus, { job_id, run: 1, stage: "ingest", execution_id: typeidUnboxed("exe"), attempt: 2, progress: 0.4 });
  const job = await jobWhere(job_id, ({ progress }) => progress === 0.4);
  assert.deepEqual([job.status, job.stage, job.attempts, job.position], ["processing", "ingest", { ingest: 2 }, null]);
  await until(
    async () =>
      (await db.selectFrom("jobs").select("status").where("id", "=", job_id).executeTakeFirstOrThrow()).status === "processing",
  );
});

test("the queue's position counts those more urgent, then those older", async () => {
  const at = async (priority: number) => await accepted(await post({ video_url: "https://example.com/v.mp4", priority }));
  const low = await at(5);
  const lower = await at(5);
  const high = await at(1);
  assert.equal(lower.position, low.position + 1);
  assert.ok(high.position < low.position);
  assert.equal((await getJob(low.job_id)).position, low.position + 1);
});

test("the list goes through all jobs of the customer, newest first, page by page", async () => {
  const customer = await newCustomer("pages@example.com");
  const posted: string[] = [];
  for (let i = 0; i < 5; i++)
    posted.push((await accepted(await post({ video_url: "https://example.com/v.mp4" }, customer.key))).job_id);
  const seen: string[] = [];
  for (let cursor: string | null = null, pages = 0; ; pages++) {
    const answer = await fetch(`${url}/api/jobs?limit=2${cursor ? `&cursor=${cursor}` : ""}`, {
      headers: { "x-api-key": customer.key },
    });
    const page = (await answer.json()) as { jobs: Job[]; next_cursor: string | null };
    seen.push(...page.jobs.map(({ job_id }) => job_id));
    cursor = page.next_cursor;
    if (!cursor) {
      assert.equal(pages, 2);
      break;
    }
  }
  assert.deepEqual(seen, posted.toReversed());
  await problemOf(
    await fetch(`${url}/api/jobs?cursor=nonsense`, { headers: { "x-api-key": customer.key } }),
    400,
    "invalid_request",
  );
});

test("the transcript is there in every format once made, and says so before", async () => {
  const { job_id } = await accepted(await post({ video_url: "https://example.com/v.mp4" }));
  const get = (format: string) =>
    fetch(`${url}/api/jobs/${job_id}/transcript.${format}`, { headers: { "x-api-key": owner.key } });
  await problemOf(await get("srt"), 409, "transcript_not_ready");
  const transcript = {
    version: 1,
    language: "en",
    engine: "local",
    model: "m",
    duration_ms: 11_000,
    text: "Hello there.",
    words: [
      { text: "Hello", start_ms: 100, end_ms: 500, confidence: 1 },
      { text: "there.", start_ms: 500, end_ms: 900, confidence: 1 },
    ],
  };
  await storage.putText(`jobs/${job_id}/transcribe/exe/transcript.json`, JSON.stringify(transcript), "application/json");
  await advance(resultOf(job_id, "ingest"), { db, bus, log });
  await advance(resultOf(job_id, "transcribe"), { db, bus, log });
  assert.deepEqual(await (await get("json")).json(), transcript);
  assert.match(await (await get("srt")).text(), /^1\r?\n00:00:00,100 --> 00:00:0\d,\d{3}\r?\nHello there\./);
  assert.match(await (await get("vtt")).text(), /^WEBVTT/);
  await problemOf(await get("ass"), 409, "transcript_not_ready");
  await advance(
    { ...resultOf(job_id, "render"), outcome: { ok: false, error: { code: "render_failed", params: { reason: "x" } } } },
    { db, bus, log },
  );
  await problemOf(await get("ass"), 409, "transcript_not_made");
});

// ---- the outbox

test("a fact that was committed and never sent is sent by the relay, once", async () => {
  const { job_id } = await accepted(await post({ video_url: "https://example.com/v.mp4" }));
  await until(
    async () =>
      (await db.selectFrom("facts").select("published_at").where("job_id", "=", job_id).executeTakeFirstOrThrow())
        .published_at !== null,
  );
  // As if the gateway had been killed between commit and publish.
  await db
    .updateTable("facts")
    .set({ published_at: null, id: typeidUnboxed("evt"), created_at: new Date(Date.now() - 10_000) })
    .where("job_id", "=", job_id)
    .execute();
  let heard = 0;
  const subscription = bus.nc.subscribe(`viralclaw.job.captions.requested.3.${job_id}`, { callback: () => void heard++ });
  const stops = [startRelay(db, bus, log), startRelay(db, bus, log)];
  await until(async () => heard > 0);
  await sleep(1_500);
  await Promise.all(stops.map((stop) => stop()));
  subscription.unsubscribe();
  assert.equal(heard, 1);
});

// ---- health and documents

test("/health says that the API answers; /health/deep what does not", async () => {
  assert.equal(((await (await fetch(`${url}/health`)).json()) as { status: string }).status, "ok");
  const deep = DeepHealth.parse(await (await fetch(`${url}/health/deep`)).json());
  assert.deepEqual(
    [deep.status, deep.api, deep.database, deep.nats, deep.storage, deep.groq],
    ["degraded", "ok", "ok", "ok", "ok", "unknown"],
  );
  assert.deepEqual(deep.workers, { transcriber: 0, renderer: 0 });
  assert.ok((deep.queue.queued ?? 0) > 0);
});

test("the API document is OpenAPI 3.1 and declares every error of every route as a problem", async () => {
  const document = (await (await fetch(`${url}/openapi.json`)).json()) as OpenApi;
  assert.match(document.openapi, /^3\.1/);
  assert.deepEqual(Object.keys(document.paths).sort(), [
    "/api/add-captions",
    "/api/jobs",
    "/api/jobs/{id}",
    ...["ass", "json", "srt", "vtt"].map((format) => `/api/jobs/{id}/transcript.${format}`),
    "/health",
    "/health/deep",
  ]);
  assert.deepEqual(Object.keys(document.paths["/api/add-captions"]?.post?.requestBody?.content ?? {}), [
    "application/json",
    "multipart/form-data",
  ]);
  for (const [path, methods] of Object.entries<Record<string, { responses: Record<string, { content?: object }> }>>(
    document.paths,
  )) {
    if (!path.startsWith("/api/")) continue;
    for (const { responses } of Object.values(methods)) {
      for (const status of ["401", "403", "500", "503"])
        assert.deepEqual(Object.keys(responses[status]?.content ?? {}), ["application/problem+json"], `${path} ${status}`);
    }
  }
});

test("the page to try the API and the page of errors open, with every code on it", async () => {
  assert.match(await (await fetch(`${url}/docs/`)).text(), /<html|<!doctype/i);
  const page = await (await fetch(`${url}/errors`)).text();
  for (const code of errorCodes) assert.ok(page.includes(`id="${code}"`), code);
});

// ---- given

interface OpenApi {
  openapi: string;
  paths: Record<string, Record<string, { requestBody?: { content: object }; responses: Record<string, { content?: object }> }>>;
}

const accepted = async (answer: Response) => Accepted.parse(await answer.json());

async function newCustomer(email: string) {
  const customer = typeidUnboxed("cus");
  await db.insertInto("customers").values({ id: customer, email, name: email, plan: "free" }).execute();
  return createKey(db, secretKey, { customerId: customer, name: "test", mode: "live" });
}

const post = (body: unknown, key = owner.key) =>
  fetch(`${url}/api/add-captions`, {
    method: "POST",
    headers: { "x-api-key": key, "content-type": "application/json" },
    body: JSON.stringify(body),
  });

async function getJob(id: string): Promise<Job> {
  return (await (await fetch(`${url}/api/jobs/${id}`, { headers: { "x-api-key": owner.key } })).json()) as Job;
}

async function jobWhere(id: string, wanted: (job: Job) => boolean): Promise<Job> {
  for (;;) {
    const job = await getJob(id);
    if (wanted(job)) return job;
    await sleep(20);
  }
}

async function until(condition: () => Promise<boolean>) {
  while (!(await condition())) await sleep(20);
}

async function problemOf(answer: Response, status: number, code: string): Promise<Problem> {
  const problem = (await answer.json()) as Problem;
  assert.equal(answer.status, status, JSON.stringify(problem));
  assert.match(answer.headers.get("content-type") ?? "", /^application\/problem\+json/);
  assert.equal(problem.code, code);
  assert.equal(problem.type, `/errors#${code}`);
  assert.ok(problem.title && problem.detail && problem.fix);
  assert.doesNotMatch(JSON.stringify(problem), /\{\w+\}|at .*\.ts:\d+/);
  return problem;
}

async function objectCount(): Promise<number> {
  const { S3Client, ListObjectsV2Command, ListMultipartUploadsCommand } = await import("@aws-sdk/client-s3");
  const client = new S3Client({ endpoint: store.url, region: "auto", forcePathStyle: true, credentials: store });
  const [objects, uploads] = await Promise.all([
    client.send(new ListObjectsV2Command({ Bucket: testBucket })),
    client.send(new ListMultipartUploadsCommand({ Bucket: testBucket })),
  ]);
  client.destroy();
  return (objects.KeyCount ?? 0) + (uploads.Uploads?.length ?? 0);
}

const stageData: Record<Stage, Record<string, unknown>> = {
  ingest: {
    source_key: "jobs/j/ingest/e/source",
    source_bytes: 1000,
    duration_ms: 11_000,
    tier: "up_to_1_min",
    video: {
      stream_index: 0,
      codec: "h264",
      width: 1080,
      height: 1920,
      rotation: 0,
      fps: 30,
      pixel_format: "yuv420p",
      color_transfer: "bt709",
      start_ms: 0,
    },
    audio: { stream_index: 1, codec: "aac", start_ms: 0, duration_ms: 11_000 },
  },
  transcribe: { transcript_key: "", language: "en", engine: "local", model: "moonshine-tiny", words: 22, reused: false },
  render: {
    result_key: "jobs/j/render/e/captioned.mp4",
    result_bytes: 2000,
    ass_key: "jobs/j/render/e/captions.ass",
    report_key: "jobs/j/render/e/report.json",
  },
};

function resultOf(jobId: string, stage: Stage): Result {
  const data =
    stage === "transcribe"
      ? { ...stageData.transcribe, transcript_key: `jobs/${jobId}/transcribe/exe/transcript.json` }
      : stageData[stage];
  return {
    job_id: jobId,
    run: 1,
    stage,
    fact_id: typeidUnboxed("evt"),
    execution_id: typeidUnboxed("exe"),
    attempt: 1,
    waited_ms: 5,
    ran_ms: 20,
    outcome: { ok: true, data },
  };
}
