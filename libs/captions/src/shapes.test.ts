import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { drawing } from "./shapes.ts";

const area = { left: 100, top: 50, right: 300, bottom: 90 };
const numbersOf = (path: string) => [...path.matchAll(/-?\d+/g)].map(Number);

test("a box's corners are never rounder than half of it", () => {
  assert.match(drawing([{ left: 0, top: 0, right: 10, bottom: 4 }], { shape: "rounded", radius: 100 }).path, /^m 16 0 l 64 0 b /);
});

test("boxes of one drawing are one outline from its own corner, and its middle says where that is", () => {
  const below = { left: 150, top: 88, right: 250, bottom: 130 };
  const { path, middle } = drawing([area, below], { shape: "rounded", radius: 0 });
  assert.deepEqual(middle, { x: 200, y: 90 });
  assert.equal(path.match(/m/g)?.length, 2);
  const eighths = numbersOf(path);
  assert.deepEqual([Math.min(...eighths), Math.max(...eighths)], [0, 200 * 8]);
});

test("a rough edge strays inwards only, and always the same way", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 20, max: 900 }),
      fc.integer({ min: 20, max: 300 }),
      fc.integer({ min: 0, max: 20 }),
      (width, height, radius) => {
        const box = { left: 10, top: 20, right: 10 + width, bottom: 20 + height };
        const { path, middle } = drawing([box], { shape: "rough", radius });
        assert.equal(drawing([box], { shape: "rough", radius }).path, path);
        const numbers = numbersOf(path);
        const xs = numbers.filter((_, i) => i % 2 === 0);
        assert.ok(Math.max(...xs) / 8 <= width + 0.2 && Math.abs(middle.x - 10 - width / 2) <= radius / 2 + 0.2);
      },
    ),
  );
});

test("a marker's ends are slanted by its radius", () => {
  const { path, middle } = drawing([area], { shape: "marker", radius: 20 });
  assert.equal(middle.x, 200);
  assert.equal(Math.max(...numbersOf(path)), (200 + 20) * 8);
});
