import assert from "node:assert/strict";
import { test } from "node:test";
import { DeclaredError } from "@viralclaw/contracts/errors";
import { smallerCrf, worstCrf } from "./fit.ts";

/** A video that has `perStep` less bytes for each step of the rate factor, tried until it fits. */
function triesOf(perStep: number, maxBytes: number): number {
  const bytesAt = (crf: number) => 1_000_000 * (1 - perStep) ** (crf - 22);
  const tries = [{ crf: 22, bytes: bytesAt(22) }];
  for (;;) {
    const crf = smallerCrf(tries, maxBytes);
    if (bytesAt(crf) <= maxBytes) return tries.length + 1;
    tries.push({ crf, bytes: bytesAt(crf) });
  }
}

test("a video is encoded two or three times to fit, however much or little a step of the rate factor takes off it", () => {
  assert.deepEqual(
    [0.12, 0.1, 0.08, 0.05].map((perStep) => triesOf(perStep, 700_000)),
    [2, 2, 3, 3],
  );
});

test("beyond the worst picture that anybody wants it is said how many bytes the video needs", () => {
  assert.throws(
    () => smallerCrf([{ crf: worstCrf, bytes: 500_000 }], 100_000),
    (error) => error instanceof DeclaredError && error.code === "result_too_large" && error.params.least_bytes === 505_000,
  );
});
