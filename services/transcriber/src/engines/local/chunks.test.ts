import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { msToSamples, type Span } from "./audio.ts";
import { cutIntoChunks, withMargin } from "./chunks.ts";
import { windowSamples } from "./vad.ts";

const s = (seconds: number) => msToSamples(seconds * 1000);
const span = (from: number, to: number): Span => ({ start: s(from), end: s(to) });
const cutting = { maxLength: s(10), pauseThatParts: s(2) };
const sure = (seconds: number) => new Float32Array(Math.ceil(s(seconds) / windowSamples)).fill(1);
const cut = (spans: Span[], probabilities = sure(60)) => cutIntoChunks(spans, probabilities, cutting);

describe("the chunks of speech", () => {
  it("given short pauses, when it is all shorter than a chunk, then it is one", () => {
    assert.deepEqual(cut([span(0, 3), span(3.5, 6), span(7, 9)]), [span(0, 9)]);
  });

  it("given a long pause, when it is cut, then it parts chunks, however short they are", () => {
    assert.deepEqual(cut([span(0, 1), span(4, 5)]), [span(0, 1), span(4, 5)]);
  });

  it("given more than a chunk, when it is cut, then at the longest pause", () => {
    assert.deepEqual(cut([span(0, 4), span(4.2, 7), span(8, 12)]), [span(0, 7), span(8, 12)]);
  });

  it("given pauses alike, when it is cut, then in the middle", () => {
    assert.deepEqual(cut([span(0, 1), span(1.5, 6), span(6.5, 12)]), [span(0, 6), span(6.5, 12)]);
  });

  it("given speech without a pause, when it is cut, then where it is least like speech", () => {
    const probabilities = sure(12);
    const window = Math.floor(s(7) / windowSamples);
    probabilities[window] = 0.6;
    const at = window * windowSamples + windowSamples / 2;
    assert.deepEqual(cut([span(0, 12)], probabilities), [
      { start: 0, end: at },
      { start: at, end: s(12) },
    ]);
  });

  it("given any speech, then chunks are in order, apart, no longer than allowed, and hold all of it", () => {
    fc.assert(
      fc.property(spokenSpans, fc.infiniteStream(fc.float({ min: 0, max: 1, noNaN: true })), (spans, random) => {
        const windows = Math.ceil((spans.at(-1)?.end ?? 0) / windowSamples);
        const probabilities = Float32Array.from(random.take(windows));
        const chunks = cut(spans, probabilities);
        let end = 0;
        for (const chunk of chunks) {
          assert.ok(chunk.start >= end && chunk.start < chunk.end && chunk.end - chunk.start <= cutting.maxLength);
          end = chunk.end;
        }
        for (const { start, end } of spans) {
          assert.ok(chunks.some((chunk) => chunk.start <= start && start < chunk.end));
          assert.ok(chunks.some((chunk) => chunk.start < end && end <= chunk.end));
        }
      }),
      { numRuns: 50 },
    );
  });
});

/** Spans with their pauses before, both of 0.1 to 30 s. */
const spokenSpans = fc
  .array(fc.tuple(fc.integer({ min: 1, max: 50 }), fc.integer({ min: 2, max: 300 })), { maxLength: 12 })
  .map((pairs) => {
    let now = 0;
    return pairs.map(([pause, speech]) => {
      const start = now + s(pause / 10);
      now = start + s(speech / 10);
      return { start, end: now };
    });
  });

describe("the audio around a chunk", () => {
  const chunks = [span(1, 2), span(2.4, 4), span(10, 12)];

  it("given room, then it is the margin", () => {
    assert.deepEqual(withMargin(chunks, 2, s(0.5), s(20)), span(9.5, 12.5));
  });

  it("given a neighbour, then it ends half the way", () => {
    assert.deepEqual(withMargin(chunks, 1, s(0.5), s(20)), span(2.2, 4.5));
  });

  it("given an end of the recording, then it ends there", () => {
    assert.deepEqual(withMargin(chunks, 0, s(3), s(20)), span(0, 2.2));
    assert.deepEqual(withMargin(chunks, 2, s(3), s(12.5)), span(7, 12.5));
  });
});
