import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readdir, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { after, before, describe, it, test } from "node:test";
import { promisify } from "node:util";
import { openFont } from "@viralclaw/captions/fonts";
import { styleOf } from "@viralclaw/captions/styles";
import { probe } from "@viralclaw/media/probe";
import { makeClip, temporaryFolder } from "@viralclaw/media/testing";
import { type Captioned, captioned, said } from "../testing/captioned.ts";
import { picture, quickH264, tone, videoFields } from "../testing/clips.ts";

/**
 * A video whose word was changed is made of the pieces of the render before it and of those that changed. It must be what a render of
 * everything would be: the same pictures at the same times, the same sound.
 */
const { signal } = new AbortController();
const saying = (word: string) => [
  ...said("STOP.", 0.3, 1),
  ...said("POSTING.", 2.6, 3.4),
  ...said(word, 4.4, 5),
  ...said("NOW.", 6.6, 7.2),
];
const [first, edited] = [saying("THIS."), saying("THAT.")];

/** Moves, so that each frame differs from every other. */
const moving = (seconds = 8) => picture({ source: "testsrc2", seconds });
const aac = [...tone({ seconds: 8 }), "-c:a", "aac"];

const sources: Record<string, (file: string) => Promise<string>> = {
  "a phone's": (file) => makeClip(file, ...moving(), ...aac, ...quickH264, "-g", "30"),
  "full of grain": (file) => {
    const grain = ["-vf", "noise=alls=8:allf=t", ...quickH264, "-crf", "16"];
    return makeClip(file, ...picture({ source: "testsrc2", size: "360x640", seconds: 8 }), ...aac, ...grain);
  },
  "with B frames in open groups": (file) =>
    makeClip(
      file,
      ...moving(),
      ...aac,
      "-c:v",
      "libx264",
      "-bf",
      "3",
      "-x264-params",
      "open-gop=1:keyint=50",
      "-pix_fmt",
      "yuv420p",
    ),
  "with one key frame in all": (file) => makeClip(file, ...moving(), ...aac, ...quickH264, "-g", "1000"),
  "with uneven times": (file) => {
    const uneven = "select='not(eq(mod(n,7),3))*not(between(n,80,110))',settb=1/90000,setpts=PTS+random(1)*0.012/TB";
    const clock = ["-fps_mode", "vfr", "-enc_time_base", "1/90000", "-video_track_timescale", "90000"];
    return makeClip(file, ...moving(), ...aac, "-vf", uneven, ...clock, ...quickH264);
  },
  "cut without being encoded": async (file) => {
    const whole = await makeClip(
      file.replace(".mp4", "-whole.mp4"),
      ...moving(10),
      ...tone({ seconds: 10 }),
      "-c:a",
      "aac",
      ...quickH264,
      "-g",
      "60",
    );
    return makeClip(file, "-ss", "1.5", "-i", whole, "-c", "copy");
  },
  "that begins late and whose sound goes on": async (file) => {
    const whole = await makeClip(
      file.replace(".mp4", "-whole.mp4"),
      ...moving(7),
      ...tone({ seconds: 9 }),
      "-c:a",
      "aac",
      ...quickH264,
    );
    return makeClip(file, "-itsoffset", "0.41", "-i", whole, "-i", whole, "-map", "0:v", "-map", "1:a", "-c", "copy");
  },
  "of 10 bits in HEVC, with a high dynamic range": (file) => {
    const tags = "log-level=none:colorprim=bt2020:transfer=arib-std-b67:colormatrix=bt2020nc:keyint=45";
    return makeClip(
      file,
      ...moving(),
      ...aac,
      "-pix_fmt",
      "yuv420p10le",
      "-c:v",
      "libx265",
      "-preset",
      "ultrafast",
      "-x265-params",
      tags,
      "-tag:v",
      "hvc1",
    );
  },
  "of 29.97 frames a second with an odd end": (file) =>
    makeClip(file, ...picture({ source: "testsrc2", rate: "30000/1001", seconds: 7.77 }), ...aac, ...quickH264, "-bf", "2"),
  "in Matroska": (file) => makeClip(file.replace(".mp4", ".mkv"), ...moving(), ...aac, ...quickH264, "-bf", "2", "-g", "40"),
};

/** Each of the quick ways is looked at. */
const quickWays: Record<string, string> = { "a phone's": "smooth", "full of grain": "noisy" };
/** Those whose first render is compared with one pass of the encoder. */
const likeOnePass = [
  "a phone's",
  "full of grain",
  "with B frames in open groups",
  "with uneven times",
  "cut without being encoded",
];

