import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import { allOfJob, jobFolder, jobsFolder, pieceKey, transcriptsFolder, uploadKey } from "@viralclaw/contracts/ids";
import { limits } from "@viralclaw/contracts/limits";
import { Upload } from "@viralclaw/contracts/uploads";
import { sql } from "kysely";
import { typeidUnboxed } from "typeid-js";
import { alone } from "./alone.ts";
import { type Gateway, log, problemOf, resultOf, retentionDays, startGateway, until } from "./gateway.fixture.ts";
import { type Rules, retain, rulesOf, startRetention } from "./retention.ts";

let gateway: Gateway;
before(async () => {
  gateway = await startGateway();
});
after(() => gateway[Symbol.asyncDispose]());
/** A walk through the store is then due, whatever tests before have walked. */
beforeEach(() => gateway.db.deleteFrom("store_walks").execute());

/** As in production, but what no job accepted is removed however young it is: a store's times cannot be set back. */
const rules: Rules = { ...rulesOf(retentionDays), looseAfterMs: 0 };
const run = (given: Partial<Rules> = {}) =>
  retain({ db: gateway.db, storage: gateway.storage, log, rules: { ...rules, ...given } });

test("given a job that is done, then what no accepted result names goes, and what they name stays", async () => {
  const id = await doneJob();
  const accepted = await storedKeys(id);
  await put(`${jobFolder(id, "render", "exe_late")}/captioned.mp4`, 500);
  await put(`${jobFolder(id, "ingest", "exe_failed")}/source`, 700);
  await gateway.storage.beginParts(`${jobFolder(id, "render", "exe_killed")}/captioned.mp4`, "video/mp4");

  const { removed } = await run();

  assert.deepEqual(removed.not_accepted, { objects: 2, bytes: 1200 });
  assert.deepEqual(await storedKeys(id), accepted);
  assert.equal(await gateway.storage.abortBegun(allOfJob(id), inAnHour()), 0);
  assert.ok((await gateway.job(id)).result_url);
  assert.deepEqual((await run()).removed, {});
});

test("given an edit of a job's words, then it stays as long as the job's other files", async () => {
  const id = await doneJob();
  const key = `${jobFolder(id, "edit", "exe_1")}/transcript.json`;
  await put(key, 300);
  await gateway.db.insertInto("transcripts").values({ job_id: id, version: 2, key }).execute();
  await run();
  assert.ok((await storedKeys(id)).includes(key));
  await endedAgo(id, "60 days");
  await run();
  assert.deepEqual(await storedKeys(id), []);
});

test("given a job that goes on, or that ended a moment ago, then a zombie may still write, and nothing goes", async () => {
  const [running, ended] = [await gateway.accepted(), await doneJob({ ended: "1 minute" })];
  for (const id of [running, ended]) await put(`${jobFolder(id, "render", "exe_other")}/captioned.mp4`, 500);
  await run(rulesOf(retentionDays));
  for (const id of [running, ended])
    assert.ok((await storedKeys(id)).includes(`${jobFolder(id, "render", "exe_other")}/captioned.mp4`));
});

test("given a job that ended long ago, then all of its objects go, the job stays, and the API says so", async () => {
  const id = await doneJob();
  const fresh = await gateway.job(id);
  assert.equal(Date.parse(fresh.files_expire_at ?? "") - Date.parse(fresh.ended_at ?? ""), retentionDays * 86_400_000);
  await endedAgo(id, `${retentionDays} days 2 hours`);

  const { removed } = await run();

  assert.equal(removed.expired?.objects, 4);
  assert.deepEqual(await storedKeys(id), []);
  const job = await gateway.job(id);
  assert.deepEqual([job.status, job.result_url, job.transcript_urls], ["done", null, null]);
  const problem = await problemOf(await gateway.get(`/api/jobs/${id}/transcript.srt`), 410, "files_expired");
  assert.match(problem.detail, /30 days/);
});

test("in the last hour before they go, files that are asked for are told to be gone, and an address given before still works", async () => {
  const id = await doneJob();
  const { result_url } = await gateway.job(id);
  await endedAgo(id, `${retentionDays} days 1 minute`);
  await run();
  assert.equal((await gateway.job(id)).result_url, null);
  await problemOf(await gateway.get(`/api/jobs/${id}/transcript.json`), 410, "files_expired");
  assert.equal((await fetch(result_url ?? "")).status, 200);
});

