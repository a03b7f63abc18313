import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { DeclaredError } from "@viralclaw/contracts/errors";
import { makeClip, temporaryFolder } from "@viralclaw/media/testing";
import { decide } from "./decide.ts";
import type { Made } from "./excerpts.ts";
import { captioned } from "./testing/captioned.ts";
import { picture, quickH264, tone } from "./testing/clips.ts";

const made = (ssim: number, psnr: number): Made => ({ ssim, psnr, keyBytes: 100_000, otherBytes: 10_000, frames: 45 });
const facts = { quality: "balanced", fps: 30, pieceFrames: 60, probeMs: 900 } as const;
/** Of a picture that the two quick ways make equally good: in as many bytes, or the quicker one in three times the aim's. */
const chosen = (fine: Made, coarse: Made, aim: Made, bytes: "as many" | "three times as many") => {
  const larger = (one: Made) => ({ ...one, keyBytes: 3 * one.keyBytes, otherBytes: 3 * one.otherBytes });
  const noisy = bytes === "as many" ? [fine, coarse] : [larger(fine), larger(coarse)];
  return decide([aim, ...noisy, fine, coarse], facts).encoding;
};

test("the coarsest quantiser is taken that comes near enough to the aim in both measures", () => {
  const [fine, coarse] = [made(0.99, 46), made(0.96, 40)];
  const qpOf = (...measures: [number, number]) => chosen(fine, coarse, made(...measures), "three times as many");
  const smooth = (quantiser: number) => ({ way: "smooth", quantiser });
  assert.deepEqual([qpOf(0.98, 30), qpOf(0.9, 43), qpOf(0.98, 43)], [22.8, 22.9, 22.8].map(smooth));
  assert.deepEqual([qpOf(0.5, 10), qpOf(0.9999, 80)], [38, 10].map(smooth));
});

test("the quicker way is taken where it is worth its bytes: it takes whole quantisers", () => {
  const [fine, coarse, aim] = [made(0.99, 46), made(0.96, 40), made(0.98, 43)];
  assert.deepEqual(chosen(fine, coarse, aim, "as many"), { way: "noisy", quantiser: 21 });
  assert.deepEqual(chosen(fine, coarse, aim, "three times as many"), { way: "smooth", quantiser: 22.8 });
});

test("where nothing could be measured a safe one is taken, and the report says so", () => {
  const { encoding, reason } = decide(undefined, facts);
  assert.deepEqual([encoding, reason], [{ way: "smooth", quantiser: 22 }, "probe_failed"]);
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
    ["noisy 20", "noisy 28", "smooth 20", "smooth 28", "-preset medium -crf 23"],
  );
});

test("given max_bytes, then it is kept to: quickly where that fits, with more time where not, or by an error that says what is needed", async () => {
  await using folder = await temporaryFolder();
  const source = await grain(join(folder.dir, "in.mp4"), 5);
  const { output, encoder } = (await captioned(folder.dir, source)).report;
  const size = output.bytes;

  const roomy = await captioned(folder.dir, source, { maxBytes: 2 * size });
  assert.deepEqual([roomy.report.encoder.encoding, roomy.report.output.bytes], [encoder.encoding, size]);

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

test("given max_bytes and a video whose excerpts promise too little, then it is kept to all the same", async () => {
  await using folder = await temporaryFolder();
  // Its excerpts are looked at from 3 and from 9 s on.
  const source = await grain(join(folder.dir, "in.mp4"), 12, {
    enable: "not(between(t,2.5,4.5))*not(between(t,8.5,10.5))",
  });
  const { output, encoder } = (await captioned(join(folder.dir, "whole"), source)).report;
  const maxBytes = Math.round(output.bytes / 2);
  assert.ok((encoder.bytes_a_second ?? 0) * 12 < 0.7 * maxBytes, "the excerpts are calm");

  const { report } = await captioned(join(folder.dir, "fitted"), source, { maxBytes });

  assert.equal(report.encoder.encoding.way, "small");
  assert.ok(report.output.bytes <= maxBytes);
});

/** Noise that no encoder can foresee, where `enable` says. */
function grain(file: string, seconds: number, { enable = "1" } = {}): Promise<string> {
  const noise = ["-vf", `noise=alls=12:allf=t:enable='${enable}'`, ...quickH264, "-crf", "16"];
  return makeClip(file, ...picture({ source: "testsrc2", seconds }), ...tone({ seconds }), ...noise, "-c:a", "aac");
}
