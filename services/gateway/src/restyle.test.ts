import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { Job } from "@viralclaw/contracts/api";
import type { FactData } from "@viralclaw/contracts/facts";
import type { Transcript } from "@viralclaw/contracts/transcript";
import { acceptance, type Gateway, problemOf, resultOf, startGateway } from "./gateway.fixture.ts";

/** A restyle as the gateway decides it. What it looks like is in test/acceptance/words.test.ts. */

let gateway: Gateway;
before(async () => {
  gateway = await startGateway();
  await gateway.storage.putText("jobs/j/ingest/e/source", "a video", "video/mp4");
});
after(() => gateway[Symbol.asyncDispose]());

const word = { text: "Hello", start_ms: 100, end_ms: 500, confidence: 1 };
const transcript: Transcript = {
  ...{ version: 1, language: "en", engine: "local", model: "m", timing_source: "recognised", duration_ms: 11_000 },
  ...{ text: "Hello", words: [word] },
};

/** A job that has been done. */
async function done(body: object = {}): Promise<string> {
  const id = await gateway.accepted({ language: "en", ...body });
  await gateway.storage.putText(`jobs/${id}/transcribe/exe/transcript.json`, JSON.stringify(transcript), "application/json");
  for (const stage of ["ingest", "transcribe", "render"] as const) await gateway.advance(resultOf(id, stage));
  return id;
}

const restyle = (id: string, body: object = {}, headers: Record<string, string> = {}, key = gateway.owner.key) =>
  fetch(`${gateway.url}/api/jobs/${id}/restyle`, {
    method: "POST",
    headers: { "x-api-key": key, "content-type": "application/json", ...headers },
    body: JSON.stringify(body),
  });

const factsOf = (id: string) =>
  gateway.db.selectFrom("facts").select(["name", "data"]).where("job_id", "=", id).orderBy("sequence").execute();

test("a restyle is a new job from the original video that is only rendered", async () => {
  const origin = await done({
    style: "karaoke",
    style_overrides: { size: 0.09 },
    metadata: { post: 1 },
    priority: 2,
    quality: "best",
  });
  const answer = await restyle(origin);
  assert.equal(answer.status, 202);
  const { job_id } = await acceptance(answer);
  assert.equal(answer.headers.get("location"), `/api/jobs/${job_id}`);
  const [fact, ...others] = await factsOf(job_id);
  assert.deepEqual([fact?.name, others], ["job.transcribed", []]);
  const [requested, ingested, transcribed] = await factsOf(origin);
  assert.deepEqual([requested?.name, ingested?.name], ["job.requested", "job.ingested"]);
  assert.deepEqual(fact?.data, { ...transcribed?.data, job_id, restyled_from: origin, words: 1 });
  const job = await gateway.job(job_id);
  assert.deepEqual(
    [job.status, job.restyled_from, job.style, job.style_overrides, job.metadata, job.priority, job.quality, job.result_url],
    ["queued", origin, "karaoke", { size: 0.09 }, { post: 1 }, 2, "best", null],
  );
  await gateway.advance({ ...resultOf(job_id, "render") });
  const after = await gateway.job(job_id);
  assert.deepEqual([after.status, Object.keys(after.attempts)], ["done", ["render"]]);
});

test("words and style may be others; another style begins without the old one's overrides", async () => {
  const origin = await done({ style: "karaoke", style_overrides: { size: 0.09 } });
  const edit = await fetch(`${gateway.url}/api/jobs/${origin}/transcript`, {
    method: "PUT",
    headers: { "x-api-key": gateway.owner.key, "content-type": "application/json" },
    body: JSON.stringify({ version: 1, words: [word, { ...word, text: "you", start_ms: 600, end_ms: 900 }] }),
  });
  assert.equal(edit.status, 200);
  const of = async (body: object) => {
    const { job_id } = await acceptance(await restyle(origin, body));
    return { ...((await factsOf(job_id))[0]?.data as FactData<"job.transcribed">), job_id };
  };
  const newest = await of({ style: "minimal", metadata: null, max_bytes: 9_000_000 });
  assert.deepEqual(
    [newest.style, newest.style_overrides, newest.transcript_version, newest.words, newest.max_result_bytes],
    ["minimal", null, 2, 2, 9_000_000],
  );
  assert.deepEqual((await of({ transcript_version: 1 })).words, 1);
  const changed = await of({ style_overrides: { size: 0.06 } });
  assert.deepEqual([changed.style, changed.style_overrides], ["karaoke", { size: 0.06 }]);
  // The new job's words begin with those it was given, and have edits of their own.
  const words = await (await gateway.get(`/api/jobs/${newest.job_id}/transcript`)).json();
  assert.equal((words as Transcript).version, 2);
});

