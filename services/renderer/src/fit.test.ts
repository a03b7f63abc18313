import assert from "node:assert/strict";
import { test } from "node:test";
import { type Expected, fittingCrf, mayFit, type Stretch, worstCrf } from "./fit.ts";

const expected: Expected = { finestCrf: 22, bytesASecond: 100_000, atCrf: 22, perStep: 0.1 };
/** Has `bytes` at 22, and `perStep` less, as a logarithm, at each step above. */
const tried = (bytes: number, crfs: readonly number[], perStep = 0.1): Stretch => ({
  lastsMs: 10_000,
  tried: crfs.map((crf) => ({ crf, bytes: bytes * Math.exp(-perStep * (crf - 22)) })),
});
const untried: Stretch = { lastsMs: 10_000, tried: [] };

test("a video that promises to fit is as good as was asked for", () => {
  assert.equal(fittingCrf([untried, untried], [untried, untried], 3_000_000, expected), 22);
});

test("before anything was tried, the excerpts' promise says how much coarser it must be", () => {
  const half = Math.ceil((22 + Math.log(2 / 0.97) / 0.1) * 10) / 10;
  assert.equal(fittingCrf([untried, untried], [untried, untried], 1_000_000, expected), half);
});

test("what is left is expected to be as what was tried, and as the excerpts, by how long they were", () => {
  const twice = { ...tried(2_000_000, [22]), lastsMs: 18_000 };
  const crf = fittingCrf([twice, untried], [untried], 1_000_000, { ...expected, bytesASecond: 111_111 });
  assert.ok(Math.abs(crf - (22 + Math.log(1.111 / 0.97) / 0.1)) < 0.11, `${crf}`);
});

test("what was tried twice says what a step takes off, of itself and of what is left", () => {
  const stubborn = tried(1_200_000, [22, 25], 0.05);
  for (const left of [stubborn, untried]) {
    const crf = fittingCrf([stubborn, untried], [left], 1_000_000, {
      finestCrf: 22,
      bytesASecond: null,
      atCrf: 22,
      perStep: null,
    });
    assert.ok(Math.abs(crf - (22 + Math.log(1.2 / 0.97) / 0.05)) < 0.11, `${crf}`);
  }
});

test("beyond the worst picture that anybody wants nothing is made smaller", () => {
  const known = tried(9_000_000, [22]);
  assert.equal(fittingCrf([known], [known], 100_000, expected), worstCrf);
});

test("a video of which nothing was foretold may as well be tried", () => {
  const lasts = { durationMs: 10_000, soundBytes: 200_000 };
  assert.deepEqual(
    [mayFit(null, 1, lasts), mayFit(100_000, 1_300_000, lasts), mayFit(100_000, 1_200_000, lasts)],
    [true, true, false],
  );
});
