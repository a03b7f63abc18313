import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { limits } from "@viralclaw/contracts/limits";
import { Wording } from "@viralclaw/contracts/wording";
import { acceptance, type Gateway, problemOf, startGateway } from "./gateway.fixture.ts";

/** The customer's own words in a request: as they are kept for the transcriber, and what is said of those that are wrong. */

let gateway: Gateway;
before(async () => {
  gateway = await startGateway();
});
after(() => gateway[Symbol.asyncDispose]());

const video_url = "https://example.com/v.mp4";
const word = (text: string, start_ms: number, end_ms: number, more = {}) => ({ text, start_ms, end_ms, ...more });

async function keptBy(answer: Response): Promise<Wording | null> {
  const { job_id } = await acceptance(answer);
  const { data } = await gateway.db.selectFrom("facts").select("data").where("job_id", "=", job_id).executeTakeFirstOrThrow();
  const wording = data.wording as { key: string; has_words: boolean } | null;
  if (!wording) return null;
  assert.ok(wording.key.startsWith(`jobs/${job_id}/`));
  const kept = Wording.parse(JSON.parse((await gateway.storage.getText(wording.key)) ?? ""));
  assert.equal(wording.has_words, kept.words !== null);
  return kept;
}

test("without any there is nothing to keep", async () => assert.equal(await keptBy(await gateway.post({ video_url })), null));

test("words with their times are kept clean, with emphasis and emoji; they are too long for a fact", async () => {
  const words = [word("Stop\u202e", 100, 400, { emphasis: true }), word("now", 400, 900, { emoji: "🔥" })];
  assert.deepEqual(await keptBy(await gateway.post({ video_url, words, glossary: ["ViralClaw"] })), {
    words: {
      kind: "words",
      words: [word("Stop", 100, 400, { emphasis: true, confidence: 1 }), word("now", 400, 900, { emoji: "🔥", confidence: 1 })],
    },
    glossary: ["ViralClaw"],
  });
});

test("SRT and WebVTT are kept as cues with their lines, text as words, a glossary alone without words", async () => {
  const cue = { line: 2, start_ms: 1000, end_ms: 2500, words: ["Olá,", "mundo!"] };
  const srt = "1\n00:00:01,000 --> 00:00:02,500\n<b>Olá,</b>\nmundo!\n";
  assert.deepEqual((await keptBy(await gateway.post({ video_url, srt })))?.words, { kind: "cues", cues: [cue] });
  const vtt = "WEBVTT\n\n00:01.000 --> 00:02.500\nOlá, mundo!\n";
  assert.deepEqual((await keptBy(await gateway.post({ video_url, vtt })))?.words, { kind: "cues", cues: [{ ...cue, line: 3 }] });
  const text = "今日は晴れ。";
  assert.deepEqual((await keptBy(await gateway.post({ video_url, text, language: "ja" })))?.words, {
    ...{ kind: "text", words: ["今日", "は", "晴れ。"] },
  });
  assert.deepEqual(await keptBy(await gateway.post({ video_url, glossary: ["OpenClaw"] })), {
    words: null,
    glossary: ["OpenClaw"],
  });
});

test("a form carries them as text", async () => {
  const form = new FormData();
  form.append("file", new Blob(["x"]), "v.mp4");
  form.append("words", JSON.stringify([word("oi", 0, 300)]));
  form.append("glossary", '["ViralClaw"]');
  const kept = await keptBy(await gateway.postForm(form));
  assert.deepEqual([kept?.words?.kind, kept?.glossary], ["words", ["ViralClaw"]]);
});

test("as many words as are allowed go in, in JSON and in a form", async () => {
  const words = Array.from({ length: limits.maxWords }, (_, i) => word("words!", i * 100, i * 100 + 90, { emphasis: false }));
  assert.equal((await gateway.post({ video_url, words })).status, 202);
  const form = new FormData();
  form.append("words", JSON.stringify(words));
  form.append("file", new Blob(["x"]), "v.mp4");
  assert.equal((await gateway.postForm(form)).status, 202);
});

