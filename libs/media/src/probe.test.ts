import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { DeclaredError } from "@viralclaw/contracts/errors";
import { probe } from "./probe.ts";
import { makeClip, quickly, temporaryFolder, testPicture, testTone } from "./testing.ts";

const { signal } = new AbortController();

test("a plain video is told by its picture, its sound and its true length", async () => {
  await using folder = await temporaryFolder();
  const file = await makeClip(join(folder.dir, "in.mp4"), ...testPicture(), ...testTone(), ...quickly);

  const { video, audio, durationMs, frameTimesMs, container, notes, anamorphic } = await probe(file, { signal });

  assert.deepEqual(video, {
    ...{ stream_index: 0, codec: "h264", width: 160, height: 90, rotation: 0, fps: 30 },
    ...{ pixel_format: "yuv420p", color_transfer: null, start_ms: 0 },
  });
  assert.equal(audio?.codec, "aac");
  assert.ok(Math.abs(durationMs - 2000) < 30 && Math.abs((audio?.duration_ms ?? 0) - 2000) < 30);
  assert.deepEqual([frameTimesMs.length, Math.round(frameTimesMs[1] ?? 0)], [60, 33]);
  assert.match(container, /mp4/);
  assert.deepEqual([notes, anamorphic], [[], false]);
});

test("a phone's turned picture is told as it is seen, and pixels as if they were square", async () => {
  await using folder = await temporaryFolder();
  const lying = await makeClip(join(folder.dir, "lying.mp4"), ...testPicture(), "-vf", "setsar=2", ...quickly);
  const file = join(folder.dir, "in.mp4");
  const bytes = await readFile(lying);
  // Track header, ISO 14496-12: the matrix that turns clockwise by 90 degrees.
  for (const [i, value] of [0, 1, 0, -1, 0].entries()) bytes.writeInt32BE(value * 0x10000, bytes.indexOf("tkhd") + 44 + 4 * i);
  await writeFile(file, bytes);

  const { video, anamorphic } = await probe(file, { signal });

  assert.deepEqual([video.width, video.height, video.rotation, anamorphic], [90, 320, 90, true]);
});

test("a header that claims another length than the packets have is noted, and not believed", async () => {
  await using folder = await temporaryFolder();
  const file = await makeClip(join(folder.dir, "in.mkv"), ...testPicture(), ...testTone(), ...quickly);
  const bytes = await readFile(file);
  // Matroska's Duration: id 0x4489, a double of 8 bytes, in ms.
  bytes.writeDoubleBE(600_000, bytes.indexOf(Buffer.from([0x44, 0x89, 0x88])) + 3);
  await writeFile(file, bytes);

  const { durationMs, notes } = await probe(file, { signal });

  assert.ok(Math.abs(durationMs - 2000) < 30);
  assert.deepEqual(notes, ["The file claims to last 600.0 s; its packets last 2.0 s."]);
});

test("a file that breaks off is as long as what is left of it", async () => {
  await using folder = await temporaryFolder();
  const whole = await makeClip(join(folder.dir, "whole.mkv"), ...testPicture("160x90", 20), ...testTone(20), ...quickly);
  const file = join(folder.dir, "in.mkv");
  const bytes = await readFile(whole);
  await writeFile(file, bytes.subarray(0, bytes.length / 4));

  const { durationMs, notes } = await probe(file, { signal });

  assert.ok(durationMs > 1000 && durationMs < 10_000);
  assert.match(notes[0] ?? "", /^The file claims to last 20\.\d s; its packets last \d\.\d s\.$/);
});

test("a cover picture is no video", async () => {
  await using folder = await temporaryFolder();
  const cover = await makeClip(join(folder.dir, "cover.png"), ...testPicture("64x64", 1), "-frames:v", "1");
  const attached = ["-i", cover, "-map", "0:a", "-map", "1:v", "-c:a", "aac", "-c:v", "copy", "-disposition:v:0", "attached_pic"];
  const file = await makeClip(join(folder.dir, "song.m4a"), ...testTone(), ...attached);

  await isNoVideo(file, /no picture/);
});

