/**
 * `node command.ts FILE...` recognises what is said in files that ffmpeg reads, and prints a line of JSON for each (type Line).
 * It serves the speech bench, and whoever wants to see what the engine makes of a file.
 */
import { spawn } from "node:child_process";
import { buffer } from "node:stream/consumers";
import { sampleRateHz } from "./audio.ts";
import { judgeLanguage, strangeness, type Verdict } from "./english.ts";
import { type LocalRecogniser, startLocalRecogniser } from "./recogniser.ts";
import type { LocalResult } from "./result.ts";

type Line = LocalResult & {
  file: string;
  verdict: Verdict;
  strangeness: number | null;
  audioSeconds: number;
  /** Decoding by ffmpeg, and all of the recogniser's work. */
  decodeMs: number;
  recogniseMs: number;
  /** The processor time of the recogniser's work. Unlike recogniseMs it does not depend on what else the machine does. */
  cpuMs: number;
  /** The most memory that the process has had so far. */
  peakRssMb: number;
};

const files = process.argv.slice(2);
if (files.length === 0) {
  console.error("usage: node command.ts FILE...");
  process.exit(2);
}
await using recogniser = startLocalRecogniser();
await recogniser.warm();
for (const file of files) console.log(JSON.stringify(await transcribeFile(recogniser, file)));

async function transcribeFile(recogniser: LocalRecogniser, file: string): Promise<Line> {
  const begin = performance.now();
  const pcm = await decode(file);
  const decoded = performance.now();
  const cpuBefore = process.cpuUsage();
  const result = await recogniser.transcribe(pcm);
  const cpu = process.cpuUsage(cpuBefore);
  return {
    file,
    ...result,
    verdict: judgeLanguage(result),
    strangeness: strangeness(result),
    audioSeconds: pcm.length / sampleRateHz,
    decodeMs: decoded - begin,
    recogniseMs: performance.now() - decoded,
    cpuMs: (cpu.user + cpu.system) / 1000,
    peakRssMb: process.resourceUsage().maxRSS / 1024,
  };
}

/** The first audio stream as mono samples at the engine's rate. Throws what ffmpeg complains of. */
async function decode(file: string): Promise<Float32Array> {
  const output = ["-map", "0:a:0", "-ac", "1", "-ar", String(sampleRateHz), "-f", "f32le", "pipe:1"];
  const ffmpeg = spawn("ffmpeg", ["-v", "error", "-nostdin", "-i", file, ...output], { stdio: ["ignore", "pipe", "pipe"] });
  const ended = new Promise<number | null>((resolve, reject) => ffmpeg.on("error", reject).on("close", resolve));
  const [samples, complaints, code] = await Promise.all([buffer(ffmpeg.stdout), buffer(ffmpeg.stderr), ended]);
  if (code !== 0) throw new Error(`ffmpeg cannot read ${file}: ${complaints.toString().trim()}`);
  return new Float32Array(Uint8Array.from(samples).buffer, 0, Math.floor(samples.length / Float32Array.BYTES_PER_ELEMENT));
}
