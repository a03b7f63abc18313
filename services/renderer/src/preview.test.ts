import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { copyFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { styleIds } from "@viralclaw/captions/styles";
import { transcriptOf } from "@viralclaw/captions/testing";
import { DeclaredError } from "@viralclaw/contracts/errors";
import type { PreviewRequest } from "@viralclaw/contracts/preview";
import { makeClip, temporaryFolder } from "@viralclaw/media/testing";
import { drawPreview, type PreviewDeps } from "./preview.ts";
import { keepSources } from "./sources.ts";
import { captioned, said } from "./testing/captioned.ts";
import { pixelsOf, quickH264 } from "./testing/clips.ts";

const size = { width: 360, height: 640 };
const words = said("Então", 0.1, "você", 0.4, "não", 0.7, "precisa", 1, 1.4);
const asked: PreviewRequest = {
  ...{ style: "hormozi", style_overrides: null, font_key: null, language: "pt", text: null, size: 640 },
  on: { type: "ground", shape: "vertical" },
};

test("a preview on a job's frame is that frame of the job's video", async () => {
  await using folder = await temporaryFolder();
  const source = await clip(folder.dir);
  await using sources = keepSources({ downloadTo: (_, file) => copyFile(source, file) }, folder.dir);
  const deps = depsOf(folder.dir, sources);
  // Mid-word, and on the very frame on which a word lights up.
  for (const [style, atMs] of [
    ["hormozi", 850],
    ["marca-texto", 850],
    ["cordel", 400],
  ] as const) {
    const { video } = await captioned(folder.dir, source, { words, style, quality: "best" });
    const { frames } = await pixelsOf(video, size);
    const on = { type: "job", source_key: "source", source_bytes: 1, transcript_key: "transcript", at_ms: atMs } as const;

    const png = await drawPreview({ ...asked, style, on }, deps);

    const k = Math.floor((atMs * 30) / 1000);
    const [before, own, after] = [k - 1, k, k + 1].map((frame) => difference(rgbOf(png), frames[frame] ?? Buffer.alloc(0)));
    // The encoder takes away 2.4 levels of this clip; the frames beside it are over 5 away.
    assert.ok(own && before && after && own < 3 && own < before && own < after, `${style}: ${own} levels off`);
  }
});

test("a text is drawn on a job's frame as well, before there is a transcript", async () => {
  await using folder = await temporaryFolder();
  const source = await clip(folder.dir);
  await using sources = keepSources({ downloadTo: (_, file) => copyFile(source, file) }, folder.dir);
  const on = { type: "job", source_key: "source", source_bytes: 1, transcript_key: null, at_ms: 1500 } as const;
  const deps = depsOf(folder.dir, sources);
  const [one, other] = [
    await drawPreview({ ...asked, on, text: "um" }, deps),
    await drawPreview({ ...asked, on, text: "outro texto" }, deps),
  ];
  assert.notDeepEqual(one, other);
  await assert.rejects(
    drawPreview({ ...asked, on }, deps),
    (error) => error instanceof DeclaredError && error.code === "store_unavailable",
  );
});

test("every style is drawn on a plain ground, the same each time, in the shape and size that are asked for", async () => {
  await using folder = await temporaryFolder();
  await using sources = keepSources({ downloadTo: async () => {} }, folder.dir);
  const deps = depsOf(folder.dir, sources);
  const seen = new Set<string>();
  for (const style of styleIds) seen.add((await drawPreview({ ...asked, style, size: 320 }, deps)).toString("base64"));
  assert.equal(seen.size, styleIds.length);
  const on = { type: "ground", shape: "wide" } as const;
  const [first, again] = [
    await drawPreview({ ...asked, size: 480, on }, deps),
    await drawPreview({ ...asked, size: 480, on }, deps),
  ];
  assert.deepEqual(first, again);
  assert.deepEqual([first.readUInt32BE(16), first.readUInt32BE(20)], [480, 270]);
  assert.deepEqual(await readdir(folder.dir), []);
});

test("a video that cannot be fetched is asked for again the next time, and leaves nothing behind", async () => {
  await using folder = await temporaryFolder();
  const source = await clip(folder.dir);
  let asks = 0;
  const downloadTo = async (_: string, file: string) => {
    if (asks++ === 0) throw new DeclaredError("store_unavailable");
    await copyFile(source, file);
  };
  const sources = keepSources({ downloadTo }, folder.dir);
  const use = () => sources.use("source", 1, async ({ media }) => media.video.width);
  await assert.rejects(use());
  assert.equal(await use(), size.width);
  assert.equal(await use(), size.width);
  assert.equal(asks, 2);
  await sources[Symbol.asyncDispose]();
  assert.deepEqual(await readdir(folder.dir), ["in.mp4"]);
});

test("a video that was just rendered is fetched neither for a render with other words nor for a preview", async () => {
  await using folder = await temporaryFolder();
  const source = await clip(folder.dir);
  let fetched = 0;
  const downloadTo = async (_: string, file: string) => {
    fetched++;
    await copyFile(source, file);
  };
  await using sources = keepSources({ downloadTo }, join(folder.dir, "work"));
  await captioned(folder.dir, source, { words, sources });
  await captioned(folder.dir, source, { words: said("Outra", 0.1, 1), sources });
  const on = { type: "job", source_key: "source", source_bytes: 1, transcript_key: "transcript", at_ms: 500 } as const;
  await drawPreview({ ...asked, on }, depsOf(folder.dir, sources));
  assert.equal(fetched, 1);
});

test("a video that nobody asks for any more is removed", async () => {
  await using folder = await temporaryFolder();
  const source = await clip(folder.dir);
  await using sources = keepSources({ downloadTo: (_, file) => copyFile(source, file) }, folder.dir, { idleMs: 1 });
  await sources.use("source", 1, async () => {});
  while ((await readdir(folder.dir)).length > 1) await sleep(5);
});

test("of the videos that are kept, the one used longest ago makes room", async () => {
  await using folder = await temporaryFolder();
  const source = await clip(folder.dir);
  const fetched: string[] = [];
  const downloadTo = async (key: string, file: string) => {
    fetched.push(key);
    await copyFile(source, file);
  };
  await using sources = keepSources({ downloadTo }, folder.dir, { mostBytes: 2 });
  for (const key of ["a", "b", "a", "c", "a", "b"]) await sources.use(key, 1, async () => {});
  assert.deepEqual(fetched, ["a", "b", "c", "b"]);
});

const clip = (dir: string) =>
  makeClip(
    join(dir, "in.mp4"),
    "-f",
    "lavfi",
    "-i",
    `testsrc2=s=${size.width}x${size.height}:r=30:d=2`,
    ...quickH264,
    "-crf",
    "12",
    "-g",
    "30",
  );

const depsOf = (workDir: string, sources: PreviewDeps["sources"]): PreviewDeps => ({
  ...{ workDir, sources },
  storage: { downloadTo: async () => {}, getText: async () => JSON.stringify(transcriptOf(words)) },
});

/** A PNG's pixels, decoded by ffmpeg: three bytes each. */
function rgbOf(png: Buffer): Buffer {
  const decode = ["-v", "error", "-f", "png_pipe", "-i", "-", "-pix_fmt", "rgb24", "-f", "rawvideo", "-"];
  return execFileSync("ffmpeg", decode, { input: png, maxBuffer: 64 * 1024 ** 2 });
}

/** How far two frames are apart on average, in levels. */
function difference(a: Buffer, b: Buffer): number {
  assert.equal(a.length, b.length);
  return a.reduce((sum, level, i) => sum + Math.abs(level - (b[i] ?? 0)), 0) / a.length;
}
