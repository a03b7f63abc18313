import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { Transcript, Word } from "@viralclaw/contracts/transcript";
import { type Gateway, problemOf, resultOf, startGateway, until } from "./gateway.fixture.ts";

/** The words of a job, read in every format and edited version by version. */

let gateway: Gateway;
before(async () => {
  gateway = await startGateway();
});
after(() => gateway[Symbol.asyncDispose]());

const words: Word[] = [
  { text: "Hello", start_ms: 100, end_ms: 500, confidence: 0.4 },
  { text: "there.", start_ms: 500, end_ms: 900, confidence: 0.9 },
];
const made: Transcript = {
  ...{ version: 1, language: "en", engine: "local", model: "m", timing_source: "recognised", duration_ms: 11_000 },
  ...{ text: "Hello there.", words },
};

/** What waits for ever fails. */
const limit = { timeout: 60_000 };

/** A job of which these words were recognised. */
async function transcribed(transcript = made): Promise<string> {
  const id = await gateway.accepted({ language: "en" });
  await gateway.storage.putText(`jobs/${id}/transcribe/exe/transcript.json`, JSON.stringify(transcript), "application/json");
  await gateway.advance(resultOf(id, "ingest"));
  await gateway.advance(resultOf(id, "transcribe"));
  return id;
}

const get = (id: string, ending = "", query = "") => gateway.get(`/api/jobs/${id}/transcript${ending}${query}`);
const put = (id: string, body: object, headers: Record<string, string> = {}, key = gateway.owner.key) =>
  fetch(`${gateway.url}/api/jobs/${id}/transcript`, {
    method: "PUT",
    headers: { "x-api-key": key, "content-type": "application/json", ...headers },
    body: JSON.stringify(body),
  });

test("the transcript is there in every format once made, and says so before", async () => {
  const id = await gateway.accepted();
  await problemOf(await get(id, ".srt"), 409, "transcript_not_ready");
  await problemOf(await put(id, { version: 1, words }), 409, "transcript_not_ready");
  const job = await transcribed();
  const json = await get(job);
  assert.equal(json.headers.get("etag"), '"1"');
  assert.deepEqual(await json.json(), made);
  assert.deepEqual(await (await get(job, ".json")).json(), made);
  assert.match(await (await get(job, ".srt")).text(), /^1\n00:00:00,100 --> 00:00:0\d,\d{3}\nHello there\./);
  assert.match(await (await get(job, ".vtt")).text(), /^WEBVTT/);
  // As captions it is laid out by a renderer, of which there is none here.
  assert.match((await problemOf(await get(job, ".ass"), 503, "service_unavailable")).detail, /renderer/);
  assert.equal((await gateway.job(job)).timing_source, "recognised");
  await gateway.advance({
    ...resultOf(job, "render"),
    outcome: { ok: false, error: { code: "render_failed", params: { reason: "x" } } },
  });
  await problemOf(await get(job, ".ass"), 503, "service_unavailable");
});

test("the styled captions of the words in the video are those that were drawn; of others a renderer is asked", async () => {
  const id = await transcribed();
  const rendered = resultOf(id, "render");
  await gateway.advance(rendered);
  assert.ok(rendered.outcome.ok);
  await gateway.storage.putText(String(rendered.outcome.data.ass_key), "[Script Info]", "text/x-ssa");
  assert.equal(await (await get(id, ".ass")).text(), "[Script Info]");
  await put(id, { version: 1, words: [words[0]] });
  assert.equal(await (await get(id, ".ass", "?version=1")).text(), "[Script Info]");
  await problemOf(await get(id, ".ass"), 503, "service_unavailable");
  await problemOf(await get(id, ".ass", "?version=3"), 404, "transcript_version_not_found");
});

test("an edit is a new version, in every format; the ones before stay, and one of them put again undoes it", async () => {
  const id = await transcribed();
  const edited = [{ ...words[0], text: "Hallo\u202e", emphasis: true, emoji: "👋" }];
  const answer = await put(id, { version: 1, words: edited });
  assert.equal(answer.status, 200, await answer.clone().text());
  assert.equal(answer.headers.get("etag"), '"2"');
  const second = { ...made, version: 2, text: "Hallo", words: [{ ...edited[0], text: "Hallo" }] };
  assert.deepEqual(await answer.json(), second);
  assert.deepEqual(await (await get(id)).json(), second);
  assert.match(await (await get(id, ".srt")).text(), /Hallo$/m);
  assert.match(await (await get(id, ".vtt", "?version=1")).text(), /Hello there\./);
  await put(id, { words }, { "if-match": '"2"' });
  assert.deepEqual(await (await get(id)).json(), { ...made, version: 3 });
  await problemOf(await get(id, "", "?version=4"), 404, "transcript_version_not_found");
  await problemOf(await get(id, "", "?version=x"), 400, "invalid_request");
});

