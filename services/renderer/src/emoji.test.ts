import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { makeClip, temporaryFolder } from "@viralclaw/media/testing";
import { captioned, said } from "./testing/captioned.ts";
import { isWhite, picture, pixelAt, pixelsOf, places, quickH264 } from "./testing/clips.ts";

const size = { width: 180, height: 320 };
/** The flame's, and the heart's: no letter of the style minimal has a colour. */
const isFlame = ([red, green, blue]: readonly [number, number, number]) =>
  red > 120 && green > 60 && green < 0.9 * red && blue < 0.5 * red;
const isHeart = ([red, green, blue]: readonly [number, number, number]) => red > 150 && green < 0.4 * red && blue < 0.5 * red;

test("an emoji is there on the frames of its cue, and on no other; before its word is said as pale as the words", async () => {
  await using folder = await temporaryFolder();
  const source = await makeClip(join(folder.dir, "in.mp4"), ...picture({ seconds: 2.5 }), ...quickH264);
  const words = said("no", 0.2, "fire.", 0.5, 0.6, "so", 1.2, "hot🔥", 1.5, 1.8);

  const { video, report } = await captioned(folder.dir, source, { words, style: "minimal" });

  const pixels = await pixelsOf(video, size);
  const flames = pixels.frames.map((_, k) => places(pixels, k, isFlame));
  const seen = flames.flatMap((flame, k) => (flame.length > 0 ? [k] : []));
  // Its cue is shown from 1.2 s until half a second after its last word.
  assert.deepEqual(
    seen,
    Array.from({ length: 69 - 36 }, (_, i) => 36 + i),
  );
  const [x = 0, y = 0] = flames[40]?.[0] ?? [];
  assert.ok(pixelAt(pixels, 40, x, y)[0] < pixelAt(pixels, 50, x, y)[0]);
  assert.deepEqual(report.captions.emoji, [{ text: "🔥", at_ms: 1500 }]);
});

test("an emoji above is over all letters, from when its word is said until its cue goes; with none there is none", async () => {
  await using folder = await temporaryFolder();
  const source = await makeClip(join(folder.dir, "in.mp4"), ...picture({ seconds: 2 }), ...quickH264);
  const words = said("so", 0.2, "hot", 0.5, "now", 0.8, 1).map((word, i) => (i === 1 ? { ...word, emoji: "🔥" } : word));
  const rendered = async (place: "above" | "none") =>
    pixelsOf((await captioned(folder.dir, source, { words, style: "minimal", overrides: { emoji: { place } } })).video, size);

  const above = await rendered("above");
  const seen = above.frames.flatMap((_, k) => (places(above, k, isFlame).length > 0 ? [k] : []));
  // From 0.5 s until half a second after the last word.
  assert.deepEqual(
    seen,
    Array.from({ length: 45 - 15 }, (_, i) => 15 + i),
  );
  const flame = places(above, 20, isFlame).map(([, y]) => y);
  const letters = places(above, 20, isWhite).map(([, y]) => y);
  assert.ok(letters.length > 0 && Math.max(...flame) < Math.min(...letters));

  const none = await rendered("none");
  assert.deepEqual(
    none.frames.flatMap((_, k) => places(none, k, isFlame)),
    [],
  );
});

test("in a sentence that is read from right to left, the emoji at its end stands at the left", async () => {
  await using folder = await temporaryFolder();
  const source = await makeClip(join(folder.dir, "in.mp4"), ...picture({ seconds: 1 }), ...quickH264);

  const { video } = await captioned(folder.dir, source, { words: said("❤️شكرا", 0.1, "جدا🔥", 0.4, 0.9), style: "minimal" });

  const pixels = await pixelsOf(video, size);
  const middleOf = (looks: typeof isFlame) => {
    const xs = places(pixels, 20, looks).map(([x]) => x);
    return xs.reduce((sum, x) => sum + x, 0) / xs.length;
  };
  assert.ok(middleOf(isFlame) < 90 && middleOf(isHeart) > 90, `${middleOf(isFlame)}, ${middleOf(isHeart)}`);
});
