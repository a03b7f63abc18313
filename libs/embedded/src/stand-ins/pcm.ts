import { spawn } from "node:child_process";
import { once } from "node:events";

/** The rate at which speech is compared here, and at which recognisers hear, in Hz. */
export const sampleRateHz = 16_000;

/** Decodes any audio that ffmpeg reads, a path or its bytes, to mono samples at 16 kHz. Throws with ffmpeg's last line where it cannot. */
export async function decodePcm(audio: string | Uint8Array): Promise<Int16Array> {
  const [input, stdin] = typeof audio === "string" ? [audio, undefined] : ["pipe:0", audio];
  const bytes = await ffmpeg(["-i", input, "-map", "0:a:0", ...rawFormat, "pipe:1"], stdin);
  return new Int16Array(bytes.buffer, bytes.byteOffset, bytes.length >> 1);
}

/** Writes mono samples at 16 kHz to a file in the format that its name says: .wav, .flac, .m4a … */
export async function encodePcm(samples: Int16Array, file: string): Promise<void> {
  const bytes = new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength);
  await ffmpeg([...rawFormat, "-i", "pipe:0", "-y", file], bytes);
}

const rawFormat = ["-f", "s16le", "-ar", String(sampleRateHz), "-ac", "1"];

async function ffmpeg(args: string[], stdin: Uint8Array | undefined): Promise<Buffer> {
  const child = spawn("ffmpeg", ["-v", "error", ...args], { stdio: ["pipe", "pipe", "pipe"] });
  const output: Buffer[] = [];
  let complaint = "";
  child.stdout.on("data", (chunk: Buffer) => output.push(chunk));
  child.stderr.on("data", (chunk: Buffer) => {
    complaint += chunk.toString();
  });
  // A decoder that has seen enough closes its input: what we still write then is not missed.
  child.stdin.on("error", () => undefined).end(stdin);
  const [code] = await once(child, "close");
  if (code !== 0) throw new Error(`ffmpeg: ${complaint.trim().split("\n").at(-1)}`);
  return Buffer.concat(output);
}
