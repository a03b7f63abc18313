import { execFile } from "node:child_process";
import { resolve } from "node:path";
import { promisify } from "node:util";
import type { HeardWord } from "./speech-boundaries.ts";

/** What the transcriber's command tells of a file: see services/transcriber/src/engines/local/command.ts. */
export type Heard = {
  file: string;
  words: HeardWord[];
  verdict: "english" | "other" | "silent";
  averageLogProbability: number | null;
  misfit: number | null;
  strangeness: number | null;
  spent: { vadMs: number; asrMs: number; alignMs: number };
  audioSeconds: number;
  decodeMs: number;
  recogniseMs: number;
  cpuMs: number;
  peakRssMb: number;
};

/** Runs the offline engine over files in a process of its own, as it runs in the transcriber: one thread, one file after the other. */
export async function transcribeFiles(files: readonly string[]): Promise<Heard[]> {
  const command = resolve(import.meta.dirname, "../../services/transcriber/src/engines/local/command.ts");
  const { stdout } = await promisify(execFile)(process.execPath, [command, ...files], { maxBuffer: 1e9 });
  return stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Heard);
}
