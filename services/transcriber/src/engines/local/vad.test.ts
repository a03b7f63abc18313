import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { msToSamples } from "./audio.ts";
import { speechSpans, windowSamples } from "./vad.ts";

/** Windows of 32 ms: a number of them at each probability. */
function windows(...runs: [count: number, probability: number][]): Float32Array {
  return Float32Array.from(runs.flatMap(([count, probability]) => Array<number>(count).fill(probability)));
}

const spans = (probabilities: Float32Array) => speechSpans(probabilities, probabilities.length * windowSamples);
const pad = msToSamples(60);

describe("the stretches of speech", () => {
  it("given speech between silence, when spans are made, then there is one, a little wider than the speech", () => {
    const found = spans(windows([10, 0], [20, 0.9], [10, 0]));
    assert.deepEqual(found, [{ start: 10 * windowSamples - pad, end: 30 * windowSamples + pad }]);
  });

  it("given a closed lip of four windows, when spans are made, then the word stays whole", () => {
    assert.equal(spans(windows([10, 0.9], [4, 0], [10, 0.9])).length, 1);
  });

  it("given a pause of five windows, when spans are made, then it parts them", () => {
    assert.equal(spans(windows([10, 0.9], [5, 0], [10, 0.9])).length, 2);
  });

  it("given a click of six windows, when spans are made, then it is no speech", () => {
    assert.deepEqual(spans(windows([10, 0], [6, 0.9], [10, 0])), []);
  });

  it("given doubt after speech, when spans are made, then it goes on; but it does not begin with doubt", () => {
    assert.deepEqual(spans(windows([20, 0.4])), []);
    assert.deepEqual(spans(windows([10, 0.9], [10, 0.4])), [{ start: 0, end: 20 * windowSamples }]);
  });

  it("given any probabilities, then the spans are in order, apart and within the recording", () => {
    const probability = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(fc.array(probability, { maxLength: 300 }), (probabilities) => {
        const total = probabilities.length * windowSamples;
        let end = 0;
        for (const span of speechSpans(Float32Array.from(probabilities), total)) {
          assert.ok(span.start >= end && span.start < span.end && span.end <= total);
          end = span.end;
        }
      }),
    );
  });
});
