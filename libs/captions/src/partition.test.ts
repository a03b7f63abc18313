import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { cheapestRuns } from "./partition.ts";

/** Runs of up to three, the fuller the cheaper. */
const upToThree = (start: number, end: number) => (end - start > 3 ? undefined : 0.1 + ((3 - (end - start)) / 3) ** 2);

test("four items are two and two, seven are two, two and three in any order", () => {
  assert.deepEqual(cheapestRuns(0, 4, upToThree), [0, 2]);
  const starts = cheapestRuns(0, 7, upToThree);
  assert.deepEqual(starts.map((start, i) => (starts[i + 1] ?? 7) - start).sort(), [2, 2, 3]);
});

test("an item that no run may hold stands alone", () => {
  assert.deepEqual(
    cheapestRuns(5, 8, () => undefined),
    [5, 6, 7],
  );
});

test("no way to cut is cheaper", () => {
  const allWays = (from: number, to: number): number[][] =>
    from === to
      ? [[]]
      : Array.from({ length: to - from }, (_, i) => from + i + 1).flatMap((end) =>
          allWays(end, to).map((rest) => [from, ...rest]),
        );
  const total = (starts: readonly number[], to: number, cost: (a: number, b: number) => number) =>
    starts.reduce((sum, start, i) => sum + cost(start, starts[i + 1] ?? to), 0);
  fc.assert(
    fc.property(fc.array(fc.nat(9), { minLength: 1, maxLength: 8 }), (weights) => {
      const cost = (start: number, end: number) =>
        Math.abs(12 - weights.slice(start, end).reduce((sum, weight) => sum + weight, 0));
      const found = total(cheapestRuns(0, weights.length, cost), weights.length, cost);
      assert.equal(found, Math.min(...allWays(0, weights.length).map((way) => total(way, weights.length, cost))));
    }),
  );
});
