import assert from "node:assert/strict";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { DeclaredError } from "@viralclaw/contracts/errors";
import { probe } from "@viralclaw/media/probe";
import { makeClip, temporaryFolder } from "@viralclaw/media/testing";
import { captioned, executionId, jobId, said } from "./testing/captioned.ts";
import { isWhite, isYellow, picture, pixelsOf, places, quickH264, soundOf, tone, videoFields } from "./testing/clips.ts";

const size = { width: 180, height: 320 };
const { signal } = new AbortController();

test("a video comes back with the same frames, the same sound and the word that is said in yellow", async () => {
  await using folder = await temporaryFolder();
  const source = await makeClip(join(folder.dir, "in.mp4"), ...picture(), ...tone(), ...quickH264, "-c:a", "aac");
  const progress: number[] = [];

  const { video, report, given } = await captioned(folder.dir, source, { onProgress: (fraction) => progress.push(fraction) });

  const [before, after] = [await probe(source, { signal }), await probe(video, { signal })];
  assert.deepEqual(after.frameTimesMs, before.frameTimesMs);
  assert.equal(await soundOf(video), await soundOf(source));
  assert.deepEqual([report.source.frames, report.output.frames, report.output.audio], [60, 60, "copied"]);
  assert.equal(given.result_key, `jobs/${jobId}/render/${executionId}/captioned.mp4`);
  assert.equal(given.result_bytes, (await readFile(video)).length);
  assert.equal(progress.at(-1), 1);

  // STOP is said from frame 6 on, POSTING from frame 21; nothing is shown before.
  const pixels = await pixelsOf(video, size);
  assert.equal(places(pixels, 5, isWhite).length + places(pixels, 5, isYellow).length, 0);
  const lit = (frame: number) => rowsOf(places(pixels, frame, isYellow));
  const waiting = (frame: number) => rowsOf(places(pixels, frame, isWhite));
  assert.ok(lit(12).middle < waiting(12).middle, "STOP is lit above POSTING");
  assert.ok(lit(30).middle > waiting(30).middle, "POSTING is lit below STOP");
});

test("the result is what every player takes: H.264 in 4:2:0, square pixels, the index first, no metadata of the phone", async () => {
  await using folder = await temporaryFolder();
  const where = ["-metadata", "location=+48.8584+002.2945/", "-metadata", "title=private"];
  const source = await makeClip(join(folder.dir, "in.mp4"), ...picture(), ...tone(), ...quickH264, "-c:a", "aac", ...where);

  const { video } = await captioned(folder.dir, source);

  const { codec_name, pix_fmt, sample_aspect_ratio, codec_tag_string } = await videoFields(video);
  assert.deepEqual([codec_name, pix_fmt, sample_aspect_ratio, codec_tag_string], ["h264", "yuv420p", "1:1", "avc1"]);
  const bytes = await readFile(video);
  assert.ok(bytes.indexOf("moov") < bytes.indexOf("mdat"));
  assert.ok(!bytes.includes("48.8584") && !bytes.includes("private"));
});

test("each style leaves its mark", async () => {
  await using folder = await temporaryFolder();
  const source = await makeClip(
    join(folder.dir, "in.mp4"),
    ...picture({ source: "color=gray" }),
    ...tone(),
    ...quickH264,
    "-c:a",
    "aac",
  );
  const looks = { hormozi: isYellow, boxed: isViolet, podcast: isDark } as const;
  for (const [style, mark] of Object.entries(looks)) {
    const { video, report } = await captioned(folder.dir, source, { style });
    assert.ok(places(await pixelsOf(video, size), 12, mark).length > 50, style);
    assert.deepEqual(report.captions.stray_fonts, []);
  }
});

test("the report tells what was said how fast, and what had to shrink", async () => {
  await using folder = await temporaryFolder();
  const source = await makeClip(join(folder.dir, "in.mp4"), ...picture(), ...tone(), ...quickH264, "-c:a", "aac");
  const long = "Donaudampfschifffahrtsgesellschaftskapitän";

  const { report } = await captioned(folder.dir, source, { words: said("so.", 0.2, long, 0.7, 1.2) });

  assert.deepEqual([report.captions.cues, report.captions.words, report.captions.fonts], [2, 2, ["Montserrat Black"]]);
  const named = report.legibility.findings.map(({ kind, at_ms }) => `${kind} ${at_ms}`);
  for (const finding of ["cue_too_short 200", "reads_too_fast 700", "drawn_smaller 700"])
    assert.ok(named.includes(finding), `${named}`);
  assert.deepEqual([report.timing_source, report.transcript_version], ["recognised", 1]);
});

test("a style, a transcript or a video that is not there is a declared error, and leaves no file behind", async () => {
  await using folder = await temporaryFolder();
  const source = await makeClip(join(folder.dir, "in.mp4"), ...picture(), ...quickH264);
  const page = join(folder.dir, "page.html");
  await writeFile(page, "<html>not a video</html>");
  await rejectsWith("style_not_found", captioned(folder.dir, source, { style: "comic" }));
  await rejectsWith("not_a_video", captioned(folder.dir, page));
  await rejectsWith("store_unavailable", captioned(folder.dir, source, { words: null }));
  assert.deepEqual(await readdir(join(folder.dir, "work")), []);
});

test("cancelling stops the encoder at once and removes the files", async () => {
  await using folder = await temporaryFolder();
  const source = await makeClip(join(folder.dir, "in.mp4"), ...picture({ seconds: 60, size: "540x960" }), ...quickH264);
  const cancelling = new AbortController();
  const reason = new Error("cancelled");
  const onProgress = () => cancelling.abort(reason);

  await assert.rejects(captioned(folder.dir, source, { signal: cancelling.signal, onProgress }), reason);

  assert.deepEqual(await readdir(join(folder.dir, "work")), []);
});

test("a folder with quotes, colons and brackets in its name does no harm", async () => {
  await using folder = await temporaryFolder();
  const workDir = join(folder.dir, "it's a, [te:st]; \\ 100%");
  await mkdir(workDir);
  const source = await makeClip(join(folder.dir, "in.mp4"), ...picture(), ...tone(), ...quickH264, "-c:a", "aac");

  const { video } = await captioned(folder.dir, source, { workDir });

  assert.ok(places(await pixelsOf(video, size), 12, isYellow).length > 50);
});

const isViolet = ([red, green, blue]: readonly number[]) => (blue ?? 0) > 180 && (red ?? 0) < 170 && (green ?? 0) < 110;
const isDark = (rgb: readonly number[]) => Math.max(...rgb) < 70;

function rowsOf(found: readonly [number, number][]): { middle: number } {
  return { middle: found.reduce((sum, [, y]) => sum + y, 0) / found.length };
}

async function rejectsWith(code: string, attempt: Promise<unknown>): Promise<void> {
  await assert.rejects(attempt, (error) => error instanceof DeclaredError && error.code === code);
}
