import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { probe } from "@viralclaw/media/probe";
import { makeClip, temporaryFolder } from "@viralclaw/media/testing";
import { captioned, said } from "./testing/captioned.ts";
import {
  isWhite,
  isYellow,
  type Pixels,
  picture,
  pixelsOf,
  places,
  quickH264,
  type Rgb,
  soundOf,
  tone,
  videoFields,
} from "./testing/clips.ts";

/** What goes wrong with time and with streams. Each trap was seen to spoil a video before. */

const size = { width: 180, height: 320 };
const { signal } = new AbortController();
const words = said("STOP", 0.1, "NOW", 0.5, 1.2);
const h264WithAac = [...quickH264, "-c:a", "aac"];

test("at every change of words one goes out and the next lights up on the same frame, the one nearest to the voice", async () => {
  await using folder = await temporaryFolder();
  const rate = "30000/1001";
  const source = await makeClip(
    join(folder.dir, "in.mp4"),
    ...picture({ rate, seconds: 6 }),
    ...tone({ seconds: 6 }),
    ...h264WithAac,
  );
  // Two words a cue, on two lines; the changes lie anywhere between frames.
  const starts = [0.1, 0.333, 0.702, 1.019, 1.467, 1.834, 2.251, 2.669, 2.99, 3.337, 3.771, 4.203, 4.65, 5.005];
  const alternating = said(...starts.flatMap((start, i) => [i % 2 ? "STRONG." : "MOMENT", start]), 5.5);

  const { video } = await captioned(folder.dir, source, { words: alternating });

  const pixels = await pixelsOf(video, size);
  const lines = pixels.frames.map((_, frame) => litLine(pixels, frame));
  const wanted = pixels.frames.map((_, frame) => starts.findLastIndex((start) => Math.round((start * 30_000) / 1001) <= frame));
  const [from, to] = [Math.round((0.1 * 30_000) / 1001), Math.round((5.4 * 30_000) / 1001)];
  for (let frame = from; frame < to; frame++) {
    assert.equal(lines[frame], (wanted[frame] ?? 0) % 2 ? "lower" : "upper", `frame ${frame} of ${lines.length}`);
  }
});

for (const [style, ground, lit] of [
  ["tiktok", isWhite, ([red, green, blue]: Rgb) => red > 170 && green < 130 && blue < 140],
  [
    "podcast",
    ([red, green, blue]: Rgb) => Math.max(red, green, blue) < 45,
    ([red, green, blue]: Rgb) => red > 150 && green > 100 && blue < 90,
  ],
  [
    "cordel",
    ([red, green, blue]: Rgb) => red > 215 && green > 195 && blue > 150,
    ([red, green, blue]: Rgb) => red > 130 && green < 100 && blue < 100,
  ],
] as const) {
  test(`in ${style} one cue follows another without a bare frame, and in every frame one word is lit`, async () => {
    await using folder = await temporaryFolder();
    const source = await makeClip(
      join(folder.dir, "in.mp4"),
      ...picture({ source: "color=0x507090", rate: "30000/1001", seconds: 4 }),
      ...quickH264,
    );
    const texts = ["Tudo", "muda", "quando", "você.", "Ninguém", "conta", "isso.", "Agora", "sim."];
    const spokenWords = said(...texts.flatMap((text, i) => [text, 0.203 + i * 0.377]), 0.203 + texts.length * 0.377);

    const { video, report } = await captioned(folder.dir, source, { words: spokenWords, style, quality: "best" });

    assert.ok(report.captions.cues >= 3);
    const pixels = await pixelsOf(video, size);
    for (let frame = 7; frame < 107; frame++) {
      assert.ok(places(pixels, frame, ground).length > 100, `frame ${frame} is bare`);
      const [left, right] = extent(places(pixels, frame, lit).map(([x]) => x));
      const [top, bottom] = extent(places(pixels, frame, lit).map(([, y]) => y));
      // The longest word is 90 px wide, and a line 16 px high.
      assert.ok(
        left < right && right - left < 110 && bottom - top < 24,
        `frame ${frame}: lit from ${left} to ${right}, ${top} to ${bottom}`,
      );
    }
  });
}

