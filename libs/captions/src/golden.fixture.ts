import { spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Style } from "@viralclaw/contracts/style";
import { assScript } from "./ass.ts";
import { type Layout, layOut } from "./layout.ts";
import { spoken } from "./testing.ts";

/** Pictures of a style in several scripts, side by side, drawn as the renderer draws them. */

/** What each tile says. */
export const samples = {
  en: { language: "en", text: "This is truly the one thing!" },
  pt: { language: "pt", text: "Não é só ação: é coração." },
  ar: { language: "ar", text: "اشترك في قناة YouTube الآن!" },
  ja: { language: "ja", text: "今日はとても大切なことを話します。" },
  hi: { language: "hi", text: "दोस्तों, क्षत्रिय की शक्ति हिन्दी" },
  emoji: { language: "en", text: "Go🔥 👍🏽 Brazil🇧🇷 ❤️\u200d🔥 1️⃣" },
} as const;
export type Sample = keyof typeof samples;

/** RGB, row after row. */
export interface Sheet {
  pixels: Buffer;
  png: Buffer;
  /** The fonts that libass chose, as `asked PostScript-name`, and those that the layouts asked for. */
  chosen: Set<string>;
  asked: Set<string>;
}

const frame = { width: 360, height: 640 };
/** A tile shows this much of the frame, around the captions. */
export const tile = { width: 360, height: 150 };
const columns = 2;

/** Draws all samples in a style: two columns, in order. */
export function sheetOf(style: Style): Sheet {
  const dir = mkdtempSync(join(tmpdir(), "golden-"));
  try {
    const layouts = Object.values(samples).map(({ language, text }) => ({
      language,
      layout: layOut(spoken(text), { style, frame, language, endMs: 10_000 }),
    }));
    for (const [i, { layout }] of layouts.entries()) {
      writeFileSync(join(dir, `${i}.ass`), assScript(layout, { style, snap: (ms) => Math.round(ms / 10) }));
      mkdirSync(join(dir, `fonts${i}`));
      for (const [k, { path }] of layout.found.fonts.entries()) copyFileSync(path, join(dir, `fonts${i}`, `${k}.ttf`));
    }
    const chains = layouts.map(({ layout }, i) => chainOf(layout, i));
    const places = layouts.map((_, i) => `${(i % columns) * tile.width}_${Math.floor(i / columns) * tile.height}`).join("|");
    const stacked = `${layouts.map((_, i) => `[t${i}]`).join("")}xstack=inputs=${layouts.length}:layout=${places},format=rgb24`;
    const { stdout, stderr } = spawnSync(
      "ffmpeg",
      [
        ...["-v", "verbose", "-filter_complex", `${chains.join(";")};${stacked},split[a][b]`],
        ...[
          "-map",
          "[a]",
          "-frames:v",
          "1",
          "-f",
          "rawvideo",
          "-",
          "-map",
          "[b]",
          "-frames:v",
          "1",
          "-pred",
          "mixed",
          "-compression_level",
          "9",
          "sheet.png",
        ],
      ],
      { cwd: dir, maxBuffer: 64 * 1024 ** 2 },
    );
    return {
      pixels: stdout,
      png: readFileSync(join(dir, "sheet.png")),
      chosen: new Set(Array.from(`${stderr}`.matchAll(selection), ([, asked, got]) => `${asked} ${got}`)),
      asked: new Set(
        layouts.flatMap(({ layout }) => layout.found.fonts.map((font) => `${font.fullName} ${font.postscriptName}`)),
      ),
    };
  } finally {
    rmSync(dir, { recursive: true });
  }
}

const selection = /fontselect: \((.+), \d+, \d+\) -> .*, (.+)$/gm;

/** A still of the second word of the first cue that has one, or else the first, while it is said. */
function chainOf({ cues }: Layout, i: number): string {
  const cue = cues.find(({ words }) => words.length > 1) ?? cues[0];
  const word = cue?.words[1] ?? cue?.words[0];
  if (!cue || !word) throw new Error("A sample has no words.");
  const at = (0.4 * word.litFromMs + 0.6 * word.saidToMs) / 1000;
  const top = Math.round((cue.letters.top + cue.letters.bottom - tile.height) / 2);
  const source = `color=0x5b7089:s=${frame.width}x${frame.height}:r=10:d=0.1,format=yuv420p,setpts=PTS+${at.toFixed(3)}/TB`;
  return `${source},ass=${i}.ass:fontsdir=fonts${i},crop=${tile.width}:${tile.height}:0:${top},setpts=PTS-STARTPTS[t${i}]`;
}

/** The pixels of a stored sheet. */
export function pixelsOf(png: string): Buffer {
  return spawnSync("ffmpeg", ["-v", "error", "-i", png, "-pix_fmt", "rgb24", "-f", "rawvideo", "-"], {
    maxBuffer: 64 * 1024 ** 2,
  }).stdout;
}

/** How far a tile is from the same of another sheet, where either is drawn on: the mean difference of a channel, of 255, and the share of channels that differ much. */
export function difference(a: Buffer, b: Buffer, index: number): { mean: number; much: number } {
  let [sum, much, drawn] = [0, 0, 0];
  for (let y = 0; y < tile.height; y++) {
    const row = ((Math.floor(index / columns) * tile.height + y) * columns + (index % columns)) * tile.width * 3;
    for (let at = row; at < row + tile.width * 3; at++) {
      const [one, other, ground] = [a[at] ?? 0, b[at] ?? 0, b[row + ((at - row) % 3)] ?? 0];
      if (Math.max(Math.abs(one - ground), Math.abs(other - ground)) <= inkFrom) continue;
      const apart = Math.abs(one - other);
      drawn++;
      sum += apart;
      if (apart > muchApart) much++;
    }
  }
  return { mean: sum / drawn, much: much / drawn };
}

/** The ground is even, but for the encoder's rounding. */
const inkFrom = 12;
/** More than another rasteriser's smoothing of an edge makes. */
const muchApart = 64;