test("of several streams, a short one is not taken even where it is marked default; the choice is told", async () => {
  await using folder = await temporaryFolder();
  const inputs = [...testPicture("64x64", 1), ...testPicture("160x90", 4), ...testTone(4)];
  const maps = ["-map", "0", "-map", "1", "-map", "2", "-disposition:v:0", "default", "-disposition:v:1", "0"];
  const file = await makeClip(join(folder.dir, "in.mkv"), ...inputs, ...maps, ...quickly);

  const { video, notes } = await probe(file, { signal });

  assert.deepEqual([video.stream_index, video.width], [1, 160]);
  assert.deepEqual(notes, [
    "The file has 2 video streams; stream 1 (h264 160x90, 4.0 s) is used, not 0 (h264 64x64, 1.0 s, default).",
  ]);
});

test("a broadcast, whose streams are told by programme too, has each of them once", async () => {
  await using folder = await temporaryFolder();
  const file = await makeClip(join(folder.dir, "in.ts"), ...testPicture(), ...testTone(), ...quickly);

  const { video, audio, notes } = await probe(file, { signal });

  assert.deepEqual([video.stream_index, audio?.stream_index, notes], [0, 1, []]);
});

test("of two sounds, the one that cannot be read is passed over", async () => {
  await using folder = await temporaryFolder();
  const maps = ["-map", "0", "-map", "1", "-map", "1"];
  const whole = await makeClip(join(folder.dir, "whole.mp4"), ...testPicture(), ...testTone(), ...maps, ...quickly);
  const file = join(folder.dir, "in.mp4");
  const bytes = await readFile(whole);
  // The format of the first sound, as its sample description and what lies in it name it.
  bytes.write("apac", bytes.indexOf("mp4a"));
  bytes.write("dapa", bytes.indexOf("esds"));
  await writeFile(file, bytes);

  assert.deepEqual(((audio) => [audio?.stream_index, audio?.codec])((await probe(file, { signal })).audio), [2, "aac"]);
});

test("no sound is no error", async () => {
  await using folder = await temporaryFolder();
  const file = await makeClip(
    join(folder.dir, "in.webm"),
    ...testPicture(),
    "-c:v",
    "libvpx",
    "-deadline",
    "realtime",
    "-cpu-used",
    "8",
  );

  assert.equal((await probe(file, { signal })).audio, null);
});

test("what is no video is refused, and told why", async () => {
  await using folder = await temporaryFolder();
  const named = (name: string, content: string | Buffer) =>
    writeFile(join(folder.dir, name), content).then(() => join(folder.dir, name));
  await isNoVideo(await named("page", "<!doctype html><title>watch</title>"), /damaged, or something else/);
  await isNoVideo(await named("empty", ""), /damaged, or something else/);
  const whole = await readFile(await makeClip(join(folder.dir, "whole.mp4"), ...testPicture(), ...quickly));
  await isNoVideo(await named("cut", whole.subarray(0, whole.length - 3000)), /its index is missing/);
});

test("a playlist that points to other files or addresses is refused without being followed", async () => {
  await using folder = await temporaryFolder();
  const secret = await makeClip(join(folder.dir, "secret.ts"), ...testPicture(), ...quickly);
  const playlist = join(folder.dir, "list.mp4");
  await writeFile(playlist, `#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\n${secret}\n#EXT-X-ENDLIST\n`);
  await isNoVideo(playlist, /not an mp4, mov, webm/);
  await writeFile(playlist, `ffconcat version 1.0\nfile ${secret}\n`);
  await isNoVideo(playlist, /not an mp4, mov, webm/);
});

test("a file of ours that is not there is our fault, not the video's", async () => {
  await assert.rejects(probe("/nowhere/at/all.mp4", { signal }), (error) => !(error instanceof DeclaredError));
});

async function isNoVideo(file: string, reason: RegExp): Promise<void> {
  await assert.rejects(probe(file, { signal }), (error) => {
    assert.ok(error instanceof DeclaredError && error.code === "not_a_video", String(error));
    assert.match(String(error.params.reason), reason);
    return true;
  });
}