/** Where all but a few pixels are: the encoder may give one at an edge another colour. */
function extent(values: readonly number[]): [number, number] {
  const sorted = values.toSorted((a, b) => a - b);
  const few = Math.ceil(values.length * 0.02);
  return [sorted[few] ?? Number.NaN, sorted.at(-1 - few) ?? Number.NaN];
}

test("frames at uneven times keep their times, and words still light up on the nearest one", async () => {
  await using folder = await temporaryFolder();
  const uneven = "select='not(eq(mod(n,7),3))*not(between(n,20,30))',settb=1/90000,setpts=PTS+random(1)*0.012/TB";
  const encode = ["-fps_mode", "vfr", "-enc_time_base", "1/90000", "-video_track_timescale", "90000", ...h264WithAac];
  const source = await makeClip(join(folder.dir, "in.mp4"), ...picture(), ...tone(), "-vf", uneven, ...encode);

  const { video } = await captioned(folder.dir, source, { words });

  const [before, after] = [(await probe(source, { signal })).frameTimesMs, (await probe(video, { signal })).frameTimesMs];
  assert.equal(after.length, before.length);
  for (const [k, timeMs] of before.entries()) assert.ok(Math.abs((after[k] ?? 0) - timeMs) < 0.1);
  const pixels = await pixelsOf(video, size);
  const first = pixels.frames.findIndex((_, frame) => places(pixels, frame, isYellow).length > 0);
  const nearest = before.reduce(
    (best, timeMs, k) => (Math.abs(timeMs - 100) < Math.abs((before[best] ?? 0) - 100) ? k : best),
    0,
  );
  assert.equal(first, nearest);
});

test("sixty frames a second and a matroska file's ms clock lose no frame", async () => {
  await using folder = await temporaryFolder();
  const source = await makeClip(
    join(folder.dir, "in.mkv"),
    ...picture({ rate: "60" }),
    ...tone(),
    ...quickH264,
    "-c:a",
    "libopus",
  );

  const { video, report } = await captioned(folder.dir, source, { words });

  assert.equal((await probe(video, { signal })).frameTimesMs.length, 120);
  assert.deepEqual([report.output.audio, (await probe(video, { signal })).audio?.codec], ["encoded", "aac"]);
});

test("a video without sound is captioned all the same", async () => {
  await using folder = await temporaryFolder();
  const source = await makeClip(join(folder.dir, "in.mp4"), ...picture(), ...quickH264);

  const { video, report } = await captioned(folder.dir, source, { words });

  assert.deepEqual([(await probe(video, { signal })).audio, report.output.audio], [null, "none"]);
});

test("where sound goes on after the picture, the last frame stays, with the captions of what is still said", async () => {
  await using folder = await temporaryFolder();
  const source = await makeClip(join(folder.dir, "in.mp4"), ...picture({ seconds: 1 }), ...tone({ seconds: 2 }), ...h264WithAac);

  const { video, report } = await captioned(folder.dir, source, { words: said("STOP", 0.1, "NOW", 1.5, 1.9) });

  const after = await probe(video, { signal });
  assert.ok(Math.abs(after.videoEndMs - 2000) < 50 && report.output.held_ms > 900);
  assert.equal(await soundOf(video), await soundOf(source));
  const pixels = await pixelsOf(video, size);
  assert.equal(pixels.frames.length, after.frameTimesMs.length);
  assert.ok(places(pixels, 50, isYellow).length > 50);
});

test("a picture that begins late stays late: captions, sound and picture keep together", async () => {
  await using folder = await temporaryFolder();
  const whole = await makeClip(join(folder.dir, "whole.mp4"), ...picture(), ...tone(), ...h264WithAac);
  const late = ["-itsoffset", "0.5", "-i", whole, "-i", whole, "-map", "0:v", "-map", "1:a", "-c", "copy"];
  const source = await makeClip(join(folder.dir, "in.mp4"), ...late);

  const { video } = await captioned(folder.dir, source, { words: said("STOP", 0.1, "NOW", 1, 1.5) });

  const [before, after] = [await probe(source, { signal }), await probe(video, { signal })];
  assert.deepEqual([before.video.start_ms, after.video.start_ms, after.audio?.start_ms], [500, 500, 0]);
  assert.equal(after.frameTimesMs.length, before.frameTimesMs.length);
  // NOW is said at 1 s, half a second after the first picture: frame 15.
  const pixels = await pixelsOf(video, size);
  assert.deepEqual([litLine(pixels, 14), litLine(pixels, 15)], ["upper", "lower"]);
});