for (const [name, make] of Object.entries(sources)) {
  describe(`given a video ${name}`, () => {
    let folder: Awaited<ReturnType<typeof temporaryFolder>>;
    let source: string;
    let rendered: Captioned;
    let unedited: string[];
    before(async () => {
      folder = await temporaryFolder();
      source = await make(join(folder.dir, "in.mp4"));
      rendered = await captioned(folder.dir, source, { words: first });
      unedited = await framesOf(rendered.video);
    });
    after(() => folder[Symbol.asyncDispose]());

    it("when a word is changed, then the result is that of a render of everything", async () => {
      const reused = await captioned(folder.dir, source, { words: edited });
      const kept = await framesOf(reused.video);
      const { pieces } = reused.report;
      await forget(folder.dir);

      const whole = await captioned(folder.dir, source, { words: edited });

      assert.deepEqual(kept, await framesOf(whole.video));
      assert.equal(whole.report.pieces?.reused, 0);
      assert.ok((pieces?.reused ?? 0) >= 2, `${pieces?.reused} pieces were reused`);
      assert.equal((pieces?.reused ?? 0) + (pieces?.encoded ?? 0), whole.report.pieces?.encoded);
      assert.notDeepEqual(unedited, kept);
    });

    it("when it may have half of the bytes, then every frame has its own time all the same, and the sound is as it was", async () => {
      const maxBytes = Math.round(rendered.report.output.bytes / 2);
      const fitted = await captioned(folder.dir, source, { words: first, maxBytes });

      assert.equal(fitted.report.encoder.encoding.way, "small");
      assert.ok(fitted.report.output.bytes <= maxBytes);
      assert.deepEqual(timesOf(await framesOf(fitted.video)), timesOf(unedited));
    });

    if (!likeOnePass.includes(name)) return;
    it("when it is first rendered, then frames, times and sound are those of one pass with the same encoder", async () => {
      const [script, onePass] = [join(folder.dir, "first.ass"), join(folder.dir, "one-pass.mp4")];
      await writeFile(script, rendered.script);
      const drawn = `format=yuv420p,ass=filename=${script}:fontsdir=${dirname(openFont(styleOf("hormozi").font).path)}`;
      const filters = [drawn, ...rendered.report.encoder.filters].join(",");
      const passing = ["-fps_mode", "passthrough", "-enc_time_base", "-1"];
      await makeClip(onePass, "-i", source, "-vf", filters, ...passing, ...rendered.report.encoder.arguments, "-c:a", "copy");

      assert.ok((rendered.report.pieces?.encoded ?? 0) > 1);
      if (name in quickWays) assert.equal(rendered.report.encoder.encoding.way, quickWays[name]);
      assert.deepEqual(unedited, await framesOf(onePass));
    });
  });
}

test("given a broadcast stream, whose times depend on what is read of it, then it is made in one pass, picture and sound together", async () => {
  await using folder = await temporaryFolder();
  const shift = ["-output_ts_offset", "5"];
  const source = await makeClip(join(folder.dir, "in.ts"), ...moving(), ...aac, ...quickH264, ...shift);
  const { video, report } = await captioned(folder.dir, source, { words: first });
  const [before, after] = [await probe(source, { signal }), await probe(video, { signal })];
  assert.equal(report.pieces, null);
  assert.ok(
    Math.abs(after.video.start_ms - before.video.start_ms) <= 1,
    `${before.video.start_ms} became ${after.video.start_ms}`,
  );
});

test("given a render that was killed, when it is run again, then only what was not stored is encoded", async () => {
  await using folder = await temporaryFolder();
  const source = await sources["a phone's"]?.(join(folder.dir, "in.mp4"));
  const cancelling = new AbortController();
  const onStored = () => cancelling.abort(new Error("killed"));
  await assert.rejects(captioned(folder.dir, source ?? "", { words: first, signal: cancelling.signal, onStored }), /killed/);

  const { report, video } = await captioned(folder.dir, source ?? "", { words: first });

  assert.ok((report.pieces?.reused ?? 0) >= 1);
  assert.equal((await probe(video, { signal })).frames, 240);
});

/** Of the picture, which is the first stream, the times alone: how long a frame lasts ffmpeg guesses from all of them. */
const timesOf = (frames: readonly string[]) => frames.map((line) => (line.startsWith("0,") ? line.split(",", 3).join() : line));

/** Removes the stored pieces, as retention does. */
async function forget(dir: string): Promise<void> {
  for (const name of await readdir(dir)) if (name.startsWith("pieces_")) await rm(join(dir, name));
}

/** Time and digest of each decoded frame, and of the sound by its own frames; with the clock and the beginning of the picture. */
async function framesOf(video: string): Promise<string[]> {
  const streams = ["-map", "0:v", "-map", "0:a?", "-fps_mode", "passthrough", "-enc_time_base", "-1", "-f", "framemd5", "-"];
  const { stdout } = await promisify(execFile)("ffmpeg", ["-v", "error", "-i", video, ...streams], { maxBuffer: 1e8 });
  const { time_base, start_time } = await videoFields(video);
  return [...stdout.split("\n").filter((line) => !line.startsWith("#")), `${time_base} ${start_time}`];
}
