import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { breakLines } from "./lines.ts";

const rules = { maxWidth: 10, maxLines: 2, maxWordsPerLine: 4, wordGap: 1, joinedGap: 0, peak: 1, rest: 1 };
const setting = (widths: number[], change: Partial<typeof rules> = {}) =>
  breakLines(widths, { ...rules, ...change })?.map(({ from, to }) => widths.slice(from, to));

test("words that fit on one line stay on one line", () => {
  assert.deepEqual(setting([3, 3, 2]), [[3, 3, 2]]);
});

test("words that do not are set in the most even lines", () => {
  assert.deepEqual(setting([4, 2, 2, 4]), [
    [4, 2],
    [2, 4],
  ]);
});

test("a line takes no more words than the style wants", () => {
  assert.deepEqual(setting([1, 1, 1, 1, 1]), [
    [1, 1],
    [1, 1, 1],
  ]);
});

test("words that fit on no lines are refused", () => {
  assert.equal(setting([9, 9, 9]), undefined);
  assert.equal(setting([11]), undefined);
});

test("room for a grown word is kept on both of its sides, so that nothing moves when it grows", () => {
  const [line] = breakLines([4, 2], { ...rules, peak: 1.5 }) ?? [];
  // The larger word grows by 1 to each side: the gap and both ends hold that much more.
  assert.deepEqual(line, { from: 0, to: 2, gaps: [2], width: 8, reach: 10 });
});

test("every word is on one line, in order, and no line is too long", () => {
  const widths = fc.array(fc.double({ min: 0.1, max: 12, noNaN: true }), { minLength: 1, maxLength: 8 });
  fc.assert(
    fc.property(widths, fc.integer({ min: 1, max: 3 }), fc.double({ min: 1, max: 1.5, noNaN: true }), (words, maxLines, peak) => {
      const lines = breakLines(words, { ...rules, maxLines, peak });
      if (!lines) return;
      assert.deepEqual(
        lines.flatMap(({ from, to }) => words.slice(from, to)),
        words,
      );
      assert.ok(lines.length <= maxLines && lines.every(({ reach, from, to }) => reach <= rules.maxWidth && to > from));
    }),
  );
});
