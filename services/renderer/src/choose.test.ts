import assert from "node:assert/strict";
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { DeclaredError } from "@viralclaw/contracts/errors";
import { makeClip, temporaryFolder } from "@viralclaw/media/testing";
import { decide } from "./choose.ts";
import type { Made } from "./excerpts.ts";
import { captioned } from "./testing/captioned.ts";
import { picture, quickH264, tone } from "./testing/clips.ts";

const made = (ssim: number, psnr: number): Made => ({ ssim, psnr, keyBytes: 100_000, otherBytes: 10_000, frames: 45 });
const facts = { quality: "balanced", fps: 30, pieceFrames: 60, probeMs: 900 } as const;
const qpOf = (...tried: Made[]) => {
  const { encoding } = decide(tried, facts);
  return encoding.way === "quick" ? encoding.qp : undefined;
};

test("the coarsest quantiser is taken that comes near enough to the aim in both measures", () => {
  const [fine, coarse] = [made(0.99, 46), made(0.96, 40)];
  const [bySsim, byPsnr] = [qpOf(fine, coarse, made(0.98, 30)), qpOf(fine, coarse, made(0.9, 43))];
  assert.deepEqual([bySsim, byPsnr, qpOf(fine, coarse, made(0.98, 43))], [21.9, 22, 21.9]);
  assert.equal(qpOf(fine, coarse, made(0.5, 10)), 38);
  assert.equal(qpOf(fine, coarse, made(0.9999, 80)), 10);
});

test("where nothing could be measured a safe one is taken, and the report says so", () => {
  const { encoding, reason } = decide(undefined, facts);
  assert.deepEqual([encoding, reason], [{ way: "quick", qp: 22 }, "probe_failed"]);
});

test("a better quality has more bytes, and the report tells by which figures it was chosen", async () => {
  await using folder = await temporaryFolder();
  const source = await grain(join(folder.dir, "in.mp4"), 2);
  const [fast, balanced, best] = [
    await captioned(folder.dir, source, { quality: "fast" }),
    await captioned(folder.dir, source, { quality: "balanced" }),
    await captioned(folder.dir, source, { quality: "best" }),
  ].map(({ report }) => report);
  assert.ok(fast && balanced && best);
  assert.ok(fast.output.bytes < balanced.output.bytes && balanced.output.bytes < best.output.bytes);
  assert.equal(balanced.encoder.reason, "probe");
  assert.deepEqual(
    balanced.encoder.tried.map(({ setting }) => setting),
    ["qp 20", "qp 28", "-preset medium -crf 23"],
  );
});

test("given max_bytes, then it is kept to: quickly where that fits, with more time where not, or by an error that says what is needed", async () => {
  await using folder = await temporaryFolder();
  const source = await grain(join(folder.dir, "in.mp4"), 5);
  const { size } = await stat((await captioned(folder.dir, source)).video);

  const roomy = await captioned(folder.dir, source, { maxBytes: 2 * size });
  assert.deepEqual([roomy.report.encoder.encoding.way, roomy.report.output.bytes], ["quick", size]);

  const maxBytes = Math.round(size / 2.5);
  const tight = await captioned(folder.dir, source, { maxBytes });
  assert.deepEqual([tight.report.encoder.encoding.way, tight.report.encoder.reason], ["small", "max_bytes"]);
  assert.ok(tight.report.output.bytes <= maxBytes && tight.report.output.bytes > maxBytes / 4, `${tight.report.output.bytes}`);

  const refused = await captioned(folder.dir, source, { maxBytes: 20_000 }).catch((error: unknown) => error);
  assert.ok(refused instanceof DeclaredError && refused.code === "result_too_large", `${refused}`);
  const least = Number(refused.params.least_bytes);
  const { report } = await captioned(folder.dir, source, { maxBytes: least });
  assert.ok(least > 20_000 && report.output.bytes <= least);
});

/** Noise that no encoder can foresee. */
function grain(file: string, seconds: number): Promise<string> {
  const noise = ["-vf", "noise=alls=12:allf=t", ...quickH264, "-crf", "16"];
  return makeClip(file, ...picture({ source: "testsrc2", seconds }), ...tone({ seconds }), ...noise, "-c:a", "aac");
}
