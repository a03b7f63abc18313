import assert from "node:assert/strict";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { envelopeOf, findPiece } from "./envelope.ts";
import { type GroqStandIn, startGroqStandIn } from "./groq.ts";
import { decodePcm, encodePcm } from "./pcm.ts";

/** Two seconds of noise for each word, each as loud as chance has it ten times a second: no two stretches are alike. */
const texts = ["Olá,", "mundo!", "Tudo", "bem?", "Tchau."];
const words = texts.map((text, i) => ({ text, start_ms: 500 + i * 2000, end_ms: 2000 + i * 2000 }));
const recording = noise(10_000, 7);
const stranger = noise(10_000, 8);

let dir: string;
let groq: GroqStandIn;
before(async () => {
  dir = await mkdtemp(join(tmpdir(), "viralclaw-stand-in-"));
  groq = await startGroqStandIn({ known: [{ audio: recording, words, language: "pt" }], apiKey: "gsk_test" });
});
after(async () => {
  await groq.stop();
  await rm(dir, { recursive: true });
});

async function ask(
  samples: Int16Array,
  fields: [string, string][] = verbose,
  { key = "gsk_test", name = "audio.flac", path = "" } = {},
) {
  await encodePcm(samples, join(dir, "sent.flac"));
  const form = new FormData();
  form.append("file", new File([await readFile(join(dir, "sent.flac"))], name));
  for (const [field, value] of fields) form.append(field, value);
  const url = `${groq.url}${path || "/openai/v1/audio/transcriptions"}`;
  const response = await fetch(url, { method: "POST", body: form, headers: { authorization: `Bearer ${key}` } });
  const text = await response.text();
  return { status: response.status, headers: response.headers, text, body: text.startsWith("{") ? JSON.parse(text) : undefined };
}

const model: [string, string] = ["model", "whisper-large-v3-turbo"];
const verbose: [string, string][] = [
  model,
  ["response_format", "verbose_json"],
  ["timestamp_granularities[]", "word"],
  ["timestamp_granularities[]", "segment"],
];

describe("the stand-in for Groq", () => {
  it("given a recording that it knows, then it answers as Groq does", async () => {
    const { status, body } = await ask(recording);
    assert.equal(status, 200);
    const { x_groq, segments, words: heard, ...rest } = body;
    assert.match(x_groq.id, /^req_/);
    assert.deepEqual(rest, { task: "transcribe", language: "Portuguese", duration: 10, text: " Olá, mundo! Tudo bem? Tchau." });
    assert.deepEqual(heard[1], { word: "mundo", start: 2.5, end: 4 });
    assert.deepEqual(Object.keys(segments[0]).sort(), [
      ...["avg_logprob", "compression_ratio", "end", "id", "no_speech_prob", "seek", "start", "temperature", "text", "tokens"],
    ]);
  });

  it("given a piece of it, with another level, then it answers that piece's words on the piece's clock", async () => {
    const { body } = await ask(recording.slice(16 * 4_000).map((sample) => sample / 3));
    assert.deepEqual(
      body.words.map(({ word, start }: { word: string; start: number }) => [word, start]),
      [
        ["Tudo", 0.5],
        ["bem", 2.5],
        ["Tchau", 4.5],
      ],
    );
  });

  it("given other audio, then it says so aloud; given silence, then there are no words", async () => {
    const { status, body } = await ask(stranger);
    assert.equal(status, 400);
    assert.match(body.error.message, /none of the 1 known recordings/);
    assert.deepEqual((await ask(new Int16Array(16_000))).body.words, []);
  });

  it("given other formats and granularities, then it answers in them", async () => {
    assert.deepEqual(Object.keys((await ask(recording, [model])).body), ["text", "x_groq"]);
    assert.equal((await ask(recording, [model, ["response_format", "text"]])).text, " Olá, mundo! Tudo bem? Tchau.");
    const wordsOnly = await ask(recording, [model, ["response_format", "verbose_json"], ["timestamp_granularities[]", "word"]]);
    assert.equal(wordsOnly.body.segments, null);
    assert.equal(wordsOnly.body.words.length, 5);
  });

  it("given what Groq refuses, then it refuses it likewise", async () => {
    const refusals: [Parameters<typeof ask>[1], Parameters<typeof ask>[2], status: number, message: RegExp][] = [
      [verbose, { key: "gsk_other" }, 401, /Invalid API Key/],
      [[["model", "whisper-9"]], {}, 404, /`whisper-9` does not exist/],
      [verbose, { name: "audio" }, 400, /file must be one of the following types/],
      [[...verbose, ["timestamp_granularities", "word"]], {}, 400, /unknown param `timestamp_granularities`/],
      [[model, ["timestamp_granularities[]", "word"]], {}, 400, /verbose_json/],
      [verbose, { path: "/audio" }, 404, /Unknown request URL/],
    ];
    for (const [fields, options, status, message] of refusals) {
      const answer = await ask(recording, fields, options);
      assert.equal(answer.status, status);
      assert.match(answer.body.error.message, message);
    }
  });

  it("given a fault, then it is that often faulty and keeps count", async () => {
    groq.requests.length = 0;
    groq.setFault({ kind: "rate limited", retryAfterSeconds: 7 }, 1);
    const limited = await ask(recording);
    assert.deepEqual(
      [limited.status, limited.headers.get("retry-after"), limited.body.error.code],
      [429, "7", "rate_limit_exceeded"],
    );
    groq.setFault({ kind: "quota" }, 1);
    assert.equal((await ask(recording)).status, 413);
    groq.setFault({ kind: "cut" }, 1);
    await assert.rejects(ask(recording));
    assert.equal((await ask(recording)).status, 200);
    assert.deepEqual(
      groq.requests.map(({ status }) => status),
      [429, 413, 0, 200],
    );
  });
});

describe("a recording that was through a codec", () => {
  it("given a lossy one, when it is looked for, then it is found to a hundredth of a second", async () => {
    await encodePcm(recording.slice(16 * 3_000, 16 * 8_000), join(dir, "piece.m4a"));
    const piece = envelopeOf(await decodePcm(join(dir, "piece.m4a")));
    const place = findPiece(piece, envelopeOf(recording));
    assert.ok(Math.abs(place.offsetMs - 3_000) <= 10 && place.likeness > 0.95, JSON.stringify(place));
    assert.ok(findPiece(piece, envelopeOf(stranger)).likeness < 0.7);
  });
});

function noise(durationMs: number, seed: number): Int16Array {
  let state = seed;
  const random = () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
  let level = 0;
  return new Int16Array(durationMs * 16).map((_, i) => {
    if (i % 1600 === 0) level = random() ** 2 * 20_000;
    return (random() - 0.5) * level;
  });
}
