import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { cutAtPauses } from "./pieces.ts";

/** 100 samples a second, so that a sample is 10 ms. */
const rateHz = 100;
const loud = (seconds: number) => Array<number>(seconds * rateHz).fill(1000);
const quiet = (seconds: number) => Array<number>(seconds * rateHz).fill(3);

describe("long audio", () => {
  it("given no more than fits, then it is one piece", () => {
    assert.deepEqual(cutAtPauses(Int16Array.from(loud(10)), { maxMs: 10_000, rateHz }), [{ start: 0, end: 1000 }]);
    assert.deepEqual(cutAtPauses(new Int16Array(0), { maxMs: 10_000, rateHz }), [{ start: 0, end: 0 }]);
  });

  it("given a pause in the later half of what fits, then it is cut within the pause", () => {
    const samples = Int16Array.from([...loud(2), ...quiet(1), ...loud(4), ...quiet(1), ...loud(6)]);
    const [first, second] = cutAtPauses(samples, { maxMs: 10_000, rateHz });
    assert.ok(first && first.end > 700 && first.end < 800, `${first?.end}`);
    assert.deepEqual(second, { start: first.end, end: samples.length });
  });

  it("given any audio and any length, then the pieces follow each other, fit, and are all of it", () => {
    fc.assert(
      fc.property(fc.int16Array({ maxLength: 3000 }), fc.integer({ min: 500, max: 5000 }), (samples, maxMs) => {
        const pieces = cutAtPauses(samples, { maxMs, rateHz });
        let at = 0;
        for (const { start, end } of pieces) {
          assert.equal(start, at);
          assert.ok((end - start) * 10 <= maxMs);
          assert.ok(end > start || samples.length === 0);
          at = end;
        }
        assert.equal(at, samples.length);
      }),
    );
  });
});
