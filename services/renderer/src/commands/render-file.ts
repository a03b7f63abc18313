/**
 * Renders a file with words of one's own, without the other services: what a bench measures.
 *
 *   node services/renderer/src/commands/render-file.ts --source IN --words WORDS.json [--words EDITED.json …] --store DIR
 *     [--style hormozi] [--quality balanced] [--max-bytes N] [--threads 2]
 *
 * WORDS.json is a list of { text, start_ms, end_ms }; of several each is rendered in turn, as by a worker that runs for days. DIR is in place of
 * the store: results, and pieces for the next render, lie in it. Prints one line of JSON for each render: the files, the job's report, and
 * the CPU seconds of this render, its children's included.
 */
import { readFileSync } from "node:fs";
import { copyFile, readFile, stat, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { openFont } from "@viralclaw/captions/fonts";
import { styleOf } from "@viralclaw/captions/styles";
import { Quality } from "@viralclaw/contracts/facts";
import type { Transcript } from "@viralclaw/contracts/transcript";
import * as z from "zod";
import { render } from "../render.ts";
import { keepSources } from "../sources.ts";
import { folderStore } from "./folder-store.ts";

const { values } = parseArgs({
  options: {
    source: { type: "string" },
    words: { type: "string", multiple: true, default: [] },
    store: { type: "string" },
    style: { type: "string", default: "hormozi" },
    quality: { type: "string", default: "balanced" },
    "max-bytes": { type: "string" },
    threads: { type: "string", default: "2" },
  },
});
const { source, store: dir } = values;
if (!source || values.words.length === 0 || !dir) throw new Error("give --source, --words and --store");

const Words = z.array(z.object({ text: z.string(), start_ms: z.number().int(), end_ms: z.number().int() }));
const storage = await folderStore(resolve(dir));
const workDir = join(resolve(dir), "work");
await using sources = keepSources(storage, workDir);
await copyFile(source, storage.fileOf("source"));

/** The pieces of one store are one customer's. */
const ids = { job_id: "job_0", customer_id: "cus_0", key_id: "key_0" };
const silent = { info: () => {}, warn: () => {}, error: () => {} };

for (const [index, file] of values.words.entries()) {
  const words = Words.parse(JSON.parse(await readFile(file, "utf8"))).map((word) => ({ ...word, confidence: 1 }));
  const transcript: Transcript = {
    ...{ version: 1, language: "en", engine: null, model: null, timing_source: "customer" },
    ...{ duration_ms: words.at(-1)?.end_ms ?? 1, text: words.map(({ text }) => text).join(" "), words },
  };
  await writeFile(storage.fileOf("transcript"), JSON.stringify(transcript));
  const context = {
    ...{ jobId: ids.job_id, executionId: `exe_${process.pid}_${index}`, attempt: 1, signal: new AbortController().signal },
    ...{ log: silent, progress: () => {} },
  };
  const before = cpuSeconds();
  const began = performance.now();
  const given = await render(
    {
      ...{ ...ids, run: 1, kind: "captions", priority: 3, mode: "test", restyled_from: null },
      ...{ transcript_version: 1, timing_source: "customer" },
      ...{ language: "en", style: values.style, style_overrides: null, font_key: null, quality: Quality.parse(values.quality) },
      max_result_bytes: values["max-bytes"] ? Number(values["max-bytes"]) : null,
      ...{
        source_key: "source",
        source_bytes: (await stat(source)).size,
        duration_ms: transcript.duration_ms,
        tier: "up_to_1_min",
      },
      video: {
        stream_index: 0,
        codec: "any",
        width: 1,
        height: 1,
        rotation: 0,
        fps: 1,
        pixel_format: "any",
        color_transfer: null,
        start_ms: 0,
      },
      audio: { stream_index: 1, codec: "any", start_ms: 0, duration_ms: 1 },
      ...{ transcript_key: "transcript", engine: "local", model: "any", words: words.length },
    },
    context,
    { storage, sources, workDir, threads: Number(values.threads) },
  );
  const answer = {
    wall_s: (performance.now() - began) / 1000,
    cpu_s: cpuSeconds() - before,
    video: storage.fileOf(given.result_key),
    script: storage.fileOf(given.ass_key),
    fonts: [openFont(styleOf(values.style).font).path],
    report: JSON.parse(await readFile(storage.fileOf(given.report_key), "utf8")) as unknown,
  };
  console.log(JSON.stringify(answer));
}

/** Our own and that of children that have ended: proc(5), stat, fields 14 to 17, in ticks of 1/100 s. */
function cpuSeconds(): number {
  const fields = readFileSync("/proc/self/stat", "latin1")
    .replace(/^.*\) /, "")
    .split(" ");
  return [11, 12, 13, 14].reduce((sum, index) => sum + Number(fields[index]), 0) / 100;
}
