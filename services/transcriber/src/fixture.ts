import { spawn } from "node:child_process";
import { once } from "node:events";
import { createReadStream } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { StageContext } from "@viralclaw/bus/work";
import type { Taken } from "@viralclaw/contracts/pipeline";
import { type Speech, speechRateHz } from "./speech.ts";

/** What the tests of this service are given: facts, contexts, files, and sounds with the rhythm of speech. */

export interface Folder extends AsyncDisposable {
  dir: string;
  path(name: string): string;
}

export async function tempFolder(): Promise<Folder> {
  const dir = await mkdtemp(join(tmpdir(), "viralclaw-transcriber-"));
  return {
    dir,
    path: (name) => join(dir, name),
    [Symbol.asyncDispose]: () => rm(dir, { recursive: true, force: true }),
  };
}

/** Serves a folder's files, as a customer's own server would. */
export async function serveFiles(dir: string): Promise<{ origin: string } & AsyncDisposable> {
  const server = createServer((request, response) => {
    const file = createReadStream(join(dir, decodeURIComponent(request.url ?? "")));
    file.on("error", () => response.writeHead(404).end()).pipe(response);
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
    },
  };
}

/** Makes a file with ffmpeg, its arguments written as in a shell; "quotes" hold a part together. */
export async function makeFile(file: string, command: string): Promise<string> {
  const args = [...command.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? "");
  const child = spawn("ffmpeg", ["-v", "error", "-y", ...args, file], { stdio: ["ignore", "ignore", "inherit"] });
  const [code] = await once(child, "close");
  if (code !== 0) throw new Error(`ffmpeg ended with ${code}: ${command}`);
  return file;
}

export const jobId = "job_01jd0000000000000000000000";
let executions = 0;

/** The context of a run of its own, and what the handler told it. */
export function stageContext(signal: AbortSignal = new AbortController().signal): StageContext & { told: number[] } {
  const told: number[] = [];
  const log = { info: () => undefined, warn: () => undefined, error: () => undefined };
  const executionId = `exe_01jd000000000000000000${String(executions++).padStart(4, "0")}`;
  return { jobId, executionId, attempt: 1, signal, log, told, progress: (fraction) => void told.push(fraction) };
}

const job = {
  job_id: jobId,
  run: 1,
  kind: "captions",
  priority: 3,
  customer_id: "cus_01jd0000000000000000000000",
  key_id: "key_01jd0000000000000000000000",
  mode: "live",
  language: "pt",
  style: "bold",
  restyled_from: null,
  wording: null,
  style_overrides: null,
  quality: "balanced" as const,
  max_result_bytes: null,
} as const;

export function requested(source: Taken<"ingest">["source"], changes: Partial<Taken<"ingest">> = {}): Taken<"ingest"> {
  return { ...job, source, max_duration_ms: 300_000, max_bytes: 20_000_000, ...changes };
}

export function ingested(changes: Partial<Taken<"transcribe">> = {}): Taken<"transcribe"> {
  return {
    ...job,
    source_key: "uploads/source",
    source_bytes: 1_000_000,
    duration_ms: 10_000,
    tier: "up_to_1_min",
    video: {
      stream_index: 0,
      codec: "h264",
      width: 64,
      height: 64,
      rotation: 0,
      fps: 10,
      pixel_format: "yuv420p",
      color_transfer: null,
      start_ms: 0,
    },
    audio: { stream_index: 1, codec: "aac", start_ms: 0, duration_ms: 10_000 },
    ...changes,
  };
}

export interface Utterance {
  text: string;
  start_ms: number;
  end_ms: number;
}

/** Words of a few hundred ms in phrases of three with pauses between; the same seed says the same. */
export function utterances(texts: readonly string[], seed = 1): { words: Utterance[]; durationMs: number } {
  const random = randomNumbers(seed);
  let now = 300;
  const words = texts.map((text, i) => {
    const start_ms = now;
    const end_ms = start_ms + 200 + Math.round(random() * 30) * 10;
    now = end_ms + (i % 3 === 2 ? 800 : 60);
    return { text, start_ms, end_ms };
  });
  return { words, durationMs: now + 300 };
}

/** A sound as loud as somebody who says these words: noise that swells with each syllable, and near silence between. */
export function babble({ words, durationMs }: { words: readonly Utterance[]; durationMs: number }, seed = 1): Int16Array {
  const random = randomNumbers(seed);
  const samples = new Int16Array((durationMs * speechRateHz) / 1000).map(() => (random() - 0.5) * 20);
  for (const { start_ms, end_ms } of words) {
    const [from, to] = [start_ms * 16, end_ms * 16];
    const syllables = 1 + Math.floor((end_ms - start_ms) / 150);
    const peaks = Array.from({ length: syllables }, () => 4_000 + random() * 16_000);
    for (let i = from; i < to; i++) {
      const position = ((i - from) / (to - from)) * syllables;
      const swell = Math.sin(Math.PI * (position % 1)) ** 0.5;
      samples[i] = (random() * 2 - 1) * (peaks[Math.floor(position)] ?? 0) * swell;
    }
  }
  return samples;
}

/** Samples as a run has them after extracting. */
export async function speechOf(samples: Int16Array, folder: Folder): Promise<Speech> {
  const file = folder.path("speech.s16le");
  await writeFile(file, new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength));
  return { file, samples, sha256: "0".repeat(64) };
}

/** Park and Miller's generator (Comm. ACM 31, 1988): 0 to 1, the same for the same seed. */
function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}
