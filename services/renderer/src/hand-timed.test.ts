import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import type { Word } from "@viralclaw/contracts/transcript";
import { probe } from "@viralclaw/media/probe";
import { makeClip, temporaryFolder } from "@viralclaw/media/testing";
import { captioned } from "./testing/captioned.ts";
import { isYellow, picture, pixelsOf, places, quickH264, tone } from "./testing/clips.ts";

/**
 * Twenty seconds of words with times made by hand, at uneven steps. Two words a cue, on two lines of the picture: the first
 * above, the second below, so where the lit colour is tells which word is lit.
 */
const seconds = 20;
const size = { width: 180, height: 320 };
const stepsMs = [313, 287, 401, 352, 266, 433, 371, 298];

function handTimed(): Word[] {
  const words: Word[] = [];
  for (let at = 217, i = 0; at < seconds * 1000 - 200; i++) {
    const end_ms = at + (stepsMs[i % stepsMs.length] ?? 300);
    words.push({ text: i % 2 ? "STRONG." : "MOMENT", start_ms: at, end_ms, confidence: 1 });
    at = end_ms;
  }
  // Whole cues only: a word alone would stand in the middle.
  return words.slice(0, words.length - (words.length % 2));
}

for (const rate of ["30", "24000/1001"]) {
  test(`at ${rate} frames a second the lit word changes within a frame of its time, from the first to the last second`, async () => {
    await using folder = await temporaryFolder();
    const source = await makeClip(
      join(folder.dir, "in.mp4"),
      ...[...picture({ rate, seconds }), ...tone({ seconds }), ...quickH264, "-c:a", "aac"],
    );
    const words = handTimed();

    const { video } = await captioned(folder.dir, source, { words });

    const { frameTimesMs } = await probe(video, { signal: new AbortController().signal });
    const pixels = await pixelsOf(video, size);
    assert.equal(pixels.frames.length, frameTimesMs.length);
    const middles = frameTimesMs.map((_, frame) => {
      const lit = places(pixels, frame, isYellow);
      return lit.length === 0 ? undefined : lit.reduce((sum, [, y]) => sum + y, 0) / lit.length;
    });
    const known = middles.filter((y) => y !== undefined);
    const parting = (Math.min(...known) + Math.max(...known)) / 2;
    const changes = middles.flatMap((y, frame) => {
      const [now, before] = [y, middles[frame - 1]].map((one) => (one === undefined ? undefined : one > parting));
      return now === undefined || now === before ? [] : [frameTimesMs[frame] ?? 0];
    });

    assert.equal(changes.length, words.length, "each word is lit once");
    const frameMs = 1000 * (rate === "30" ? 1 / 30 : 1001 / 24_000);
    const offMs = words.map(({ start_ms }, i) => Math.abs((changes[i] ?? 0) - start_ms));
    assert.ok(Math.max(...offMs) <= frameMs, `off by ${Math.max(...offMs)} ms at most`);
    assert.ok((words[0]?.start_ms ?? 0) < 1000 && (words.at(-1)?.start_ms ?? 0) > (seconds - 1) * 1000);
  });
}