test("given a later job that works from the source of an expired one, then that one's files stay for its time", async () => {
  const [first, later] = [await doneJob(), await doneJob()];
  await gateway.db
    .updateTable("jobs")
    .set({ known: sql`known || jsonb_build_object('source_key', (select known->>'source_key' from jobs where id = ${first}))` })
    .where("id", "=", later)
    .execute();
  await endedAgo(first, "60 days");
  await run();
  assert.equal((await storedKeys(first)).length, 4);
  await endedAgo(later, "60 days");
  await run();
  await run();
  assert.deepEqual([await storedKeys(first), await storedKeys(later)], [[], []]);
});

test("given a store that fails half way, then nothing is marked as removed, and the next time does the rest", async () => {
  const id = await doneJob();
  await endedAgo(id, "60 days");
  await gateway.store.fail({ status: 403, methods: ["DELETE"], keyPrefix: jobFolder(id, "render", "") });
  await assert.rejects(run(), { code: "store_unavailable" });
  await gateway.store.heal();
  assert.equal((await rowOf(id)).removed_at, null);
  assert.notDeepEqual(await storedKeys(id), []);
  await run();
  assert.deepEqual(await storedKeys(id), []);
  assert.ok((await rowOf(id)).removed_at);
});

test("expired uploads go half a day later, whole or begun, and are then not known any more; younger ones stay", async () => {
  const ids = await Promise.all([1000, limits.singlePutBytes + 1, 1000].map(begin));
  const [whole, begun, young] = ids as [string, string, string];
  for (const id of [whole, young]) await put(uploadKey(id), 1000);
  const expire = (id: string, hours: number) =>
    gateway.db
      .updateTable("uploads")
      .set({ expires_at: sql`now() - make_interval(hours => ${hours})` })
      .where("id", "=", id)
      .execute();
  await Promise.all([expire(whole, 13), expire(begun, 13), expire(young, 11)]);

  const { removed } = await run();

  assert.deepEqual(removed.uploads, { objects: 1, bytes: 1000 });
  assert.equal(await gateway.storage.sizeOf(uploadKey(whole)), undefined);
  assert.equal(await gateway.storage.abortBegun(uploadKey(begun), inAnHour()), 0);
  await problemOf(await gateway.get(`/api/uploads/${whole}`), 404, "upload_not_found");
  await problemOf(await gateway.post({ upload_id: young }), 410, "upload_expired");
  assert.equal(await gateway.storage.sizeOf(uploadKey(young)), 1000);
});

test("what a killed gateway stored for a job that was never accepted goes, but not while it may still be accepted", async () => {
  const [orphan, kept] = [typeidUnboxed("job"), await doneJob()];
  const key = `${jobFolder(orphan, "upload", "exe_1")}/source`;
  await put(key, 900);
  const begun = `${jobFolder(typeidUnboxed("job"), "upload", "exe_1")}/source`;
  await gateway.storage.beginParts(begun, "video/mp4");
  const before = await storedKeys(kept);

  await run(rulesOf(retentionDays));
  assert.equal(await gateway.storage.sizeOf(key), 900);
  await gateway.db.deleteFrom("store_walks").execute();
  const { removed } = await run();

  assert.deepEqual(removed.orphans, { objects: 1, bytes: 900 });
  assert.equal(await gateway.storage.abortBegun(jobsFolder, inAnHour()), 0);
  assert.deepEqual(await storedKeys(kept), before);
});

test("what a zombie writes when all of its job is gone goes too", async () => {
  const id = await doneJob();
  await endedAgo(id, "60 days");
  await run();
  await put(`${jobFolder(id, "render", "exe_zombie")}/captioned.mp4`, 10);
  await gateway.db.deleteFrom("store_walks").execute();
  assert.deepEqual((await run()).removed.orphans, { objects: 1, bytes: 10 });
});

