import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Word } from "@viralclaw/contracts/transcript";
import fc from "fast-check";
import { msToSamples } from "./audio.ts";
import { fillGaps, type RoughWord, settleTimes, shareTime } from "./timeline.ts";

const word = (text: string, startMs: number, endMs: number): RoughWord => ({ text, startMs, endMs, probability: 0.98765 });
const times = (words: RoughWord[], durationMs = 10_000) =>
  settleTimes(words, durationMs).map(({ start_ms, end_ms }) => [start_ms, end_ms]);

describe("settling the times of words", () => {
  it("given words apart, then they stay, in whole milliseconds", () => {
    assert.deepEqual(settleTimes([word("so", 100.4, 200.6)], 1000), [
      { text: "so", start_ms: 100, end_ms: 201, confidence: 0.988 },
    ]);
  });

  it("given words that overlap, then the first is cut short", () => {
    assert.deepEqual(times([word("a", 100, 500), word("b", 400, 700)]), [[100, 400], [400, 700]]); // biome-ignore format: pairs
  });

  it("given words out of order, then they keep the order they were said in", () => {
    assert.deepEqual(times([word("a", 500, 600), word("b", 400, 700)]), [[500, 520], [520, 700]]); // biome-ignore format: pairs
  });

  it("given a word without length at the recording's end, then it is 20 ms within it", () => {
    assert.deepEqual(times([word("a", 1000, 1000)], 1000), [[980, 1000]]);
  });

  it("given any words, then they are words of the contract, in order, apart and within the recording", () => {
    const rough = fc.record({
      text: fc.constant("w"),
      startMs: fc.double({ min: -1e3, max: 1e5, noNaN: true }),
      endMs: fc.double({ min: -1e3, max: 1e5, noNaN: true }),
      probability: fc.double({ min: 0, max: 1, noNaN: true }),
    });
    fc.assert(
      fc.property(fc.array(rough, { maxLength: 60 }), fc.double({ min: 60, max: 1e5, noNaN: true }), (words, durationMs) => {
        let end = 0;
        for (const settled of settleTimes(words, durationMs)) {
          assert.ok(Word.safeParse(settled).success);
          assert.ok(settled.start_ms >= end && settled.start_ms < settled.end_ms && settled.end_ms <= durationMs);
          end = settled.end_ms;
        }
      }),
    );
  });
});

describe("words without a time of their own", () => {
  it("are put between their neighbours", () => {
    const timings = fillGaps([{ startMs: 0, endMs: 100 }, null, { startMs: 300, endMs: 400 }], { startMs: 0, endMs: 900 });
    assert.deepEqual(timings[1], { startMs: 100, endMs: 300 });
  });

  it("are put at the chunk's ends where they have none", () => {
    const timings = fillGaps([null, { startMs: 300, endMs: 400 }, null], { startMs: 200, endMs: 900 });
    assert.deepEqual([timings[0], timings[2]], [{ startMs: 200, endMs: 300 }, { startMs: 400, endMs: 900 }]); // biome-ignore format: pairs
  });
});

describe("sharing the time of speech", () => {
  const speech = [
    { start: msToSamples(1000), end: msToSamples(2000) },
    { start: msToSamples(5000), end: msToSamples(6000) },
  ];

  it("given words alike, then each has as much, and none has the pause at its end", () => {
    assert.deepEqual(shareTime(["aaaa", "bbbb", "cccc", "dddd"], speech), [
      { startMs: 1000, endMs: 1500 },
      { startMs: 1500, endMs: 2000 },
      { startMs: 2000, endMs: 5500 },
      { startMs: 5500, endMs: 6000 },
    ]);
  });

  it("given words of unlike length, then the longer has more", () => {
    const [short, long] = shareTime(["a", "extraordinary"], speech.slice(0, 1));
    assert.ok(short && long && long.endMs - long.startMs > 3 * (short.endMs - short.startMs));
  });

  it("given no speech or no words, then nothing is made up", () => {
    assert.deepEqual(shareTime([], speech), []);
    assert.deepEqual(shareTime(["a"], []), [{ startMs: 0, endMs: 0 }]);
  });
});
