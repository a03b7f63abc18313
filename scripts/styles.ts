/**
 * Draws docs/styles.jpg, the picture of all styles in the README: each on the same ground, with what the sample video says, as the
 * API's previews draw it, and two examples of style_overrides. The sample's photographs are not ours to keep in the repository.
 *
 *   node scripts/styles.ts
 */
import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import type { Job } from "@viralclaw/contracts/api";
import type { StyleList } from "@viralclaw/contracts/styles-api";
import type { Transcript } from "@viralclaw/contracts/transcript";
import { startSystem } from "@viralclaw/embedded/system";
import type * as z from "zod";
import { client, post } from "./api.ts";
import { makeSample } from "./sample.ts";

/** What is being said in the picture, and how much of the word has been. */
const spoken = { word: /^amiable/i, part: 0.6 };
/** Of the previews, 540x960: the part around the captions. */
const tile = { crop: "540:560:0:290", width: 340, labelHeight: 44, columns: 5 };
/** Bright and dark, warm and cold, as footage is. */
const ground =
  "gradients=s=1080x1920:r=30:n=5:c0=0x0b1026:c1=0x27306b:c2=0x8a3d8f:c3=0xe0627a:c4=0xf4b261:x0=900:y0=300:x1=200:y1=1500:speed=0.00001,vignette=PI/5,noise=alls=5";
const groundArguments = [
  "-map",
  "0:v",
  "-map",
  "1:a",
  "-c:v",
  "libx264",
  "-preset",
  "ultrafast",
  "-crf",
  "14",
  "-c:a",
  "copy",
  "-shortest",
];
const examples = [
  {
    title: "hormozi, with style_overrides",
    style: "hormozi",
    overrides: { font: { family: "Bebas Neue" }, size: 0.15, active: { color: "#22d3ee" }, stroke: { width: 0.05 } },
  },
  {
    title: "podcast, with style_overrides",
    style: "podcast",
    overrides: { text_case: "lower", cue_box: { color: "#14532d" }, active: { color: "#bef264" }, tilt: -3 },
  },
];

const root = resolve(import.meta.dirname, "..");
const run = promisify(execFile);
const dir = await mkdtemp(join(tmpdir(), "viralclaw-styles-"));
const system = await startSystem({ root, dir: join(dir, "data"), durable: false, env: {} });
try {
  const api = client(system.apiUrl, await system.createKey("styles@example.com"));
  const json = async <T>(path: string) => (await (await api(path)).json()) as T;

  const [sample, video] = [join(dir, "sample.mp4"), join(dir, "ground.mp4")];
  await makeSample(sample);
  await run("ffmpeg", ["-v", "error", "-y", "-f", "lavfi", "-i", ground, "-i", sample, ...groundArguments, video]);
  const id = await post(api, video, { language: "en" });
  let job: Job;
  do job = await json<Job>(`/api/jobs/${id}?wait=60`);
  while (!job.ended_at);
  const { words } = await json<Transcript>(job.transcript_urls?.json ?? "");
  const word = words.find(({ text }) => spoken.word.test(text));
  if (!word) throw new Error(`Nobody says ${spoken.word} in the sample.`);
  const at = Math.round(word.start_ms + (word.end_ms - word.start_ms) * spoken.part);

  const { styles } = await json<z.infer<typeof StyleList>>("/api/styles");
  const pictures = [...styles.map(({ id }) => ({ title: id, style: id, overrides: {} })), ...examples];
  const tiles: string[] = [];
  for (const { title, style, overrides } of pictures) {
    const query = new URLSearchParams({ job: job.job_id, at: `${at}`, size: "960", style_overrides: JSON.stringify(overrides) });
    const file = join(dir, `${tiles.length}.png`);
    await writeFile(file, Buffer.from(await (await api(`/api/styles/${style}/preview.png?${query}`)).arrayBuffer()));
    await writeFile(join(dir, `${tiles.length}.txt`), title);
    tiles.push(file);
  }
  await run(
    "ffmpeg",
    [
      "-v",
      "error",
      "-y",
      ...tiles.flatMap((file) => ["-i", file]),
      "-filter_complex",
      graph(tiles.length),
      "-q:v",
      "6",
      join(root, "docs/styles.jpg"),
    ],
    { cwd: dir },
  );
  console.log("wrote docs/styles.jpg: look at it");
} finally {
  await system.stop();
  await rm(dir, { recursive: true, force: true });
}

/** Each picture cut, with its name below, in rows. */
function graph(count: number): string {
  const font = createRequire(resolve(root, "libs/captions/package.json")).resolve(
    "@expo-google-fonts/inter/600SemiBold/Inter_600SemiBold.ttf",
  );
  const label = (i: number) =>
    `drawtext=fontfile=${font}:textfile=${i}.txt:fontsize=20:fontcolor=0x24292f:x=(w-tw)/2:y=h-16-ascent`;
  const one = (i: number) =>
    `[${i}:v]crop=${tile.crop},scale=${tile.width}:-2,pad=iw+16:ih+${tile.labelHeight}:8:0:white,${label(i)}[t${i}]`;
  const place = (i: number) => {
    const [column, row] = [i % tile.columns, Math.floor(i / tile.columns)];
    const sum = (what: string, n: number) => (n === 0 ? "0" : Array.from({ length: n }, () => `${what}0`).join("+"));
    return `${sum("w", column)}_${sum("h", row)}`;
  };
  const all = Array.from({ length: count }, (_, i) => i);
  return `${all.map(one).join(";")};${all.map((i) => `[t${i}]`).join("")}xstack=inputs=${count}:layout=${all.map(place).join("|")}:fill=white`;
}
