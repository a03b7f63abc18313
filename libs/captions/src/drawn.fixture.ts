import { spawnSync } from "node:child_process";
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Style } from "@viralclaw/contracts/style";
import { assScript } from "./ass.ts";
import type { Direction } from "./bidi.ts";
import { openFont } from "./fonts.ts";
import { hanOf } from "./scripts.ts";
import { emojiSide, type Typeset, typesetter } from "./typeset.ts";

/** What libass makes of a word, for tests. */

export const emPx = 150;
export const [middleX, footY] = [540, 220];
const frame = { width: 1080, height: 360 };

export interface Drawn {
  left: number;
  right: number;
  top: number;
  bottom: number;
  /** As libass's log names them: the name asked for and the PostScript name found. */
  fonts: string[];
  set: Typeset;
}

/** Draws one word white on black through libass, and says where its ink is, px, and with which fonts. */
export function draw(
  style: Style,
  text: string,
  { direction = "ltr", language = "en" }: { direction?: Direction; language?: string } = {},
): Drawn {
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
  const font = openFont(style.font);
  const set = typesetter(font, hanOf(language, text), emojiSide(font, style))(text);
  const parts = [{ x: middleX, width: set.width, direction, groups: [{ direction, runs: set.runs }] }];
  const word = { text, isKeyword: false, litFromMs: 0, litToMs: 1000, saidToMs: 1000, x: middleX, footY, width: 0, parts };
  const cue = {
    startMs: 0,
    endMs: 1000,
    emPx,
    words: [word],
    above: [],
    letters: nowhere,
    lines: [nowhere],
    turn: 0,
  };
  const found = { fonts: [], fallbacks: [], emoji: [], leftOut: [] };
  const reach = { above: 1, below: 1, over: 0 };
  const script = assScript({ frame, font, emPx, reach, cues: [cue], shrunk: [], found }, { style: bare, snap: (ms) => ms / 10 });

  const dir = mkdtempSync(join(tmpdir(), "measure-"));
  try {
    copyFileSync(font.path, join(dir, "style.ttf"));
    for (const [i, run] of set.runs.entries()) if ("font" in run) copyFileSync(run.font.path, join(dir, `${i}.ttf`));
    writeFileSync(join(dir, "captions.ass"), script);
    const source = `color=black:s=${frame.width}x${frame.height}:d=0.04,format=gray`;
    const { stdout, stderr } = spawnSync(
      "ffmpeg",
      [
        ...["-v", "verbose", "-f", "lavfi", "-i", source, "-vf", "ass=captions.ass:fontsdir=."],
        ...["-frames:v", "1", "-f", "rawvideo", "-"],
      ],
      { cwd: dir, maxBuffer: 2 * frame.width * frame.height },
    );
    const fonts = [...`${stderr}`.matchAll(/fontselect: \((.+), \d+, \d+\) -> .*, (.+)$/gm)].map(
      ([, asked, got]) => `${asked} ${got}`,
    );
    return { ...inkOf(stdout), fonts, set };
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
