import assert from "node:assert/strict";
import { test } from "node:test";
import { promisedBytes } from "./render-pieces.ts";

const pieces = Array.from({ length: 8 }, (_, index) => ({ from: index * 60, to: index * 60 + 60 }));

test("pieces promise what the rest comes to once they are a quarter of the video, with a tenth off for being wrong", () => {
  const promised = (done: number) => promisedBytes(done * 100_000, pieces.slice(0, done), pieces);
  assert.deepEqual([1, 2, 4].map(promised), [100_000, 720_000, 720_000]);
});