test("a clip cut without being encoded hides frames by an edit list: only what is shown is counted and captioned", async () => {
  await using folder = await temporaryFolder();
  const whole = await makeClip(
    join(folder.dir, "whole.mp4"),
    ...picture({ seconds: 4 }),
    ...tone({ seconds: 4 }),
    ...h264WithAac,
    "-g",
    "60",
  );
  const source = await makeClip(join(folder.dir, "in.mp4"), "-ss", "1.5", "-i", whole, "-c", "copy");

  const { video, report } = await captioned(folder.dir, source, { words });

  const shown = (await pixelsOf(source, size)).frames.length;
  const pixels = await pixelsOf(video, size);
  assert.deepEqual([report.source.frames, report.output.frames, pixels.frames.length], [shown, shown, shown]);
  assert.equal(await soundOf(video), await soundOf(source));
  const [before, after] = [await probe(source, { signal }), await probe(video, { signal })];
  assert.ok(
    Math.abs((after.audio?.start_ms ?? 0) - after.video.start_ms - ((before.audio?.start_ms ?? 0) - before.video.start_ms)) <= 1,
  );
});

test("a broadcast stream whose clock starts anywhere is moved to zero, picture and sound together", async () => {
  await using folder = await temporaryFolder();
  const shift = ["-output_ts_offset", "5", "-muxdelay", "0", "-muxpreload", "0"];
  const source = await makeClip(join(folder.dir, "in.ts"), ...picture(), ...tone(), ...h264WithAac, ...shift);

  const { video, report } = await captioned(folder.dir, source, { words });

  const after = await probe(video, { signal });
  assert.equal(after.frameTimesMs.length, 60);
  assert.ok(after.video.start_ms < 60 && (after.audio?.start_ms ?? 99) < 60);
  assert.equal(report.output.audio, "copied");
  assert.equal(await soundOf(video), await soundOf(source));
});

test("of several pictures and sounds the default ones that last are taken, and the report says so", async () => {
  await using folder = await temporaryFolder();
  const inputs = [
    ...picture({ size: "90x160" }),
    ...picture({ size: "180x320" }),
    ...tone({ hertz: 200 }),
    ...tone({ hertz: 900 }),
  ];
  const maps = ["-map", "0", "-map", "1", "-map", "2", "-map", "3", "-disposition:v:0", "0", "-disposition:v:1", "default"];
  const source = await makeClip(
    join(folder.dir, "in.mkv"),
    ...inputs,
    ...maps,
    "-disposition:a:0",
    "0",
    "-disposition:a:1",
    "default",
    ...h264WithAac,
  );

  const { video, report } = await captioned(folder.dir, source, { words });

  assert.equal((await videoFields(video)).width, 180);
  assert.equal(await soundOf(video), await soundOf(source, "0:3"));
  assert.match(report.source.notes[0] ?? "", /2 video streams; stream 1 .* is used, not 0/);
  assert.match(report.source.notes[1] ?? "", /2 audio streams; stream 3 .* is used, not 2/);
});

/** Where the word being said stands, of two words on two lines. */
function litLine(pixels: Pixels, frame: number): "upper" | "lower" | "none" | "both" {
  const middle = (found: readonly [number, number][]) => found.reduce((sum, [, y]) => sum + y, 0) / found.length;
  const [lit, waiting] = [places(pixels, frame, isYellow), places(pixels, frame, isWhite)];
  if (lit.length === 0) return "none";
  if (waiting.length === 0) return "both";
  return middle(lit) < middle(waiting) ? "upper" : "lower";
}
