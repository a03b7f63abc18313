import assert from "node:assert/strict";
import { readdir } from "node:fs/promises";
import { request as httpRequest } from "node:http";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { fontFamilies } from "@viralclaw/contracts/fonts";
import { sql } from "kysely";
import { acceptance, type Gateway, problemOf, startGateway, until } from "./gateway.fixture.ts";

let gateway: Gateway;
before(async () => {
  gateway = await startGateway();
});
after(() => gateway[Symbol.asyncDispose]());

test("a video's URL is accepted at once, with the defaults of the product", async () => {
  const answer = await gateway.post({ video_url: "https://example.com/talk.mp4" });
  assert.equal(answer.status, 202);
  const body = await acceptance(answer);
  assert.match(body.job_id, /^job_/);
  assert.equal(body.status, "queued");
  assert.ok(body.position >= 1);
  assert.equal(answer.headers.get("location"), `/api/jobs/${body.job_id}`);
  const job = await gateway.job(body.job_id);
  assert.deepEqual([job.status, job.style, job.language, job.priority, job.metadata], ["queued", "hormozi", "pt", 3, null]);
});

test("a posted file lies in the gateway's folder until its job is accepted: a failure then is answered, not left unheard", async () => {
  const form = new FormData();
  form.append("file", new Blob(["x"]), "talk.mp4");
  let answer: Promise<Response> | undefined;
  await gateway.db.transaction().execute(async (tx) => {
    await sql`lock table jobs in share mode`.execute(tx);
    answer = gateway.postForm(form);
    await until(async () => (await sql`select 1 from pg_locks where not granted`.execute(tx)).rows.length > 0);
    assert.equal((await readdir(gateway.workDir)).length, 1);
  });
  assert.equal((await answer)?.status, 202);
  assert.deepEqual(await readdir(gateway.workDir), []);
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
  const { job_id } = await acceptance(await gateway.post(asked));
  const job = await gateway.job(job_id);
  assert.deepEqual([job.language, job.priority, job.metadata], ["pt", 1, metadata]);
});

test("what the request overrides of its style comes back with the job and goes on to the renderer, in JSON and in a form", async () => {
  const style_overrides = { active: { color: "#22d3ee" }, stroke: null, font: { family: "Anton" } };
  const form = new FormData();
  form.append("file", new Blob(["x"]), "talk.mp4");
  form.append("style_overrides", JSON.stringify(style_overrides));
  const ids = [await gateway.accepted({ style_overrides }), (await acceptance(await gateway.postForm(form))).job_id];
  for (const id of ids) {
    assert.deepEqual((await gateway.job(id)).style_overrides, style_overrides);
    const fact = await gateway.db.selectFrom("facts").select("data").where("job_id", "=", id).executeTakeFirstOrThrow();
    assert.deepEqual(fact.data.style_overrides, style_overrides);
  }
});

const wrongOverrides: [name: string, overrides: unknown, errors: Record<string, string>][] = [
  ["too wide a stroke", { stroke: { width: 0.5 } }, { "stroke.width": "must be at most 0.3" }],
  ["a colour by its name", { active: { color: "red" } }, { "active.color": "must be a colour such as #ffd60a" }],
  [
    "a font that there is not",
    { font: { family: "Comic Sans" } },
    { "font.family": `must be one of ${fontFamilies.join(", ")}` },
  ],
  [
    "a weight that the font has not",
    { font: { family: "Anton", weight: 900 } },
    { "font.weight": "must be one of 400 for Anton" },
  ],
  [
    "part of what the style has not",
    { cue_box: { pad_x: 1 } },
    { "cue_box.color": "is missing", "cue_box.pad_y": "is missing", "cue_box.radius": "is missing" },
  ],
  [
    "fields that there are not",
    { colour: 1, shadow: { spread: 2 } },
    { colour: "is not a field of this request", "shadow.spread": "is not a field of this request" },
  ],
  ["what is not for the request to say", { id: "mine" }, { id: "is not a field of this request" }],
  [
    "another kind of value",
    { size: "large", max_lines: 1.5, position: 3 },
    { size: "must be a number", max_lines: "must be a whole number", position: "must be an object" },
  ],
];
for (const [name, style_overrides, wrong] of wrongOverrides) {
  test(`a style is checked with what the request overrides, and what is wrong is named: ${name}`, async () => {
    const answer = await gateway.post({ video_url: "https://e.com/v", style_overrides });
    const { errors = [] } = await problemOf(answer, 400, "invalid_request");
    const named = Object.fromEntries(errors.map(({ field, message }) => [field, message]));
    assert.deepEqual(
      named,
      Object.fromEntries(Object.entries(wrong).map(([field, message]) => [`style_overrides.${field}`, message])),
    );
  });
}

