import assert from "node:assert/strict";
import { readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { contactSheet } from "./contact-sheet.ts";
import { ffmpeg, userInput } from "./ffmpeg.ts";
import { probe } from "./probe.ts";
import { ProcessFailed } from "./process.ts";
import { makeClip, quickly, temporaryFolder, testPicture, testTone } from "./testing.ts";

const { signal } = new AbortController();

test("progress goes from 0 to 1 and never back", async () => {
  await using folder = await temporaryFolder();
  const source = await makeClip(join(folder.dir, "in.mp4"), ...testPicture("160x90", 4), ...testTone(4), ...quickly);
  const told: number[] = [];

  await ffmpeg([...userInput(source), ...quickly, join(folder.dir, "out.mp4")], {
    ...{ signal, cwd: folder.dir, threads: 1, durationMs: 4000 },
    onProgress: (fraction) => told.push(fraction),
  });

  assert.equal(told.at(-1), 1);
  assert.deepEqual(
    told,
    told.toSorted((a, b) => a - b),
  );
});

test("output may be collected: the sound as samples, without a file", async () => {
  await using folder = await temporaryFolder();
  const source = await makeClip(join(folder.dir, "in.mp4"), ...testPicture(), ...testTone(), ...quickly);
  const samples = await ffmpeg([...userInput(source), "-map", "0:1", "-ac", "1", "-ar", "16000", "-f", "s16le", "-"], {
    ...{ signal, cwd: folder.dir, stdout: "collect" },
  });
  assert.ok(Math.abs(samples.length - 64_000) < 2_000);
});

test("an address, a playlist or a script is never opened", async () => {
  await using folder = await temporaryFolder();
  const list = join(folder.dir, "list.ffconcat");
  await writeFile(list, "ffconcat version 1.0\nfile /etc/hostname\n");
  for (const input of [list, "http://127.0.0.1:9/x.mp4", "concat:/etc/hostname|/etc/hosts", "pipe:0"]) {
    await assert.rejects(ffmpeg([...userInput(input), "-f", "null", "-"], { signal, cwd: folder.dir }), ProcessFailed);
  }
});

test("a contact sheet shows the frames that are on the screen at the moments asked for", async () => {
  await using folder = await temporaryFolder();
  const video = await makeClip(join(folder.dir, "in.mp4"), ...testPicture(), ...quickly);
  const sheet = join(folder.dir, "sheet.png");

  await contactSheet(video, sheet, { signal, timesMs: [100, 101, 500, 900, 1999], columns: 3, tileWidth: 80 });

  // Four frames (two of the moments fall on one), three a row, 8 px around and between.
  assert.ok((await stat(sheet)).size > 1000);
  assert.deepEqual(await sizeOfPng(sheet), [8 + 3 * (80 + 8), 8 + 2 * (46 + 8)]);
  assert.equal((await probe(video, { signal })).frameTimesMs.length, 60);
});

/** PNG's first chunk, IHDR, begins with the width and the height. */
async function sizeOfPng(file: string): Promise<[number, number]> {
  const bytes = await readFile(file);
  return [bytes.readUInt32BE(16), bytes.readUInt32BE(20)];
}
