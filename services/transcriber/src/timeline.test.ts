import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Word } from "@viralclaw/contracts/transcript";
import fc from "fast-check";
import { placeWords } from "./timeline.ts";

const word = (text: string, start_ms: number, end_ms: number): Word => ({ text, start_ms, end_ms, confidence: 0.9 });
const times = (words: Word[]) => words.map(({ text, start_ms, end_ms }) => [text, start_ms, end_ms]);

describe("words on the video's clock", () => {
  it("given sound that begins later than the picture, then they are later by that much", () => {
    assert.deepEqual(times(placeWords([word("Oi", 100, 400)], { startMs: 250, durationMs: 5000 })), [["Oi", 350, 650]]);
  });

  it("given sound that begins before the picture, then what is over before it is left out", () => {
    const placed = placeWords([word("Ei,", 0, 200), word("oi", 200, 600)], { startMs: -250, durationMs: 5000 });
    assert.deepEqual(times(placed), [["oi", 0, 350]]);
  });

  it("given words that overlap, then the earlier one ends where the later one begins", () => {
    const placed = placeWords([word("b", 400, 900), word("a", 100, 500)], { startMs: 0, durationMs: 5000 });
    assert.deepEqual(times(placed), [
      ["a", 100, 400],
      ["b", 400, 900],
    ]);
  });

  it("given words that were all given the same time, then they share the time up to the next one by their length", () => {
    const placed = placeWords([word("um", 1000, 1000), word("dois", 1000, 1000), word("três", 1090, 1500)], {
      startMs: 0,
      durationMs: 5000,
    });
    assert.deepEqual(times(placed), [
      ["um", 1000, 1030],
      ["dois", 1030, 1090],
      ["três", 1090, 1500],
    ]);
  });

  it("given words past the end of the video, then the last one ends with it and the others are left out", () => {
    const placed = placeWords([word("fim", 4800, 5400), word("nada", 5000, 5600)], { startMs: 0, durationMs: 5000 });
    assert.deepEqual(times(placed), [["fim", 4800, 5000]]);
  });

  it("given anything at all, then they are valid, in order, within the video, and every word that is heard in it is there", () => {
    const anyWord = fc.record({
      text: fc.string({ minLength: 1, maxLength: 230 }),
      start_ms: fc.integer({ min: 0, max: 12_000 }),
      end_ms: fc.integer({ min: 0, max: 12_000 }),
      confidence: fc.double({ min: 0, max: 1, noNaN: true }),
    });
    const clock = fc.record({ startMs: fc.integer({ min: -3000, max: 3000 }), durationMs: fc.integer({ min: 1, max: 10_000 }) });
    fc.assert(
      fc.property(fc.array(anyWord), clock, (words, { startMs, durationMs }) => {
        const placed = placeWords(words, { startMs, durationMs });
        let now = 0;
        for (const each of placed) {
          Word.parse(each);
          assert.ok(each.start_ms >= now && each.end_ms >= each.start_ms && each.end_ms <= durationMs);
          now = each.end_ms;
        }
        const heard = words.filter(
          ({ text, start_ms, end_ms }) => text.trim() !== "" && start_ms + startMs < durationMs && end_ms + startMs > 0,
        );
        assert.equal(placed.length, heard.length);
      }),
    );
  });

  it("given words that are in order already, then their times are as they were", () => {
    const gaps = fc.array(fc.tuple(fc.integer({ min: 0, max: 300 }), fc.integer({ min: 60, max: 900 })));
    fc.assert(
      fc.property(gaps, (steps) => {
        let now = 0;
        const words = steps.map(([gap, length]) => {
          const begin = now + gap;
          now = begin + length;
          return word("x", begin, now);
        });
        assert.deepEqual(placeWords(words, { startMs: 0, durationMs: now + 1 }), words);
      }),
    );
  });
});