const srtOf = (...times: string[]) => times.map((time, i) => `${i + 1}\n${time}\nword\n`).join("\n");
const clock = (seconds: number) => `0:${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
/** As many cues as there may be. */
const srtOfWords = (text: string) =>
  Array.from({ length: limits.maxWords }, (_, i) => `${clock(i)} --> ${clock(i + 1)}\n${text}\n\n`).join("");
const tooLong = Array.from({ length: 201 }, (_, i) => word("w".repeat(150), i * 2, i * 2 + 1));
const wrong: [what: string, body: object, field: string, says: RegExp][] = [
  ["several kinds at once", { text: "a", srt: "b" }, "text", /is given beside srt; give one of words, srt, vtt, text/],
  ["no word", { words: [] }, "words", /at least one/],
  [
    "words that overlap",
    { words: [word("a", 0, 500), word("b", 400, 800)] },
    "words.1.start_ms",
    /is 400, before .* ends \(500\)/,
  ],
  ["words out of order", { words: [word("a", 900, 950), word("b", 0, 80)] }, "words.1.start_ms", /in order/],
  ["a word without a length", { words: [word("a", 500, 500)] }, "words.0.end_ms", /after start_ms, 500/],
  ["a time that is none", { words: [word("a", -1, 500)] }, "words.0.start_ms", /./],
  [
    "a word of nothing to be seen",
    { words: [word("a", 0, 1), word("\u200b", 2, 3)] },
    "words.1.text",
    /nothing that can be seen/,
  ],
  ["an emoji that is none", { words: [word("a", 0, 1, { emoji: "fire" })] }, "words.0.emoji", /must be one emoji/],
  ["a field that there is not", { words: [word("a", 0, 1, { colour: 1 })] }, "words.0.colour", /is not a field/],
  ["too many words", { text: "so ".repeat(limits.maxWords + 1) }, "text", /at most 3000 words/],
  ["words that are too long in all", { words: tooLong }, "words", /at most 20000 characters in all/],
  ["a text that is too long", { text: "{ ".repeat(limits.maxWordsCharacters) }, "text", /at most 20000 characters/],
  ["cues that are too long in all", { srt: srtOfWords("w".repeat(12)) }, "srt", /at most 20000 characters of words/],
  ["a line too many, whatever is in it", { srt: "\n".repeat(6 * limits.maxWords) }, "srt", /^line 18001 is one too many/],
  ["text without words", { text: " … " }, "text", /has no words/],
  ["a word that is too long", { text: "w".repeat(201) }, "text", /more than 200 characters/],
  ["a broken SRT", { srt: `${srtOf("00:00:01,000 --> 00:00:02,000")}\nnoise\n` }, "srt", /^line 5 has no times/],
  [
    "SRT cues that overlap",
    { srt: srtOf("00:00:01,000 --> 00:00:02,000", "00:00:01,900 --> 00:00:03,000") },
    "srt",
    /^line 6 begins before the cue of line 2 ends/,
  ],
  ["an SRT cue without a length", { srt: srtOf("00:00:01,000 --> 00:00:01,000") }, "srt", /^line 2 ends when it begins/],
  ["an SRT without cues", { srt: "" }, "srt", /has no words/],
  ["an SRT as WebVTT", { vtt: srtOf("00:00:01,000 --> 00:00:02,000") }, "vtt", /^line 1 is not WEBVTT/],
  ["own words in a language to be found out", { text: "hi", language: "auto" }, "language", /must be named with text/],
  ["a glossary that is none", { glossary: "ViralClaw" }, "glossary", /./],
  ["a glossary of letters", { glossary: ["a"] }, "glossary.0", /at least 2/],
];
for (const [what, body, field, says] of wrong) {
  test(`refused with what is wrong named: ${what}`, async () => {
    const before = await gateway.objectCount();
    const { errors = [] } = await problemOf(await gateway.post({ video_url, ...body }), 400, "invalid_request");
    assert.equal(errors[0]?.field, field, JSON.stringify(errors));
    assert.match(errors[0]?.message ?? "", says);
    assert.equal(await gateway.objectCount(), before);
  });
}

test("a form's field that carries no words may not be as long as one that does", async () => {
  const form = new FormData();
  form.append("metadata", JSON.stringify({ a: "x".repeat(70_000) }));
  form.append("file", new Blob(["x"]), "v.mp4");
  await problemOf(await gateway.postForm(form), 413, "body_too_large");
});

test("a repeat with other words is another request", async () => {
  const send = (text: string) =>
    fetch(`${gateway.url}/api/add-captions`, {
      method: "POST",
      headers: { "x-api-key": gateway.owner.key, "content-type": "application/json", "idempotency-key": "words-1" },
      body: JSON.stringify({ video_url, text }),
    });
  const first = await (await send("hello there")).text();
  assert.equal(await (await send("hello there")).text(), first);
  await problemOf(await send("hello you"), 422, "idempotency_key_reused");
});
