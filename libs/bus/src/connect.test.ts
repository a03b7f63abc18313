import assert from "node:assert/strict";
import { test } from "node:test";
import { isNewEnough } from "./connect.ts";

test("servers that are too old are told from those that are not", () => {
  assert.deepEqual(["2.9.25", "2.10.27", "2.11.0", "2.15.1", "3.0.0"].map(isNewEnough), [false, false, true, true, true]);
});