test("overrides that are no object, or too long, are named", async () => {
  const long = { active: { color: "#ffffff" }, font: { family: "x".repeat(3000) } };
  for (const style_overrides of [[], "{}", 5, long]) {
    const problem = await problemOf(
      await gateway.post({ video_url: "https://e.com/v", style_overrides }),
      400,
      "invalid_request",
    );
    assert.match(problem.errors?.[0]?.field ?? "", /^style_overrides/);
  }
});

test("the accepted job is a fact on the broker, under the trace of its request", async () => {
  const heard = new Promise<string>((resolve) => {
    gateway.bus.nc.subscribe("viralclaw.job.captions.requested.2.>", {
      max: 1,
      callback: (_, message) => resolve(message.json<{ job_id: string }>().job_id),
    });
  });
  const job_id = await gateway.accepted({ priority: 2 });
  assert.equal(await heard, job_id);
  await until(
    async () =>
      (await gateway.db.selectFrom("facts").select("published_at").where("job_id", "=", job_id).executeTakeFirstOrThrow())
        .published_at !== null,
  );
});

test("a file is streamed to the store, and its fields may come after it", async () => {
  const form = new FormData();
  form.append("file", new Blob(["x".repeat(100_000)]), "talk.mp4");
  form.append("language", "en");
  form.append("metadata", '{"post":1}');
  const answer = await gateway.postForm(form);
  assert.equal(answer.status, 202);
  const { job_id } = await acceptance(answer);
  const { request } = await gateway.db.selectFrom("jobs").select("request").where("id", "=", job_id).executeTakeFirstOrThrow();
  assert.equal(request.source.type, "upload");
  assert.equal(request.source.type === "upload" && request.source.bytes, 100_000);
  assert.equal((await gateway.storage.getText(request.source.type === "upload" ? request.source.key : ""))?.length, 100_000);
});

test("quality and size are kept with the job and told to the renderer, whichever way they come; balanced by default", async () => {
  const form = new FormData();
  for (const [field, value] of Object.entries({ quality: "best", max_bytes: "16000000" })) form.append(field, value);
  form.append("file", new Blob(["x".repeat(1000)]), "talk.mp4");
  const posted = await acceptance(await gateway.postForm(form));
  const sent = await acceptance(await gateway.post({ video_url: "https://e.com/v", quality: "fast", max_bytes: 8_000_000 }));
  const plain = await acceptance(await gateway.post({ video_url: "https://e.com/v" }));

  const wanted = async ({ job_id }: { job_id: string }) => {
    const { quality, max_bytes } = await gateway.job(job_id);
    const fact = await gateway.db.selectFrom("facts").select("data").where("job_id", "=", job_id).executeTakeFirstOrThrow();
    assert.deepEqual([fact.data.quality, fact.data.max_result_bytes], [quality, max_bytes]);
    return [quality, max_bytes];
  };
  assert.deepEqual(await Promise.all([posted, sent, plain].map(wanted)), [
    ["best", 16_000_000],
    ["fast", 8_000_000],
    ["balanced", null],
  ]);
});

