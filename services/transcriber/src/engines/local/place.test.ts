import assert from "node:assert/strict";
import { before, describe, it } from "node:test";
import { samplesToMs } from "./audio.ts";
import { noReading, readings } from "./fixture.ts";
import type { HeardWord } from "./match.ts";
import { placeWords } from "./place.ts";
import { loadModels, type Models, recogniseWith } from "./recognise.ts";

/**
 * A script on 25 s of reading, 70 words, that differs from what is read in each of the ways in which scripts do. A word begins truly
 * where it does in its sentence alone, aligned with its exact text.
 */

type Line = { text: string; trueMs: number | null }[];

let models: Models;
let pcm: Float32Array;
let heard: HeardWord[];
let sentences: Line[];

before(async () => {
  if (noReading) return;
  models = await loadModels(1);
  const given = readings() ?? assert.fail();
  const parts = [...given.map((one) => one.pcm), new Float32Array(16_000)];
  pcm = Float32Array.from({ length: parts.reduce((sum, part) => sum + part.length, 0) });
  sentences = [];
  let at = 0;
  for (const [i, part] of parts.entries()) {
    pcm.set(part, at);
    const words = given[i]?.text.split(" ") ?? [];
    const aligned = words.length > 0 ? await models.aligner.align(part, words) : null;
    const startMs = samplesToMs(at);
    if (aligned)
      sentences.push(words.map((text, k) => ({ text, trueMs: (aligned.timings[k]?.startMs ?? assert.fail(text)) + startMs })));
    at += part.length;
  }
  const { words } = await recogniseWith(models, pcm);
  heard = words.map(({ text, start_ms, end_ms }) => ({ text, startMs: start_ms, endMs: end_ms }));
});

const unsaid = (text: string): Line => text.split(" ").map((word) => ({ text: word, trueMs: null }));
const every = (n: number, change: (word: Line[number]) => Line): Line =>
  sentences.flat().flatMap((word, i) => (i % n === n - 1 ? change(word) : [word]));

const title = "HOW TO SPEND IT (part 2)";
const paragraph =
  "Mr. Dashwood had wished for it more for the sake of his wife and daughters than for himself or his son, but to his son it was secured in such a way as to leave to himself no power of providing for those who were most dear to him";
const callToAction = "Subscribe for more of this, and tell us in the comments what you would have done!";
const other = "None of this would have come to pass without some help from her friends";

const scripts: [what: string, script: () => Line][] = [
  ["nothing", () => sentences.flat()],
  ["a title before it", () => [...unsaid(title), ...sentences.flat()]],
  ["a stage direction after every ten words", () => every(10, (word) => [word, ...unsaid("[music]")])],
  ["a call to action after it", () => [...sentences.flat(), ...unsaid(callToAction)]],
  ["a paragraph that was cut between two sentences", () => [...sentences.slice(0, 3).flat(), ...unsaid(paragraph), ...sentences.slice(3).flat()]],
  ["a paragraph that was cut within a sentence", () => [...sentences.flat().slice(0, 8), ...unsaid(paragraph), ...sentences.flat().slice(8)]],
  ["a sentence that it lacks", () => sentences.toSpliced(2, 1).flat()],
  ["the first sentence, which it lacks", () => sentences.slice(1).flat()],
  ["every tenth word, which it lacks", () => every(10, () => [])],
  ["a word too many after every ten", () => every(10, (word) => [word, ...unsaid("actually")])],
  ["another word for every eighth", () => every(8, () => unsaid("wonderful"))],
  ["another sentence for one", () => [...sentences.slice(0, 2).flat(), ...unsaid(other), ...sentences.slice(3).flat()]],
  ["more that nobody says than what is said", () => [...sentences.flat(), ...unsaid(`${paragraph} ${paragraph} ${callToAction}`)]],
  [
    "all of these",
    () => [
      ...[...unsaid(title), ...sentences.flat().slice(0, 8), ...unsaid(`[music] ${paragraph}`), ...sentences.flat().slice(8, 29)],
      ...[...sentences.slice(3).flat(), ...unsaid(callToAction)],
    ],
  ],
]; // biome-ignore format: a line each

describe("a script that is not quite what is said", { skip: noReading }, () => {
  for (const [what, script] of scripts)
    it(`given ${what}, then what is said is where it is said, and nothing is over anything`, async (test) => {
      const line = script();
      const placed = await placeWords(pcm, { kind: "text", words: line.map(({ text }) => text), heard }, models);
      const errors = line.flatMap(({ trueMs }, i) => (trueMs === null ? [] : [Math.abs((placed[i]?.startMs ?? 0) - trueMs)]));
      const [median, ninth, worst] = [quantile(errors, 0.5), quantile(errors, 0.9), quantile(errors, 1)];
      test.diagnostic(`median ${median} ms, 90 % ${ninth} ms, worst ${worst} ms`);
      assert.ok(median <= 15, `the median is off by ${median} ms`);
      assert.ok(ninth <= 30, `a tenth is off by more than ${ninth} ms`);
      assert.ok(worst <= 100, `one is off by ${worst} ms`);
      for (const [i, { startMs, endMs }] of placed.entries()) {
        assert.ok(startMs <= endMs + 0.1 && endMs <= (placed[i + 1]?.startMs ?? Number.POSITIVE_INFINITY) + 0.1, line[i]?.text);
        assert.ok(endMs - startMs <= 1500, `${line[i]?.text} lasts ${endMs - startMs} ms`);
      }
      const invented = line.filter(({ trueMs }, i) => trueMs === null && placed[i]?.how === "aligned");
      assert.ok(invented.length <= 1, `aligned, but not said: ${invented.map(({ text }) => text)}`);
    });

  it("given another text altogether, then none of it is told to be aligned", async () => {
    const words = `${paragraph} ${callToAction} ${other}`.split(" ");
    const placed = await placeWords(pcm, { kind: "text", words, heard }, models);
    assert.ok(placed.every(({ how }) => how === "spread"));
  });
});

function quantile(values: readonly number[], share: number): number {
  const sorted = values.map(Math.round).toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0;
}
