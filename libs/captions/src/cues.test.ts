import assert from "node:assert/strict";
import { test } from "node:test";
import { type CueRules, holdMs, lingerMs, makeCues, pauseMs } from "./cues.ts";
import { spoken } from "./testing.ts";
import { type ShownWord, shownWords } from "./words.ts";

const rules: CueRules = {
  maxWordsPerCue: 3,
  maxWordsPerLine: 3,
  maxLines: 2,
  maxWidth: 100,
  wordGap: 1,
  joinedGap: 0,
  peak: 1,
  rest: 1,
  endMs: 60_000,
};
const asSpoken = { text_case: "spoken", punctuation: "spoken", keywords: [] } as const;
const widthsOf = (words: readonly ShownWord[]) => words.map(({ text }) => text.length);

function cuesOf(text: string, change: Partial<CueRules> = {}): string[] {
  const words = shownWords(spoken(text), { style: asSpoken, language: "en", endMs: rules.endMs });
  return makeCues(words, widthsOf(words), { ...rules, ...change }).map((cue) => cue.words.map((word) => word.text).join(" "));
}

function at(text: string, startMs: number, endMs: number): ShownWord {
  return { text, startMs, endMs, isKeyword: false, isJoined: false, ends: "nothing" };
}

function timesOf(words: ShownWord[], change: Partial<CueRules> = {}): [number, number][] {
  return makeCues(words, widthsOf(words), { ...rules, ...change }).map(({ startMs, endMs }) => [startMs, endMs]);
}

test("four words are two cues of two, not three and a lonely one", () => {
  assert.deepEqual(cuesOf("every video needs captions"), ["every video", "needs captions"]);
});

test("a cue never runs over the end of a sentence", () => {
  assert.deepEqual(cuesOf("Stop. Start making videos!"), ["Stop.", "Start making videos!"]);
});

test("a cue ends at a comma rather than one word later", () => {
  assert.deepEqual(cuesOf("when ready, start filming"), ["when ready,", "start filming"]);
});

test("a cue does not end on a little word that belongs to what follows", () => {
  assert.deepEqual(cuesOf("attention is the asset everybody wants"), ["attention", "is the asset", "everybody wants"]);
});

test("words that do not fit together are not shown together", () => {
  assert.deepEqual(cuesOf("extraordinarily incomprehensible explanations", { maxLines: 1, maxWidth: 20 }), [
    ...["extraordinarily", "incomprehensible", "explanations"],
  ]);
});

test("a word too wide for the frame is alone and shrinks to fit", () => {
  const words = [at("so", 0, 100), at("x".repeat(200), 100, 500), at("it", 500, 600)];
  const cues = makeCues(words, widthsOf(words), rules);
  assert.deepEqual(
    cues.map(({ words, scale }) => [words.length, scale]),
    [
      [1, 1],
      [1, 0.5],
      [1, 1],
    ],
  );
});

test("a pause parts two cues", () => {
  assert.equal(timesOf([at("a", 0, 100), at("b", 100 + pauseMs, 900)]).length, 2);
  assert.equal(timesOf([at("a", 0, 100), at("b", 99 + pauseMs, 900)]).length, 1);
});

test("a cue stays until the next one if that comes soon", () => {
  assert.deepEqual(timesOf([at("a", 0, 100), at("b", 100 + holdMs, 1400)])[0], [0, 100 + holdMs]);
});

test("else it lingers a little", () => {
  assert.deepEqual(timesOf([at("a", 0, 100), at("b", 101 + holdMs, 1400)])[0], [0, 100 + lingerMs]);
});

test("the last cue lingers too, but not beyond the video", () => {
  assert.deepEqual(timesOf([at("a", 0, 100)]), [[0, 100 + lingerMs]]);
  assert.deepEqual(timesOf([at("a", 0, 100)], { endMs: 300 }), [[0, 300]]);
});
