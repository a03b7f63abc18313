import assert from "node:assert/strict";
import { before, describe, it } from "node:test";
import { judgeLanguage } from "./english.ts";
import { music, noise, noReading, reading, sound } from "./fixture.ts";
import { loadModels, recogniseWith } from "./recognise.ts";
import { startLocalRecogniser } from "./recogniser.ts";

const read = reading();

describe("the engine", () => {
  let recognise: (...given: [Float32Array, Parameters<typeof recogniseWith>[2]?]) => ReturnType<typeof recogniseWith>;
  before(async () => {
    const models = await loadModels(1);
    recognise = (pcm, options) => recogniseWith(models, pcm, options);
  });

  const soundless: [what: string, pcm: Float32Array][] = [
    ["nothing", new Float32Array(0)],
    ["a single sample", new Float32Array(1)],
    ["silence", sound(5, () => 0)],
    ["hiss", sound(5, noise(0.01))],
    ["loud noise", sound(5, noise(0.5))],
    ["a tone", sound(5, (time) => 0.5 * Math.sin(2 * Math.PI * 440 * time))],
    ["music", sound(8, music)],
  ];
  for (const [what, pcm] of soundless)
    it(`given ${what}, when it is recognised, then there are no words, and it is silent`, async () => {
      const result = await recognise(pcm);
      assert.deepEqual(result.words, []);
      assert.equal(judgeLanguage(result), "silent");
    });

  it("given a reading, when it is recognised, then its words are found where they are said", { skip: noReading }, async () => {
    const told: number[] = [];
    const result = await recognise(read ?? assert.fail(), { onProgress: (fraction) => told.push(fraction) });
    assert.match(result.words.map(({ text }) => text).join(" "), /^He was not an .* young man\.?$/);
    assert.equal(judgeLanguage(result), "english");
    assert.deepEqual(told, told.toSorted());
    assert.equal(told.at(-1), 1);
    const [not, an] = result.words.slice(2, 4);
    assert.ok(not && Math.abs(not.end_ms - pause.startMs) < 100, `the pause starts at ${not?.end_ms}`);
    assert.ok(an && Math.abs(an.start_ms - pause.endMs) < 100, `the pause ends at ${an?.start_ms}`);
  });

  it("given an abort, when it works, then it stops within a token, not at the end", { skip: noReading }, async () => {
    const abort = new AbortController();
    let heard = 0;
    const working = recognise(repeat(read ?? assert.fail(), 20), {
      signal: abort.signal,
      onProgress: (fraction) => {
        heard = fraction;
        abort.abort(new Error("enough"));
      },
    });
    await assert.rejects(working, /enough/);
    assert.ok(heard < 0.5, `it went on to ${heard} of the whole`);
  });
});

/** Between "not" and "an" the reading is quiet (below 50 dB in windows of 20 ms, where speech has 60 and more). */
const pause = { startMs: 970, endMs: 1_160 };

describe("the recogniser with its thread", () => {
  it("given a reading, when it is transcribed twice, then the words are the same", { skip: noReading }, async () => {
    await using recogniser = startLocalRecogniser();
    const pcm = read ?? assert.fail();
    const [first, second] = [await recogniser.transcribe(pcm), await recogniser.transcribe(pcm)];
    assert.ok(first.words.length > 5);
    assert.deepEqual(first.words, second.words);
  });
});

function repeat(pcm: Float32Array, times: number): Float32Array {
  const all = new Float32Array(pcm.length * times);
  for (let i = 0; i < times; i++) all.set(pcm, i * pcm.length);
  return all;
}
