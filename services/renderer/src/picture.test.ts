import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { test } from "node:test";
import { makeClip, temporaryFolder } from "@viralclaw/media/testing";
import { captioned, said } from "./testing/captioned.ts";
import {
  isWhite,
  isYellow,
  picture,
  pixelAt,
  pixelsOf,
  places,
  quickH264,
  type Rgb,
  tone,
  turnedClockwise,
  videoFields,
} from "./testing/clips.ts";

/** What goes wrong with pictures that are not plain: turned, odd, deep, bright. Each trap was seen to spoil a video before. */

const size = { width: 180, height: 320 };
const words = said("STOP", 0, "NOW", 0.5, 1);

test("a phone's turned picture comes back upright, and so do its captions", async () => {
  await using folder = await temporaryFolder();
  // Filmed lying, red at the left: turned clockwise, red is at the top.
  const sides = ["-f", "lavfi", "-i", "color=blue:s=320x180:r=30:d=1,drawbox=0:0:160:180:red:fill"];
  const lying = await makeClip(join(folder.dir, "in.mp4"), ...sides, ...tone({ seconds: 1 }), ...quickH264, "-c:a", "aac");
  const source = await turnedClockwise(lying);

  const { video, report, script } = await captioned(folder.dir, source, { words });

  const { width, height, side_data_list } = await videoFields(video);
  assert.deepEqual([width, height, side_data_list], [180, 320, undefined]);
  assert.match(script, /PlayResX: 180\nPlayResY: 320\n/);
  assert.equal(report.source.video.rotation, 90);
  const pixels = await pixelsOf(video, size);
  assert.ok(near(pixelAt(pixels, 5, 90, 20), [255, 0, 0], 40) && near(pixelAt(pixels, 5, 90, 310), [0, 0, 255], 40));
  const lit = places(pixels, 5, isYellow);
  const extent = (axis: 0 | 1) => Math.max(...lit.map((place) => place[axis])) - Math.min(...lit.map((place) => place[axis]));
  assert.ok(extent(0) > 2 * extent(1), "the word lies level");
});

test("odd sides and full colour become even sides and the 4:2:0 that phones play", async () => {
  await using folder = await temporaryFolder();
  const odd = ["-vf", "format=yuv444p,crop=179:319:0:0:exact=1", "-c:v", "libx264", "-preset", "ultrafast"];
  const source = await makeClip(
    join(folder.dir, "in.mp4"),
    ...picture({ seconds: 1 }),
    ...tone({ seconds: 1 }),
    ...odd,
    "-c:a",
    "aac",
  );

  const { video } = await captioned(folder.dir, source, { words });

  const { width, height, pix_fmt, profile } = await videoFields(video);
  assert.deepEqual([width, height, pix_fmt], [178, 318, "yuv420p"]);
  assert.doesNotMatch(String(profile), /4:4:4|High 10/);
  assert.ok(places(await pixelsOf(video, { width: 178, height: 318 }), 5, isYellow).length > 50);
});

for (const [name, transfer] of [
  ["HLG", "arib-std-b67"],
  ["PQ", "smpte2084"],
] as const) {
  test(`${name} in 10 bits becomes bt709 in 8, as bright as it was meant, and white captions stay white`, async () => {
    await using folder = await temporaryFolder();
    // A mid grey and a saturated green, put into the transfer by the same library that takes them out of it.
    const sdr = "color=0x808080:s=180x320:r=30:d=1,drawbox=0:0:90:160:0x30a040:fill,scale=out_color_matrix=bt709,format=yuv444p";
    const up = `setparams=color_trc=bt709:color_primaries=bt709:colorspace=bt709:range=limited,zscale=t=linear:npl=100,format=gbrpf32le,zscale=p=bt2020:t=${transfer}:m=bt2020nc:r=limited:npl=100,format=yuv420p10le`;
    const tags = `log-level=none:colorprim=bt2020:transfer=${transfer}:colormatrix=bt2020nc`;
    const source = await makeClip(
      join(folder.dir, "in.mp4"),
      ...["-f", "lavfi", "-i", sdr, "-vf", up, "-c:v", "libx265", "-preset", "ultrafast", "-x265-params", tags, "-tag:v", "hvc1"],
    );

    const { video, report } = await captioned(folder.dir, source, { words });

    const { pix_fmt, color_transfer, color_primaries, color_space, profile } = await videoFields(video);
    assert.deepEqual([pix_fmt, color_transfer, color_primaries, color_space], ["yuv420p", "bt709", "bt709", "bt709"]);
    assert.doesNotMatch(String(profile), /10/);
    assert.equal(report.output.tone_mapped, true);
    const pixels = await pixelsOf(video, size);
    assert.ok(near(pixelAt(pixels, 5, 150, 60), [0x80, 0x80, 0x80], 24), `grey is ${pixelAt(pixels, 5, 150, 60)}`);
    assert.ok(near(pixelAt(pixels, 5, 40, 60), [0x30, 0xa0, 0x40], 40), `green is ${pixelAt(pixels, 5, 40, 60)}`);
    assert.ok(places(pixels, 5, isYellow).length > 50 && places(pixels, 5, isWhite).length > 50);
  });
}

test("ten bits without a high dynamic range become eight", async () => {
  await using folder = await temporaryFolder();
  const deep = ["-pix_fmt", "yuv420p10le", "-c:v", "libx264", "-preset", "ultrafast"];
  const source = await makeClip(join(folder.dir, "in.mp4"), ...picture({ seconds: 1 }), ...deep);

  const { video, report } = await captioned(folder.dir, source, { words });

  assert.equal((await videoFields(video)).pix_fmt, "yuv420p");
  assert.equal(report.output.tone_mapped, false);
});

test("a full range picture keeps its blacks and whites, and captions are as white and as black as they", async () => {
  await using folder = await temporaryFolder();
  const halves = ["-f", "lavfi", "-i", "color=black:s=180x320:r=30:d=1,drawbox=0:0:180:100:white:fill"];
  const full = ["-vf", "scale=out_range=full,format=yuvj420p", "-c:v", "libx264", "-preset", "ultrafast"];
  const source = await makeClip(join(folder.dir, "in.mp4"), ...halves, ...full);

  const { video } = await captioned(folder.dir, source, { words });

  const { pix_fmt, color_range } = await videoFields(video);
  assert.equal(pix_fmt, "yuv420p");
  assert.notEqual(color_range, "pc");
  const luma = lumaOf(video);
  const row = (y: number) => luma.subarray(y * size.width, (y + 1) * size.width);
  assert.deepEqual([row(20)[90], row(310)[90]], [235, 16]);
  // The word that waits is white, on the black half.
  assert.ok(Math.max(...luma.subarray(150 * size.width)) >= 232);
});

test("pixels that are not square are made square", async () => {
  await using folder = await temporaryFolder();
  const source = await makeClip(join(folder.dir, "in.mp4"), ...picture({ seconds: 1 }), "-vf", "setsar=2", ...quickH264);

  const { video } = await captioned(folder.dir, source, { words });

  const { width, height, sample_aspect_ratio } = await videoFields(video);
  assert.deepEqual([width, height, sample_aspect_ratio], [360, 320, "1:1"]);
});

function near(actual: Rgb, expected: Rgb, by: number): boolean {
  return actual.every((value, i) => Math.abs(value - (expected[i] ?? 0)) <= by);
}

/** The first frame's luma as it is stored, not what a player would make of it. */
function lumaOf(file: string): Buffer {
  return execFileSync("ffmpeg", ["-v", "error", "-i", file, "-vf", "extractplanes=y", "-frames:v", "1", "-f", "rawvideo", "-"]);
}
