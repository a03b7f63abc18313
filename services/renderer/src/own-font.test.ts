import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { copyFile, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";
import { ownFont } from "@viralclaw/captions/own-font";
import { serifFile } from "@viralclaw/captions/testing";
import { DeclaredError } from "@viralclaw/contracts/errors";
import type { StyleOverrides } from "@viralclaw/contracts/style-overrides";
import { makeClip, temporaryFolder } from "@viralclaw/media/testing";
import { drawPreview } from "./preview.ts";
import { keepSources } from "./sources.ts";
import { captioned, said } from "./testing/captioned.ts";
import { type Pixels, picture, pixelsOf, places, quickH264 } from "./testing/clips.ts";

/** Captions in a customer's own font, as `ownFont` makes it. */

const upload_id = "upl_01jd0000000000000000000000";
const size = { width: 720, height: 1280 };
const white = { color: "#ffffff" };
/** Nothing but letters, white. */
const bare: StyleOverrides = {
  ...{ upcoming: white, active: white, said: white, stroke: null, shadow: null, pop: null, size: 0.2, text_case: "spoken" },
};
const inOwn: StyleOverrides = { ...bare, font: { upload_id } };

test("the letters drawn are those of the font's own file, and no others'", async () => {
  await using folder = await temporaryFolder();
  const { source, font } = await given(folder.dir);
  const words = said("Hagf", 0, 1);

  const { video, report, script } = await captioned(folder.dir, source, { words, overrides: inOwn, font, quality: "best" });

  assert.deepEqual([report.captions.fonts, report.captions.stray_fonts], [[upload_id], []]);
  assert.match(script, /^Style: \w+,upl_01jd/m);
  const drawn = inkOf(await pixelsOf(video, size));
  // FreeType draws the same text in the file that was uploaded, by another filter, at the same size.
  const expected = inkOf(await drawnPlainly(folder.dir, serifFile, "Hagf", report.captions.em_px));
  const { video: listed } = await captioned(folder.dir, source, { words, overrides: bare, quality: "best" });
  const other = inkOf(await pixelsOf(listed, size));
  assert.ok(likeness(drawn, expected) > 0.93, `${likeness(drawn, expected)}`);
  assert.ok(likeness(drawn, other) < 0.7, `${likeness(drawn, other)}`);
});

test("what the font lacks is drawn in a named one, and the report says so", async () => {
  await using folder = await temporaryFolder();
  const { source, font } = await given(folder.dir);
  const { report } = await captioned(folder.dir, source, {
    words: said("ação", 0.1, "Ωmega", 0.4, "日本", 0.7, 0.9),
    overrides: inOwn,
    font,
  });
  assert.deepEqual(
    report.captions.fallbacks.map(({ font, text }) => `${font} ${text}`),
    ["Noto Sans Black Ω", "Noto Sans SC Black 日本"],
  );
  assert.deepEqual(report.captions.stray_fonts, []);
  assert.ok(report.legibility.findings.some(({ kind }) => kind === "other_font"));
});

test("a preview is drawn in it too", async () => {
  await using folder = await temporaryFolder();
  const { font } = await given(folder.dir);
  const downloadTo = (_: string, file: string) => copyFile(font, file);
  await using sources = keepSources({ downloadTo }, folder.dir);
  const deps = { workDir: folder.dir, sources, storage: { downloadTo, getText: async () => undefined } };
  const asked = { style: "hormozi", language: "en", text: "Hamburg", size: 320, on: { type: "ground", shape: "wide" } } as const;
  const own = await drawPreview({ ...asked, style_overrides: { font: { upload_id } }, font_key: "font" }, deps);
  const listed = await drawPreview({ ...asked, style_overrides: null, font_key: null }, deps);
  assert.notDeepEqual(own, listed);
});

test("a font that libass does not take fails the job by its name, and no other font is drawn", async () => {
  await using folder = await temporaryFolder();
  const { source, font } = await given(folder.dir);
  // HarfBuzz does without a table head, and FreeType does not.
  const broken = await readFile(font);
  broken.write("none", broken.indexOf("head"));
  await writeFile(font, broken);
  await assert.rejects(
    captioned(folder.dir, source, { words: said("STOP", 0, 1), overrides: inOwn, font }),
    (error) => error instanceof DeclaredError && error.code === "font_invalid" && /could not draw/.test(`${error.params.reason}`),
  );
});

async function given(dir: string): Promise<{ source: string; font: string }> {
  const font = join(dir, "own.ttf");
  await writeFile(font, ownFont(await readFile(serifFile), upload_id));
  const source = await makeClip(join(dir, "in.mp4"), ...picture({ seconds: 1, size: "720x1280", rate: "5" }), ...quickH264);
  return { source, font };
}

/** A picture of white text on black, by ffmpeg's drawtext. */
async function drawnPlainly(dir: string, fontFile: string, text: string, emPx: number): Promise<Pixels> {
  await copyFile(fontFile, join(dir, "plain.ttf"));
  const filter = `drawtext=fontfile=plain.ttf:text=${text}:fontsize=${emPx}:fontcolor=white:x=40:y=300:ft_load_flags=no_hinting`;
  const args = [
    "-v",
    "error",
    "-f",
    "lavfi",
    "-i",
    "color=black:s=720x1280:d=0.04",
    "-vf",
    filter,
    "-frames:v",
    "1",
    "-y",
    "plain.png",
  ];
  await promisify(execFile)("ffmpeg", args, { cwd: dir });
  return pixelsOf(join(dir, "plain.png"), size);
}

/** How white each pixel of what is drawn is, 0 to 1, row after row, in a picture that ends where the ink does. */
function inkOf(pixels: Pixels): { width: number; height: number; ink: number[] } {
  const frame = Math.floor(pixels.frames.length / 2);
  const found = places(pixels, frame, ([red]) => red > 60);
  const [xs, ys] = [found.map(([x]) => x), found.map(([, y]) => y)];
  const [left, right, top, bottom] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
  const [width, height] = [right - left + 1, bottom - top + 1];
  const bytes = pixels.frames[frame] ?? Buffer.alloc(0);
  const ink = Array.from({ length: width * height }, (_, i) => {
    const [x, y] = [left + (i % width), top + Math.floor(i / width)];
    return (bytes[(y * pixels.width + x) * 3] ?? 0) / 255;
  });
  return { width, height, ink };
}

/** The share of the ink of two drawings that lies on each other, their left upper corners put together. */
function likeness(a: ReturnType<typeof inkOf>, b: ReturnType<typeof inkOf>): number {
  let [common, all] = [0, 0];
  for (let y = 0; y < Math.max(a.height, b.height); y++)
    for (let x = 0; x < Math.max(a.width, b.width); x++) {
      const [one, other] = [a, b].map(({ width, height, ink }) => (x < width && y < height ? (ink[y * width + x] ?? 0) : 0));
      common += Math.min(one ?? 0, other ?? 0);
      all += Math.max(one ?? 0, other ?? 0);
    }
  return common / all;
}
