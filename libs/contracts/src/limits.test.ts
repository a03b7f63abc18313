import assert from "node:assert/strict";
import { test } from "node:test";
import { tierOf } from "./limits.ts";

for (const [durationMs, tier] of [
  [1, "up_to_1_min"],
  [60_000, "up_to_1_min"],
  [60_020, "up_to_1_min"],
  [60_501, "up_to_3_min"],
  [180_000, "up_to_3_min"],
  [300_500, "up_to_5_min"],
  [300_501, undefined],
] as const) {
  test(`a video of ${durationMs} ms is ${tier ?? "longer than any tier"}`, () => assert.equal(tierOf(durationMs), tier));
}
