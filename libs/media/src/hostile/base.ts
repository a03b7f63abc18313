import { execFile } from "node:child_process";
import { rmSync } from "node:fs";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

/** Small, good videos that the bad ones are made from: a second of moving stripes, 64x112 at 10 frames a second, and a tone. */

/** By container: how its streams are encoded. */
const kinds = {
  mp4: "-c:v libx264 -preset ultrafast -pix_fmt yuv420p -c:a aac",
  mov: "-c:v mjpeg -pix_fmt yuvj420p -c:a pcm_s16le",
  matroska: "-c:v libx264 -preset ultrafast -pix_fmt yuv420p -c:a flac",
  mpegts: "-c:v mpeg2video -r 25 -c:a mp2",
  /** A key frame every half second. */
  webm: "-c:v libvpx -deadline realtime -cpu-used 8 -g 5 -c:a libopus",
  avi: "-c:v mjpeg -pix_fmt yuvj420p -c:a pcm_s16le",
} as const;

export type Kind = keyof typeof kinds;

/** The path of a good video in that container, made once per process. Not to be changed. */
export function baseClip(kind: Kind): Promise<string> {
  const known = made.get(kind) ?? make(kind);
  made.set(kind, known);
  return known;
}

/** Runs ffmpeg without any guard, on inputs of our own. Texts are parted at spaces, lists are arguments as they are. */
export async function ffmpegUnguarded(...parts: (string | readonly string[])[]): Promise<void> {
  const args = parts.flatMap((part) => (typeof part === "string" ? part.split(" ") : part));
  await promisify(execFile)("ffmpeg", ["-nostdin", "-v", "error", "-y", ...args]);
}

/** Inputs; `seconds` may be a part of one. */
export const picture = ({ size = "64x112", rate = 10, seconds = 1 } = {}) =>
  `-f lavfi -i testsrc2=s=${size}:r=${rate}:d=${seconds}`;
export const tone = (seconds = 1) => `-f lavfi -i sine=d=${seconds}:r=16000`;

const made = new Map<Kind, Promise<string>>();
let folder: Promise<string> | undefined;

async function make(kind: Kind): Promise<string> {
  folder ??= temporaryFolder();
  const file = join(await folder, kind);
  await ffmpegUnguarded(picture(), tone(), kinds[kind], ["-f", kind, file]);
  return file;
}

async function temporaryFolder(): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), "hostile-"));
  process.once("exit", () => rmSync(dir, { recursive: true, force: true }));
  return dir;
}