test("given a store of which the database knows next to nothing, then nothing is removed: one of the two is the wrong one", async () => {
  const ids = Array.from({ length: 60 }, () => typeidUnboxed("job"));
  await Promise.all(ids.map((id) => put(`${jobFolder(id, "upload", "exe_1")}/source`, 1)));
  await assert.rejects(run(), /another store's/);
  assert.equal((await Promise.all(ids.map(storedKeys))).flat().length, 60);
  for (const id of ids) await gateway.storage.removeBelow(allOfJob(id));
});

test("the transcripts that jobs share go when they are as old as a job's files may be", async () => {
  await put(`${transcriptsFolder}abc.json`, 20);
  await run();
  assert.equal(await gateway.storage.sizeOf(`${transcriptsFolder}abc.json`), 20);
  await gateway.db.deleteFrom("store_walks").execute();
  assert.deepEqual((await run({ keepMs: -1000 })).removed.transcripts, { objects: 1, bytes: 20 });
});

test("pieces of encoded videos go after a week, whatever a job's files are kept for", async () => {
  const key = pieceKey("cus_1", "abc.mp4");
  await put(key, 30);
  await run({ keepMs: -1000 });
  assert.equal(await gateway.storage.sizeOf(key), 30);
  assert.deepEqual(
    [rulesOf(30).piecesMs, rulesOf(2).piecesMs].map((ms) => ms / 86_400_000),
    [7, 2],
  );
  await gateway.db.deleteFrom("store_walks").execute();
  assert.deepEqual((await run({ piecesMs: -1000 })).removed.pieces, { objects: 1, bytes: 30 });
});

test("a walk through the store is made once a day", async () => {
  const orphan = `${jobFolder(typeidUnboxed("job"), "upload", "exe_1")}/source`;
  await run();
  await put(orphan, 5);
  assert.deepEqual((await run()).removed, {});
  await gateway.db.updateTable("store_walks").set({ ended_at: sql`now() - interval '25 hours'` }).execute();
  assert.deepEqual((await run()).removed, { orphans: { objects: 1, bytes: 5 } });
});

test("one gateway at a time removes, and another takes over", async () => {
  const id = await doneJob();
  await endedAgo(id, "60 days");
  const start = () => startRetention({ db: gateway.db, storage: gateway.storage, log, rules });
  const held = Promise.withResolvers<void>();
  const taken = Promise.withResolvers<void>();
  const first = alone(gateway.db, "retention", async () => {
    taken.resolve();
    await held.promise;
  });
  await taken.promise;
  assert.equal(await alone(gateway.db, "retention", async () => "mine"), undefined);
  held.resolve();
  await first;
  const stops = [start(), start()];
  await until(async () => (await rowOf(id)).removed_at !== null);
  await Promise.all(stops.map((stop) => stop()));
  assert.deepEqual(await storedKeys(id), []);
});

const inAnHour = () => new Date(Date.now() + 3_600_000);
const put = (key: string, bytes: number) => gateway.storage.putText(key, "x".repeat(bytes), "text/plain");
const rowOf = (id: string) => gateway.db.selectFrom("jobs").selectAll().where("id", "=", id).executeTakeFirstOrThrow();
const storedKeys = async (id: string) => (await gateway.storage.list(allOfJob(id))).objects.map(({ key }) => key);

async function endedAgo(id: string, interval: string) {
  await gateway.db
    .updateTable("jobs")
    .set({ ended_at: sql`now() - ${interval}::interval` })
    .where("id", "=", id)
    .execute();
}

/** A job that was posted as a file and is done, with the objects that its results name. */
async function doneJob({ ended = "2 hours" } = {}): Promise<string> {
  const form = new FormData();
  form.append("file", new Blob(["v".repeat(1000)]), "v.mp4");
  const { job_id } = (await (await gateway.postForm(form)).json()) as { job_id: string };
  const { source } = (await rowOf(job_id)).request;
  const key = (stage: string, name: string) => `${jobFolder(job_id, stage, "exe_accepted")}/${name}`;
  const names = {
    ingest: { source_key: source.type === "upload" ? source.key : "" },
    transcribe: { transcript_key: key("transcribe", "transcript.json") },
    render: {
      result_key: key("render", "captioned.mp4"),
      ass_key: key("render", "captions.ass"),
      report_key: key("render", "captions.ass"),
    },
  };
  for (const stage of ["ingest", "transcribe", "render"] as const) {
    const result = resultOf(job_id, stage);
    assert.ok(result.outcome.ok);
    await gateway.advance({ ...result, outcome: { ok: true, data: { ...result.outcome.data, ...names[stage] } } });
  }
  for (const stored of [names.transcribe.transcript_key, names.render.result_key, names.render.ass_key]) await put(stored, 100);
  await endedAgo(job_id, ended);
  return job_id;
}

async function begin(bytes: number): Promise<string> {
  const answer = await fetch(`${gateway.url}/api/uploads`, {
    method: "POST",
    headers: { "x-api-key": gateway.owner.key, "content-type": "application/json" },
    body: JSON.stringify({ bytes }),
  });
  return Upload.parse(await answer.json()).upload_id;
}
