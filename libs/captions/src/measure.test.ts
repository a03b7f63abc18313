import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import type { Style } from "@viralclaw/contracts/style";
import { assScript } from "./ass.ts";
import { openFont } from "./fonts.ts";
import { measure } from "./measure.ts";
import { styleIds, styles } from "./styles.ts";

/** An edge is known to half a pixel, libass places it on eighths: seen here, up to 1 px at an em of 150 px. */
const tolerancePx = 1.1;
const frame = { width: 1080, height: 360 };
const emPx = 150;
const [middleX, footY] = [540, 220];

for (const id of styleIds) {
  test(`words in the style ${id} are drawn as wide as they were measured, and where they were placed`, () => {
    for (const text of ["Wavy", "AÇÃO"]) {
      const width = measure(openFont(styles[id].font), text).width * emPx;

      const drawn = draw(styles[id], text);

      // Ink begins and ends a side bearing inside of the advance width.
      const bearings = bearingsOf(styles[id], text);
      near(drawn.left, middleX - width / 2 + bearings.left, `the left of ${text}`);
      near(drawn.right, middleX + width / 2 - bearings.right, `the right of ${text}`);
    }
  });

  test(`capitals in the style ${id} stand on their foot and are as high as the font says`, () => {
    const drawn = draw(styles[id], "HI");

    const ink = inkHeight(styles[id], "HI");
    near(drawn.bottom, footY - ink.bottom, "the foot");
    near(drawn.top, footY - ink.top, "the top");
  });
}

test("a character that the font lacks is named, and is given room", () => {
  const font = openFont(styles.hormozi.font);

  const { missing, width } = measure(font, "A日B");

  assert.deepEqual(missing, ["日"]);
  assert.ok(width > measure(font, "AB").width + 0.9);
});

function near(actual: number, expected: number, what: string): void {
  assert.ok(Math.abs(actual - expected) <= tolerancePx, `${what} is at ${actual.toFixed(2)}, not at ${expected.toFixed(2)}`);
}

function bearingsOf(style: Style, text: string): { left: number; right: number } {
  const { shaper } = openFont(style.font);
  const px = emPx / shaper.face.upem;
  const glyphs = [...text].map((letter) => shaper.glyph(letter.codePointAt(0) ?? 0) ?? 0);
  const [first, last] = [glyphs[0] ?? 0, glyphs.at(-1) ?? 0];
  const end = shaper.glyphExtents(last);
  return {
    left: (shaper.glyphExtents(first)?.xBearing ?? 0) * px,
    right: (shaper.glyphHAdvance(last) - (end?.xBearing ?? 0) - (end?.width ?? 0)) * px,
  };
}

/** How far the letters reach above and (negative) below the foot of the line, px: those of a comic font dance on it. */
function inkHeight(style: Style, text: string): { top: number; bottom: number } {
  const { shaper } = openFont(style.font);
  const px = emPx / shaper.face.upem;
  const extents = [...text].map((letter) => shaper.glyphExtents(shaper.glyph(letter.codePointAt(0) ?? 0) ?? 0));
  return {
    top: Math.max(...extents.map((extent) => (extent?.yBearing ?? 0) * px)),
    bottom: Math.min(...extents.map((extent) => ((extent?.yBearing ?? 0) + (extent?.height ?? 0)) * px)),
  };
}

/** Draws one word white on black through libass, and says where its ink is, px. */
function draw(style: Style, text: string): Record<"left" | "right" | "top" | "bottom", number> {
  const bare: Style = {
    ...style,
    stroke: null,
    shadow: null,
    word_box: null,
    line_box: null,
    cue_box: null,
    pop: null,
    fill: "at_once",
    active: white,
  };
  const word = { text, isKeyword: false, litFromMs: 0, litToMs: 1000, saidToMs: 1000, x: middleX, footY, width: 0 };
  const cue = {
    startMs: 0,
    endMs: 1000,
    emPx,
    words: [word],
    letters: nowhere,
    lines: [nowhere],
    turn: 0,
    readsRightToLeft: false,
  };
  const script = assScript({ frame, emPx, cues: [cue], shrunk: [], missing: [] }, { style: bare, snap: (ms) => ms / 10 });

  const dir = mkdtempSync(join(tmpdir(), "measure-"));
  try {
    copyFileSync(openFont(style.font).path, join(dir, "font.ttf"));
    writeFileSync(join(dir, "captions.ass"), script);
    const source = `color=black:s=${frame.width}x${frame.height}:d=0.04,format=gray`;
    const pixels = execFileSync(
      "ffmpeg",
      ["-v", "error", "-f", "lavfi", "-i", source, "-vf", "ass=captions.ass:fontsdir=.", "-frames:v", "1", "-f", "rawvideo", "-"],
      { cwd: dir, maxBuffer: 2 * frame.width * frame.height },
    );
    return inkOf(pixels);
  } finally {
    rmSync(dir, { recursive: true });
  }
}

const nowhere = { left: 0, top: 0, right: 0, bottom: 0 };
const white = { color: "#ffffff", opacity: 1, blur: 0, glow: null };

/** The brightest pixel of every column and row; one that is half lit at an edge is an edge in its middle. */
function inkOf(pixels: Buffer): Record<"left" | "right" | "top" | "bottom", number> {
  const columns = new Array<number>(frame.width).fill(0);
  const rows = new Array<number>(frame.height).fill(0);
  for (const [index, value] of pixels.entries()) {
    const [x, y, light] = [index % frame.width, Math.floor(index / frame.width), (value - 16) / 219];
    columns[x] = Math.max(columns[x] ?? 0, light);
    rows[y] = Math.max(rows[y] ?? 0, light);
  }
  const edges = (light: readonly number[]) => {
    const [first, last] = [light.findIndex((value) => value > 0.05), light.findLastIndex((value) => value > 0.05)];
    return [first + 1 - Math.min(1, light[first] ?? 0), last + Math.min(1, light[last] ?? 0)] as const;
  };
  const [left, right] = edges(columns);
  const [top, bottom] = edges(rows);
  return { left, right, top, bottom };
}
