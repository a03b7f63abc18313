import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

/** Small clips made on the spot, for tests. */

const exec = promisify(execFile);

/** A folder that is removed when the test is over. */
export async function temporaryFolder(): Promise<AsyncDisposable & { dir: string }> {
  const dir = await mkdtemp(join(tmpdir(), "media-"));
  return { dir, [Symbol.asyncDispose]: () => rm(dir, { recursive: true, force: true }) };
}

/** Runs ffmpeg to make a file, and returns its path. */
export async function makeClip(file: string, ...args: string[]): Promise<string> {
  await exec("ffmpeg", ["-v", "error", "-y", ...args, file]);
  return file;
}

/** ffmpeg's arguments for a test picture, a tone, and a quick encoder for both. */
export const testPicture = (size = "160x90", seconds = 2, rate = "30") => [
  "-f",
  "lavfi",
  "-i",
  `testsrc2=s=${size}:d=${seconds}:r=${rate}`,
];
export const testTone = (seconds = 2) => ["-f", "lavfi", "-i", `sine=duration=${seconds}:sample_rate=48000`];
export const quickly = ["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-c:a", "aac"] as const;
