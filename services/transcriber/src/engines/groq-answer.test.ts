import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { readAnswer } from "./groq-answer.ts";

const answer = {
  task: "transcribe",
  language: "Portuguese",
  duration: 4,
  text: " Olá, mundo!",
  words: [
    { word: "Olá", start: 0.1, end: 0.52 },
    { word: "mundo", start: 0.6, end: 1.1 },
  ],
  segments: [{ id: 0, start: 0, end: 1.2, text: " Olá, mundo!", avg_logprob: -0.25, no_speech_prob: 0.01, compression_ratio: 1 }],
  x_groq: { id: "req_1" },
};

describe("an answer of Groq", () => {
  it("gives words with the spelling of the text, times in ms, the confidence of their segment and the language's code", () => {
    assert.deepEqual(readAnswer(answer), {
      language: "pt",
      words: [
        { text: "Olá,", start_ms: 100, end_ms: 520, confidence: Math.exp(-0.25) },
        { text: "mundo!", start_ms: 600, end_ms: 1100, confidence: Math.exp(-0.25) },
      ],
    });
  });

  it("may have no segments: the text is then the answer's own and the confidence is unknown", () => {
    const { words } = readAnswer({ ...answer, segments: null });
    assert.deepEqual(
      words.map(({ text, confidence }) => [text, confidence]),
      [
        ["Olá,", 0.5],
        ["mundo!", 0.5],
      ],
    );
  });

  it("may name its language by code, or by a name that nobody knows", () => {
    assert.equal(readAnswer({ ...answer, language: "pt" }).language, "pt");
    assert.equal(readAnswer({ ...answer, language: "Klingon" }).language, undefined);
    assert.equal(readAnswer({ ...answer, language: null }).language, undefined);
  });

  const imagined = {
    "that is probably silence and improbable as text": { text: " Obrigado.", avg_logprob: -1.4, no_speech_prob: 0.93 },
    "that is a subtitler's credit": { text: " Legendas pela comunidade Amara.org", avg_logprob: -0.1, no_speech_prob: 0 },
  };
  for (const [which, segment] of Object.entries(imagined)) {
    it(`is read without a segment ${which}`, () => {
      const { words } = readAnswer({
        ...answer,
        text: answer.text + segment.text,
        words: [...answer.words, { word: segment.text.trim().split(" ")[0], start: 2.1, end: 3.5 }],
        segments: [...answer.segments, { id: 1, start: 2, end: 4, ...segment }],
      });
      assert.deepEqual(
        words.map(({ text }) => text),
        ["Olá,", "mundo!"],
      );
    });
  }

  it("keeps quiet speech, and words that only look like silence", () => {
    for (const [avg_logprob, no_speech_prob] of [
      [-0.3, 0.95],
      [-1.4, 0.1],
    ]) {
      const segments = [{ ...answer.segments[0], avg_logprob, no_speech_prob }];
      assert.equal(readAnswer({ ...answer, segments }).words.length, 2);
    }
  });

  it("may be empty", () => {
    assert.deepEqual(readAnswer({ text: "", words: [], segments: [] }), { language: undefined, words: [] });
    assert.deepEqual(readAnswer({ text: " ...", language: "English", words: null, segments: null }).words, []);
  });

  it("is refused where it is none, or has a text without the times of its words", () => {
    for (const body of [
      undefined,
      "text",
      {},
      { ...answer, words: "none" },
      { ...answer, words: null },
      { ...answer, words: [] },
    ]) {
      assert.throws(() => readAnswer(body), { code: "speech_engine_failed" });
    }
  });
});
