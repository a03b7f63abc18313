import assert from "node:assert/strict";
import { test } from "node:test";
import { askingOrder } from "./pull.ts";

test("a free slot asks for the most urgent work first", () => {
  assert.deepEqual(askingOrder(0), [1, 2, 3, 4, 5]);
});

test("every eighth time it asks the other way round, so that nothing starves", () => {
  const turned = Array.from({ length: 24 }, (_, turn) => turn).filter((turn) => askingOrder(turn)[0] === 5);
  assert.deepEqual(turned, [7, 15, 23]);
});
