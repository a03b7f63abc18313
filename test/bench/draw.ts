/**
 * What it costs to draw the captions of each style: CPU of decoding 30 s of 1080x1920 and drawing two and a half words a second, less that
 * of decoding alone. The least of several rounds.
 *
 *   npm run bench:draw [-- STYLE…]
 */
import { execFile } from "node:child_process";
import { copyFile, mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { printTable, saveFigures } from "./figures.ts";
import { timed } from "./render/measure.ts";
import { said } from "./render/words.ts";

const exec = promisify(execFile);
const root = resolve(import.meta.dirname, "../..");
const rounds = 3;
const seconds = 30;

const asked = process.argv.slice(2);
const all = (await readdir(join(root, "libs/captions/src/styles"))).map((file) => file.replace(".json", ""));
const dir = await mkdtemp(join(tmpdir(), "bench-draw-"));
const clip = join(dir, "clip.mp4");
const words = join(dir, "words.json");
try {
  const source = `testsrc2=s=1080x1920:r=30:d=${seconds}`;
  await exec("ffmpeg", [
    ...["-nostdin", "-v", "error", "-f", "lavfi", "-i", source, "-f", "lavfi", "-i", `anullsrc=d=${seconds}`],
    ...["-preset", "ultrafast", "-crf", "28", "-pix_fmt", "yuv420p", clip],
  ]);
  await writeFile(words, JSON.stringify(said(seconds)));
  const rows: { style: string; "CPU s": string }[] = [];
  for (const style of asked.length > 0 ? asked : all) {
    rows.push({ style, "CPU s": (await drawing(style)).toFixed(2) });
  }
  printTable(`Drawing ${seconds} s of 1080x1920`, rows);
  saveFigures("draw", rows);
} finally {
  await rm(dir, { recursive: true });
}

/** CPU s. Rounds with and without captions alternate: the machine may be others' too. */
async function drawing(style: string): Promise<number> {
  const of = join(dir, style);
  await mkdir(join(of, "fonts"), { recursive: true });
  const command = join(root, "services/renderer/src/commands/render-file.ts");
  const args = ["--source", clip, "--words", words, "--store", join(of, "store"), "--style", style];
  const { stdout } = await exec(process.execPath, [command, ...args]);
  const made = JSON.parse(stdout) as { script: string; fonts: string[] };
  await copyFile(made.script, join(of, "captions.ass"));
  await Promise.all(made.fonts.map((font, index) => copyFile(font, join(of, "fonts", `${index}.ttf`))));
  const filters = { plain: "null", drawn: "ass=filename=captions.ass:fontsdir=fonts" };
  const least = { plain: Number.POSITIVE_INFINITY, drawn: Number.POSITIVE_INFINITY };
  for (let round = 0; round < rounds; round++) {
    for (const run of ["plain", "drawn"] as const) {
      const took = await timed(["ffmpeg", "-nostdin", "-threads", "1", "-i", clip, "-vf", filters[run], "-f", "null", "-"], of);
      least[run] = Math.min(least[run], took.cpuS);
    }
  }
  return least.drawn - least.plain;
}
