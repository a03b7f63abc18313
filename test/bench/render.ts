/**
 * Ours and the rivals' own commands over the same clips, in turn, in one run: CPU seconds, wall time, size, and how near the result is to
 * the source with the same captions drawn on it. Without a name of a clip or a file: the clips that nothing was chosen by.
 *
 *   npm run bench:render [-- VIDEO|CLIP…]
 */
import { execFile } from "node:child_process";
import { copyFile, mkdir, mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { printTable, saveFigures } from "./figures.ts";
import { savePlot } from "./plot.ts";
import { clipOf, clips } from "./render/clips.ts";
import { type Nearness, nearness, type Took, timed } from "./render/measure.ts";
import { said, type Word } from "./render/words.ts";

const asked = process.argv.slice(2);
const names = asked.length > 0 ? asked : clips.filter(({ role }) => role === "judged").map(({ name }) => name);
const command = resolve(import.meta.dirname, "../../services/renderer/src/commands/render-file.ts");

interface Run extends Took, Nearness {
  bytes: number;
}

/** What a run of ours has to keep to against a rival's: shares of its CPU and its size. */
const targets = {
  balanced: { rival: "no-code", cpu: 1 / 4, size: 2 },
  small: { rival: "no-code", cpu: 1 / 2, size: 1.1 },
  best: { rival: "openshorts", cpu: 1 / 5, size: 1.7 },
  edit: { rival: "no-code", cpu: 1 / 20, size: null },
} as const;
const allowed = { ssim: 0.001, psnr: 0.2 } as const;

const ass = "ass=filename=captions.ass:fontsdir=fonts";
/** The rivals' own commands, word for word but for names of files. */
const noCode = "-acodec copy -vf subtitles=captions.ass no-code.mp4 -y".split(" ");
const openShorts = `-vf ${ass} -c:a copy -c:v libx264 -preset medium -crf 18 -movflags +faststart openshorts.mp4`.split(" ");

const figures: Record<string, Record<string, Partial<Run>>> = {};
for (const name of names) {
  const dir = await mkdtemp(join(tmpdir(), "bench-render-"));
  try {
    figures[name] = await compare(await clipOf(name), dir);
  } finally {
    await rm(dir, { recursive: true });
  }
  saveFigures("render", figures);
}
const points = (run: string) =>
  Object.values(figures).flatMap((runs): [number, number][] => {
    const [of, rival] = [runs[run], runs[run === "best" ? "openshorts" : "no-code"]];
    return of?.cpuS && rival?.cpuS && of.bytes && rival.bytes ? [[of.cpuS / rival.cpuS, of.bytes / rival.bytes]] : [];
  });
savePlot(resolve(import.meta.dirname, "../../out/bench/render.svg"), {
  ...{ title: "Ours against the rival of the same quality, a dot a clip", x: "CPU, rival = 1", y: "size, rival = 1" },
  series: Object.keys(targets).map((run) => ({ name: run, points: points(run), dots: true })),
});

async function compare({ name, file }: { name: string; file: string }, dir: string): Promise<Record<string, Partial<Run>>> {
  const seconds = Number((await probed(file)).trim());
  // An edit comes to a worker that is at work already: in the same process.
  const balanced = { file, dir, quality: "balanced", words: [said(seconds), said(seconds, "EDITED")], store: "balanced" };
  const [first, edited] = await ours(balanced);
  if (!first || !edited) throw new Error("there is no render of both");
  await mkdir(join(dir, "fonts"));
  await Promise.all(first.fonts.map((font, index) => copyFile(font, join(dir, "fonts", `${index}.ttf`))));
  await copyFile(first.script, join(dir, "captions.ass"));
  // The rivals find fonts in the system only: they are given ours, so that all draw the same.
  const fonts = join(dir, "fonts.conf");
  await writeFile(
    fonts,
    `<?xml version="1.0"?><fontconfig><dir>${dir}/fonts</dir><cachedir>${dir}/cache</cachedir></fontconfig>`,
  );
  const env = { FONTCONFIG_FILE: fonts };
  const judged = async (took: Took, video: string, draw = ass): Promise<Run> => ({
    ...took,
    ...(await nearness(video, file, { folder: dir, draw, env })),
    bytes: (await stat(video)).size,
  });
  const rival = async (args: readonly string[], out: string, draw: string) =>
    judged(await timed(["ffmpeg", "-nostdin", ...args], dir, env), join(dir, out), draw);

  const runs: Record<string, Partial<Run>> = {};
  runs["no-code"] = await rival(["-i", file, ...noCode], "no-code.mp4", "subtitles=captions.ass");
  runs.balanced = await judged(first, first.video);
  const most = Math.floor((runs["no-code"].bytes ?? 0) * targets.small.size);
  const small = { file, dir, quality: "balanced", words: [said(seconds)], store: "small", maxBytes: most };
  for (const made of await ours(small)) runs.small = await judged(made, made.video);
  runs.openshorts = await rival(["-i", file, ...openShorts], "openshorts.mp4", ass);
  runs.edit = { cpuS: edited.cpuS, wallS: edited.wallS };
  for (const quality of ["best", "fast"])
    for (const made of await ours({ file, dir, quality, words: [said(seconds)], store: quality }))
      runs[quality] = await judged(made, made.video);
  tell(name, runs);
  return runs;
}

function tell(name: string, runs: Record<string, Partial<Run>>): void {
  const rows = Object.entries(runs).map(([run, of]) => {
    const target = run in targets ? targets[run as keyof typeof targets] : undefined;
    const rival = runs[target?.rival ?? "no-code"] ?? {};
    const ratio = (value = 0, to = 0) => (to ? (value / to).toFixed(2) : "");
    const isMet =
      target &&
      (of.cpuS ?? 0) <= (rival.cpuS ?? 0) * target.cpu &&
      (target.size === null ||
        ((of.bytes ?? 0) <= (rival.bytes ?? 0) * target.size &&
          (of.ssim ?? 0) >= (rival.ssim ?? 0) - allowed.ssim &&
          (of.psnr ?? 0) >= (rival.psnr ?? 0) - allowed.psnr));
    return {
      ...{ run, "CPU s": (of.cpuS ?? 0).toFixed(1), "wall s": (of.wallS ?? 0).toFixed(1) },
      ...{ "CPU, rival 1": ratio(of.cpuS, rival.cpuS), "size, rival 1": of.bytes ? ratio(of.bytes, rival.bytes) : "" },
      ...{
        MB: of.bytes ? (of.bytes / 1e6).toFixed(2) : "",
        PSNR: of.psnr?.toFixed(2) ?? "",
        worst: of.worstPsnr?.toFixed(2) ?? "",
      },
      ...{
        SSIM: of.ssim?.toFixed(4) ?? "",
        "worst ": of.worstSsim?.toFixed(4) ?? "",
        VMAF: of.vmaf?.toFixed(1) ?? "",
        target: target ? (isMet ? "met" : "MISSED") : "",
      },
    };
  });
  printTable(name, rows);
  const share = (runs.edit?.cpuS ?? 0) / (runs.balanced?.cpuS ?? 1);
  console.log(`an edit of one word takes ${share.toFixed(2)} of our own render of the whole\n`);
}

interface Asked {
  file: string;
  dir: string;
  quality: string;
  /** Of each render in turn. */
  words: Word[][];
  store: string;
  maxBytes?: number;
}

/** Renders of ours, one after another, the probe and all; without the start of Node, since a renderer runs for days. */
async function ours({ file, dir, quality, words, store, maxBytes }: Asked): Promise<(Took & Made)[]> {
  const said = words.map((_, index) => join(dir, `words-${index}.json`));
  for (const [index, name] of said.entries()) await writeFile(name, JSON.stringify(words[index]));
  const args = [
    "--source",
    file,
    ...said.flatMap((name) => ["--words", name]),
    "--store",
    join(dir, store),
    "--quality",
    quality,
  ];
  const most = maxBytes ? ["--max-bytes", `${maxBytes}`] : [];
  const { stdout } = await promisify(execFile)(process.execPath, [command, ...args, ...most], { maxBuffer: 1e8 });
  const renders = stdout.trim().split("\n");
  return renders.map((line) => {
    const { cpu_s: cpuS, wall_s: wallS, ...made } = JSON.parse(line) as Made & { cpu_s: number; wall_s: number };
    return { ...made, cpuS, wallS };
  });
}

interface Made {
  video: string;
  script: string;
  fonts: string[];
}

async function probed(file: string): Promise<string> {
  const { stdout } = await promisify(execFile)("ffprobe", [
    "-v",
    "error",
    "-show_entries",
    "format=duration",
    "-of",
    "csv=p=0",
    file,
  ]);
  return stdout;
}