test("a restyle of a restyle starts from the original as well", async () => {
  const origin = await done();
  const first = (await acceptance(await restyle(origin, { style: "minimal" }))).job_id;
  await gateway.advance(resultOf(first, "render"));
  const second = (await acceptance(await restyle(first, { style: "karaoke" }))).job_id;
  const [fact] = await factsOf(second);
  assert.deepEqual([fact?.data.source_key, fact?.data.restyled_from], ["jobs/j/ingest/e/source", first]);
});

test("a job that failed at the render may be restyled; one that is not done, or got no further, may not", async () => {
  const failedAt = async (stage: "ingest" | "render") => {
    const id = await gateway.accepted({ language: "en" });
    await gateway.storage.putText(`jobs/${id}/transcribe/exe/transcript.json`, JSON.stringify(transcript), "application/json");
    if (stage === "render") for (const before of ["ingest", "transcribe"] as const) await gateway.advance(resultOf(id, before));
    const outcome = { ok: false as const, error: { code: "worker_died" as const, params: { stage, attempts: 4 } } };
    await gateway.advance({ ...resultOf(id, stage), outcome });
    return id;
  };
  assert.equal((await restyle(await failedAt("render"))).status, 202);
  await problemOf(await restyle(await failedAt("ingest")), 409, "restyle_not_possible");
  const running = await gateway.accepted();
  await problemOf(await restyle(running), 409, "restyle_not_ready");
  await gateway.cancel(running);
  await problemOf(await restyle(running), 409, "restyle_not_possible");
});

test("where the video is no longer kept, that is said", async () => {
  const origin = await done();
  await gateway.db
    .updateTable("jobs")
    .set({ known: JSON.stringify({ ...(await knownOf(origin)), source_key: "jobs/j/ingest/e/gone" }) })
    .where("id", "=", origin)
    .execute();
  await problemOf(await restyle(origin), 410, "files_expired");
});

async function knownOf(id: string) {
  return (await gateway.db.selectFrom("jobs").select("known").where("id", "=", id).executeTakeFirstOrThrow()).known;
}

test("what is wrong is named; another customer's job is not there", async () => {
  const origin = await done();
  const fields = async (body: object) =>
    (await problemOf(await restyle(origin, body), 400, "invalid_request")).errors?.map(({ field }) => field);
  assert.deepEqual(await fields({ style: "plain", words: [] }), ["style", "words"]);
  assert.deepEqual(await fields({ style_overrides: { stroke: { width: 5 } } }), ["style_overrides.stroke.width"]);
  assert.deepEqual(await fields({ transcript_version: 0 }), ["transcript_version"]);
  await problemOf(await restyle(origin, { transcript_version: 7 }), 404, "transcript_version_not_found");
  const stranger = await gateway.newCustomer("restyler@example.com");
  await problemOf(await restyle(origin, {}, {}, stranger.key), 404, "job_not_found");
});

test("a repeat under its Idempotency-Key is one job; another request is another", async () => {
  const origin = await done();
  const key = { "idempotency-key": "restyle-1" };
  const answers = await Promise.all([1, 2, 3].map(async () => (await restyle(origin, { style: "minimal" }, key)).text()));
  assert.equal(new Set(answers).size, 1);
  await problemOf(await restyle(origin, { style: "karaoke" }, key), 422, "idempotency_key_reused");
  await problemOf(await restyle(await done(), { style: "minimal" }, key), 422, "idempotency_key_reused");
  const { jobs } = (await (await gateway.get("/api/jobs?limit=100")).json()) as { jobs: Job[] };
  assert.equal(jobs.filter(({ restyled_from }) => restyled_from === origin).length, 1);
});

test("a waiting client is told when the restyle is done", async () => {
  const { job_id } = await acceptance(await restyle(await done()));
  const waiting = gateway.get(`/api/jobs/${job_id}?wait=30`);
  await gateway.advance(resultOf(job_id, "render"));
  assert.equal(((await (await waiting).json()) as Job).status, "done");
});