const wrongBodies: [name: string, body: unknown, fields: string[]][] = [
  ["no URL", {}, ["video_url"]],
  ["not a URL", { video_url: "talk.mp4" }, ["video_url"]],
  ["a URL of another kind", { video_url: "file:///etc/passwd" }, ["video_url"]],
  ["a style that there is not", { video_url: "https://e.com/v", style: "plain" }, ["style"]],
  ["a language that there is not", { video_url: "https://e.com/v", language: "xx" }, ["language"]],
  ["a priority out of range", { video_url: "https://e.com/v", priority: 6 }, ["priority"]],
  ["a quality that there is not", { video_url: "https://e.com/v", quality: "great" }, ["quality"]],
  ["a size that is no number", { video_url: "https://e.com/v", max_bytes: "8 MB" }, ["max_bytes"]],
  ["a size of nothing", { video_url: "https://e.com/v", max_bytes: 5000 }, ["max_bytes"]],
  ["a size of half a byte", { video_url: "https://e.com/v", max_bytes: 1e6 + 0.5 }, ["max_bytes"]],
  ["a field that there is not", { video_url: "https://e.com/v", langage: "pt" }, ["langage"]],
  ["several at once", { video_url: 5, priority: "high", metadata: [] }, ["video_url", "priority", "metadata"]],
  ["text that no database holds", { video_url: "https://e.com/v\0", metadata: { a: "\0" } }, ["video_url", "metadata"]],
  [
    "half a character",
    { video_url: "https://e.com/v", webhook_url: "https://e.com/\ud800", metadata: { "\udc00": 1 } },
    ["webhook_url", "metadata"],
  ],
  ["metadata that is too long", { video_url: "https://e.com/v", metadata: { a: "x".repeat(3000) } }, ["metadata"]],
];
for (const [name, body, fields] of wrongBodies) {
  test(`refused with every wrong field named: ${name}`, async () => {
    const problem = await problemOf(await gateway.post(body), 400, "invalid_request");
    assert.deepEqual(
      problem.errors?.map(({ field }) => field),
      fields,
    );
    assert.ok(problem.errors?.every(({ message }) => message.length > 5));
  });
}

test("of a thousand wrong fields the first fifty are told, and how many more there are", async () => {
  const keys = Array.from({ length: 1000 }, (_, i) => `field${i}`);
  const body = { video_url: "https://e.com/v", ...Object.fromEntries(keys.map((key) => [key, 1])) };
  const problem = await problemOf(await gateway.post(body), 400, "invalid_request");
  assert.deepEqual(
    problem.errors?.map(({ field }) => field),
    keys.slice(0, 50),
  );
  assert.match(problem.detail, /field49 is not a field of this request; and 950 more/);
});

test("a body that is not JSON, is empty, or is of another type is told apart", async () => {
  const send = (type: string, body: string) =>
    fetch(`${gateway.url}/api/add-captions`, {
      method: "POST",
      headers: { "x-api-key": gateway.owner.key, "content-type": type },
      body,
    });
  await problemOf(await send("application/json", "{"), 400, "malformed_body");
  await problemOf(await send("application/json", ""), 400, "malformed_body");
  await problemOf(await send("text/plain", "hello"), 415, "unsupported_content_type");
  await problemOf(await send("application/json", `{"video_url":"${"x".repeat(700_000)}"}`), 413, "body_too_large");
});

test("a refused form leaves nothing in the store", async () => {
  const form = new FormData();
  form.append("file", new Blob(["x".repeat(100_000)]), "talk.mp4");
  form.append("priority", "9");
  const before = await gateway.objectCount();
  await problemOf(await gateway.postForm(form), 400, "invalid_request");
  assert.equal(await gateway.objectCount(), before);
});

test("a form without its file, or with another, is refused", async () => {
  const without = new FormData();
  without.append("language", "en");
  const problem = await problemOf(await gateway.postForm(without), 400, "invalid_request");
  assert.deepEqual(
    problem.errors?.map(({ field }) => field),
    ["file"],
  );
});

test("a client that hangs up in the middle of its file leaves nothing in the store, and the server lives", async () => {
  const before = await gateway.objectCount();
  const { port } = new URL(gateway.url);
  const upload = httpRequest({
    port,
    method: "POST",
    path: "/api/add-captions",
    headers: { "x-api-key": gateway.owner.key, "content-type": "multipart/form-data; boundary=b", "content-length": "50000000" },
  });
  upload.on("error", () => undefined);
  upload.write('--b\r\ncontent-disposition: form-data; name="file"; filename="v.mp4"\r\n\r\n');
  upload.write(Buffer.alloc(1_000_000));
  await sleep(200);
  upload.destroy();
  await new Promise((resolve) => upload.once("close", resolve));
  await sleep(300);
  assert.equal((await fetch(`${gateway.url}/health`)).status, 200);
  assert.equal(await gateway.objectCount(), before);
});

test("addresses and methods that there are not", async () => {
  await problemOf(await fetch(`${gateway.url}/api/nothing`), 404, "route_not_found");
  const problem = await fetch(`${gateway.url}/api/add-captions`);
  assert.equal(problem.headers.get("allow"), "POST");
  await problemOf(problem, 405, "method_not_allowed");
});
