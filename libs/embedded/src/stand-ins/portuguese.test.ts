import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { envelopeOf } from "./envelope.ts";
import { decodePcm } from "./pcm.ts";
import { buildPortugueseSample, portugueseSoundsDir } from "./portuguese.ts";

const there = existsSync(portugueseSoundsDir);

describe("the Portuguese sample", () => {
  it("given the voice, then it is a wav in which each word is loud and the pauses are quiet", {
    skip: !there && "the set-up did not fetch ktuberling-data",
  }, async () => {
    const dir = await mkdtemp(join(tmpdir(), "viralclaw-portuguese-"));
    const { file, words, durationMs } = await buildPortugueseSample(portugueseSoundsDir, join(dir, "pt.wav"));
    const loudness = envelopeOf(await decodePcm(file));
    await rm(dir, { recursive: true });
    assert.ok(Math.abs(loudness.length * 10 - durationMs) <= 20);
    assert.equal(words.length, 14);
    const mean = (from: number, to: number) =>
      loudness.subarray(from / 10, to / 10).reduce((sum, x) => sum + x, 0) / ((to - from) / 10);
    for (const [i, { text, start_ms, end_ms }] of words.entries()) {
      assert.ok(mean(start_ms, end_ms) > 1_000, text);
      assert.ok(start_ms >= (words[i - 1]?.end_ms ?? 0), text);
      const pause = (words[i + 1]?.start_ms ?? durationMs) - end_ms;
      if (pause > 500) assert.ok(mean(end_ms + 100, end_ms + pause - 100) < 300, `after ${text}`);
    }
  });

  it("given a folder without it, then it says which package has it", async () => {
    await assert.rejects(buildPortugueseSample(tmpdir(), "/dev/null"), /ktuberling-data/);
  });
});
