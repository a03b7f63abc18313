import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { makeClip, temporaryFolder } from "@viralclaw/media/testing";
import { captioned, said } from "./testing/captioned.ts";
import { pixelAt, pixelsOf, places, quickH264, type Rgb, videoFields } from "./testing/clips.ts";

/** Flat colours that a style asks for, in nested boxes, and what is decoded of them. The encoder takes a level or two. */
const asked = ["#ffd60a", "#7c3aed", "#21e6c1"] as const;
const [outer, middle, inner] = asked;
const box = { radius: 0, border: null, shape: "rounded" } as const;
const style_overrides = {
  cue_box: { ...box, color: outer, opacity: 1, pad_x: 1.4, pad_y: 1.6 },
  line_box: { ...box, color: middle, opacity: 1, pad_x: 0.9, pad_y: 1 },
  word_box: { ...box, color: inner, opacity: 1, pad_x: 0.4, pad_y: 0.5, behind: "all" },
} as const;
const size = { width: 180, height: 320 };
const tolerance = 3;

for (const [matrix, named] of [
  ["bt709", ["-colorspace", "bt709", "-color_primaries", "bt709", "-color_trc", "bt709"]],
  ["smpte170m", ["-colorspace", "smpte170m", "-color_primaries", "smpte170m", "-color_trc", "smpte170m"]],
] as const) {
  test(`on a picture of ${matrix} captions have the colours that were asked for, and the picture keeps its own`, async () => {
    await using folder = await temporaryFolder();
    const plain = "color=0x3060a0:s=180x320:r=10:d=1";
    const made = ["-f", "lavfi", "-i", plain, "-vf", `scale=out_color_matrix=${matrix},format=yuv420p`, ...named];
    const source = await makeClip(join(folder.dir, "in.mp4"), ...made, ...quickH264, "-crf", "5");

    const { video, script } = await captioned(folder.dir, source, {
      words: said("i", 0, 1),
      style: "podcast",
      overrides: style_overrides,
    });

    const [before, after] = [await pixelsOf(source, size), await pixelsOf(video, size)];
    for (const colour of asked) {
      const found = places(after, 5, (rgb) => isNear(rgb, rgbOf(colour)));
      assert.ok(found.length > 40, `${colour}: ${found.length} pixels`);
      assert.ok(script.includes(bgrOf(colour)), "the script that a customer gets has the colours that are meant");
    }
    assert.ok(isNear(pixelAt(after, 5, 10, 10), pixelAt(before, 5, 10, 10), 1));
    assert.equal((await videoFields(video)).color_space, matrix);
  });
}

const rgbOf = (colour: string): Rgb => [1, 3, 5].map((at) => Number.parseInt(colour.slice(at, at + 2), 16)) as unknown as Rgb;
const bgrOf = (colour: string) => `&H00${colour.slice(5, 7)}${colour.slice(3, 5)}${colour.slice(1, 3)}`.toUpperCase();
const isNear = (a: Rgb, b: Rgb, by = tolerance) => a.every((level, i) => Math.abs(level - (b[i] ?? 0)) <= by);