test("what of a script nobody was heard to say is told until it is edited", async () => {
  const not_heard = [{ text: "Title", at_ms: 0, until_ms: 0, shown: false }];
  const id = await transcribed({ ...made, engine: null, model: null, timing_source: "aligned", not_heard });
  assert.deepEqual(((await (await get(id)).json()) as Transcript).not_heard, not_heard);
  const edited = (await (await put(id, { version: 1, words })).json()) as Transcript;
  assert.deepEqual([edited.not_heard, edited.timing_source], [undefined, "aligned"]);
});

test("times that were moved are the customer's", async () => {
  const id = await transcribed();
  const moved = { text: "Hello", start_ms: 120, end_ms: 500 };
  const transcript = (await (await put(id, { version: 1, words: [moved] })).json()) as Transcript;
  assert.deepEqual([transcript.timing_source, transcript.words], ["customer", [{ ...moved, confidence: 1 }]]);
});

test("of edits of the same version one is kept; the others are told the version that there is now", async () => {
  const id = await transcribed();
  const answers = await Promise.all(["a", "b", "c", "d"].map((text) => put(id, { version: 1, words: [{ ...words[0], text }] })));
  const kept = answers.filter(({ status }) => status === 200);
  assert.equal(kept.length, 1);
  for (const answer of answers.filter(({ status }) => status !== 200)) {
    const problem = await problemOf(answer, 409, "transcript_conflict");
    assert.match(problem.detail, /version 1 of the transcript; it is at version 2/);
  }
  assert.equal((await gateway.db.selectFrom("transcripts").selectAll().where("job_id", "=", id).execute()).length, 1);
});

test(
  "given a store that hangs, then the job is held up by no edit; of two that hang in it one is kept, and nothing of the other",
  limit,
  async () => {
    const id = await transcribed();
    // Beside the video of every job of these tests.
    const edits = "jobs/j/edit/";
    const editCount = async () => (await gateway.storage.list(edits)).objects.length;
    const before = await editCount();
    await gateway.store.fail({ held: true, methods: ["PUT"], keyPrefix: edits });
    const answers = ["a", "b"].map((text) => put(id, { version: 1, words: [{ ...words[0], text }] }));
    await until(async () => (await gateway.store.met()) === 2);

    assert.equal((await gateway.cancel(id)).status, 200);
    await gateway.store.heal();

    const statuses = (await Promise.all(answers)).map(({ status }) => status);
    assert.deepEqual(statuses.sort(), [200, 409]);
    assert.equal(await editCount(), before + 1);
    assert.equal(((await (await get(id)).json()) as Transcript).version, 2);
  },
);

const wrong: [what: string, body: object, headers: Record<string, string>, field: string][] = [
  ["no version", { words }, {}, "version"],
  ["two versions", { version: 2, words }, { "if-match": '"1"' }, "version"],
  ["an ETag that is none", { words }, { "if-match": "*" }, "If-Match"],
  ["no words", { version: 1, words: [] }, {}, "words"],
  ["nothing", {}, {}, "words"],
  ["words out of order", { version: 1, words: words.toReversed() }, {}, "words.1.start_ms"],
  ["words after the end", { version: 1, words: [{ text: "x", start_ms: 11_000, end_ms: 11_500 }] }, {}, "words.0.start_ms"],
  ["a field that there is not", { version: 1, words, text: "x" }, {}, "text"],
];
for (const [what, body, headers, field] of wrong) {
  test(`an edit is refused with what is wrong named, and nothing is kept: ${what}`, async () => {
    const id = await transcribed();
    const problem = await problemOf(await put(id, body, headers), 400, "invalid_request");
    assert.equal(problem.errors?.[0]?.field, field);
    assert.equal(((await (await get(id)).json()) as Transcript).version, 1);
  });
}

test("another customer's transcript is not there to be edited", async () => {
  const id = await transcribed();
  const stranger = await gateway.newCustomer("editor@example.com");
  await problemOf(await put(id, { version: 1, words }, {}, stranger.key), 404, "job_not_found");
  await problemOf(await put("job_1", { version: 1, words }), 400, "invalid_request");
});
