/**
 * Captions one video from start to end on real servers, and says where the result is.
 *
 *   npm run demo                                        the sample: real speech over moving photographs
 *   npm run demo -- my.mp4 --style hormozi --language en
 */
import { existsSync } from "node:fs";
import { mkdir, stat, writeFile } from "node:fs/promises";
import { basename, relative, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { styleIds } from "@viralclaw/captions/styles";
import type { Job } from "@viralclaw/contracts/api";
import { languageNames } from "@viralclaw/contracts/languages";
import { stageNames } from "@viralclaw/contracts/pipeline";
import type { Transcript } from "@viralclaw/contracts/transcript";
import { startSystem } from "@viralclaw/embedded/system";
import { contactSheet } from "@viralclaw/media/contact-sheet";
import { type Api, client, post } from "./api.ts";
import { openBars } from "./bars.ts";
import { makeSample } from "./sample.ts";

const root = resolve(import.meta.dirname, "..");
if (existsSync(resolve(root, ".env"))) process.loadEnvFile(resolve(root, ".env"));
const out = resolve(root, "out");
/** Progress is heard four times a second. */
const lookEveryMs = 250;
const sheetFrames = 12;

const usage = `npm run demo [-- VIDEO] [--style ${styleIds.join("|")}] [--language en|pt|…|auto]`;
const { values, positionals } = readArguments();

const startedAt = performance.now();
const seconds = (since: number) => (performance.now() - since) / 1000;

await main().catch((error: Error) => {
  console.error(`\n${error.message}`);
  process.exitCode = 1;
});

async function main() {
  if (positionals.length > 1) fail(`One video at a time. ${usage}`);
  if (!styleIds.some((id) => id === values.style)) fail(`There is no style ${values.style}. ${usage}`);
  if (values.language && values.language !== "auto" && !Object.hasOwn(languageNames, values.language))
    fail(`${values.language} is no language's ISO 639-1 code, such as en or pt. ${usage}`);
  // npm runs this from the checkout; INIT_CWD is where the person is.
  const video = positionals[0] ? resolve(process.env.INIT_CWD ?? ".", positionals[0]) : resolve(root, ".cache/sample/sample.mp4");
  if (positionals[0] && !(await stat(video).catch(() => undefined))?.isFile()) fail(`There is no file ${video}.`);
  if (!positionals[0]) await makeSample(video);
  // The sample is English, and so is all that can be recognised without a Groq key.
  const language = values.language ?? (positionals[0] ? "auto" : "en");

  const system = await startSystem({
    root,
    dir: resolve(root, ".data/demo"),
    durable: true,
    env: { GROQ_API_KEY: process.env.GROQ_API_KEY },
  });
  const { servers, services } = system.timings;
  console.log(
    `Servers up in ${((servers ?? 0) / 1000).toFixed(1)} s, services in ${((services ?? 0) / 1000).toFixed(1)} s: ${system.apiUrl}`,
  );
  let ending: Promise<void> | undefined;
  const stop = () => (ending ??= system.stop());
  process.once("SIGINT", () => void stop().then(() => process.exit(130)));

  try {
    const api = client(system.apiUrl, await system.createKey("demo@example.com"));
    const posted = performance.now();
    console.log(`POST /api/add-captions  ${basename(video)}  style=${values.style}  language=${language}`);
    const job = await follow(api, await post(api, video, { style: values.style, language }));
    if (job.status !== "done") fail(`The job ${job.status}: ${job.error?.code}. ${job.error?.detail} ${job.error?.fix}`);
    const total = seconds(posted);
    const files = await fetchResults(api, job);
    const length = (job.duration_ms ?? 0) / 1000;
    console.log(
      `\nDone: ${length.toFixed(1)} s of video in ${total.toFixed(1)} s.\n${files.map((file) => `  ${relative(process.cwd(), file)}`).join("\n")}`,
    );
  } finally {
    await stop();
  }
  console.log(`\n${seconds(startedAt).toFixed(1)} s in all. Next: npm run dev keeps it running, with the API's page at /docs.`);
}

function readArguments() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: { style: { type: "string", default: "hormozi" }, language: { type: "string" } },
    });
  } catch (error) {
    console.error(`${(error as Error).message}\n${usage}`);
    process.exit(2);
  }
}

async function follow(api: Api, jobId: string): Promise<Job> {
  const bars = openBars(stageNames);
  for (;;) {
    const job = (await (await api(`/api/jobs/${jobId}`)).json()) as Job;
    for (const stage of stageNames) {
      const timing = job.timings[stage];
      if (timing) bars.done(stage, timing.ran_ms / 1000);
      else if (job.stage === stage) bars.set(stage, job.progress);
    }
    if (job.ended_at) {
      bars.end();
      return job;
    }
    await sleep(lookEveryMs);
  }
}

/** Brings the video, the subtitles and a sheet of frames to out/. */
async function fetchResults(api: Api, job: Job): Promise<string[]> {
  await mkdir(out, { recursive: true });
  const files = { video: resolve(out, "demo.mp4"), srt: resolve(out, "demo.srt"), sheet: resolve(out, "demo.png") };
  const video = await fetch(job.result_url ?? fail("The job has no result_url."));
  await writeFile(files.video, Buffer.from(await video.arrayBuffer()));
  await writeFile(files.srt, await (await api(job.transcript_urls?.srt ?? "")).text());
  const { words } = (await (await api(job.transcript_urls?.json ?? "")).json()) as Transcript;
  const every = Math.max(1, words.length / sheetFrames);
  const shown = Array.from(
    { length: Math.min(sheetFrames, words.length) },
    (_, index) => words[Math.floor(index * every)],
  ).filter((word) => word !== undefined);
  await contactSheet(files.video, files.sheet, {
    timesMs: shown.map(({ start_ms, end_ms }) => (start_ms + end_ms) / 2),
    signal: AbortSignal.timeout(60_000),
  });
  return Object.values(files);
}

function fail(message: string): never {
  throw new Error(message);
}
