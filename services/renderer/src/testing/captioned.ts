import { copyFile, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import type { StageContext } from "@viralclaw/bus/work";
import { transcriptOf } from "@viralclaw/captions/testing";
import type { Quality } from "@viralclaw/contracts/facts";
import type { Given, Taken } from "@viralclaw/contracts/pipeline";
import type { StyleOverrides } from "@viralclaw/contracts/style-overrides";
import type { Word } from "@viralclaw/contracts/transcript";
import { folderStore } from "../commands/folder-store.ts";
import { type RenderDeps, render } from "../render.ts";
import type { reportOf } from "../report.ts";
import { keepSources, type Sources } from "../sources.ts";

/** Runs the renderer as the bus would, with a folder for a store. */

export interface Asked {
  /** Null: the store has no transcript. */
  words?: Word[] | null;
  style?: string;
  overrides?: StyleOverrides | null;
  /** The file of the customer's own font, which overrides name. */
  font?: string;
  quality?: Quality;
  maxBytes?: number;
  signal?: AbortSignal;
  workDir?: string;
  /** Where the video is kept from one render to the next. */
  sources?: Sources;
  /** Told of each file that was stored, by its key. */
  onStored?: (key: string) => void;
  onProgress?: (fraction: number) => void;
}

export interface Captioned {
  given: Given<"render">;
  video: string;
  script: string;
  report: ReturnType<typeof reportOf>;
}

export const jobId = "job_01jd0000000000000000000000";
export const executionId = "exe_01jd0000000000000000000000";

/** Renders the file in the folder `dir` and returns what was stored. */
export async function captioned(dir: string, source: string, asked: Asked = {}): Promise<Captioned> {
  const deps = await depsOf(dir, source, asked);
  await using own = keepSources(deps.storage, deps.workDir);
  const given = await render(await factOf(source, asked), contextOf(asked), { ...deps, sources: asked.sources ?? own });
  return {
    given,
    video: stored(dir, given.result_key),
    script: await readFile(stored(dir, given.ass_key), "utf8"),
    report: JSON.parse(await readFile(stored(dir, given.report_key), "utf8")),
  };
}

/** Words from `start` to `end` s each, touching: `said("STOP", 0.2, "NOW", 0.6, 1)`. */
export function said(...parts: (string | number)[]): Word[] {
  return parts.flatMap((text, i) => {
    const [start, end] = [parts[i + 1], parts[i + 3] ?? parts[i + 2]];
    if (typeof text !== "string" || typeof start !== "number" || typeof end !== "number") return [];
    return [{ text, start_ms: Math.round(start * 1000), end_ms: Math.round(end * 1000), confidence: 1 }];
  });
}

const transcriptKey = "transcript";
const fontKey = "font";

/** Keys become names of files side by side. */
const stored = (dir: string, key: string) => join(dir, key.replaceAll("/", "_"));

async function depsOf(
  dir: string,
  source: string,
  { words = said("STOP", 0.2, "POSTING", 0.7, 1.2), font = "", workDir, onStored }: Asked,
): Promise<Omit<RenderDeps, "sources">> {
  const transcript = words && transcriptOf(words);
  const store = await folderStore(dir);
  return {
    workDir: workDir ?? join(dir, "work"),
    threads: 2,
    storage: {
      ...store,
      downloadTo: (key, file) => copyFile(key === fontKey ? font : source, file),
      getText: async (key) =>
        key === transcriptKey ? (transcript ? JSON.stringify(transcript) : undefined) : store.getText(key),
      async uploadFrom(...stored) {
        const answer = await store.uploadFrom(...stored);
        onStored?.(stored[0]);
        return answer;
      },
    },
  };
}

async function factOf(
  source: string,
  { style = "hormozi", overrides = null, font, quality = "balanced", maxBytes }: Asked,
): Promise<Taken<"render">> {
  const { size } = await stat(source);
  return {
    ...{ job_id: jobId, run: 1, kind: "captions", priority: 3, mode: "test" },
    ...{ customer_id: "cus_01jd0000000000000000000000", key_id: "key_01jd0000000000000000000000" },
    ...{
      language: "en",
      style,
      style_overrides: overrides,
      font_key: font ? fontKey : null,
      quality,
      max_result_bytes: maxBytes ?? null,
      source_key: "source",
      source_bytes: size,
      duration_ms: 1,
      tier: "up_to_1_min",
    },
    // The renderer looks for itself; what ingest saw is for others.
    video: {
      ...{ stream_index: 0, codec: "h264", width: 1, height: 1, rotation: 0, fps: 1 },
      ...{ pixel_format: "yuv420p", color_transfer: null, start_ms: 0 },
    },
    audio: { stream_index: 1, codec: "aac", start_ms: 0, duration_ms: 1 },
    ...{ transcript_version: 1, timing_source: "recognised", restyled_from: null },
    ...{ transcript_key: transcriptKey, engine: "local", model: "any", words: 1 },
  };
}

function contextOf({ signal = new AbortController().signal, onProgress = () => {} }: Asked): StageContext {
  const silent = { info: () => {}, warn: () => {}, error: () => {} };
  return { jobId, executionId, attempt: 1, signal, log: silent, progress: onProgress };
}
