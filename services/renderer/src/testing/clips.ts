import { execFile } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { promisify } from "node:util";

/** What small clips are made of, and what can be seen and heard in a video, for the tests of the renderer. */

const exec = promisify(execFile);

/** A black picture, or any other ffmpeg source, as an input. */
export function picture({ source = "color=black", size = "180x320", rate = "30", seconds = 2 } = {}): string[] {
  return ["-f", "lavfi", "-i", `${source}${source.includes("=") ? ":" : "="}s=${size}:r=${rate}:d=${seconds}`];
}

/** A tone as an input. */
export function tone({ hertz = 440, seconds = 2 } = {}): string[] {
  return ["-f", "lavfi", "-i", `sine=frequency=${hertz}:duration=${seconds}:sample_rate=48000`];
}

export const quickH264 = ["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p"] as const;

/**
 * Marks an mp4's picture as filmed lying: players turn it clockwise by 90 degrees, as they do with an upright phone's.
 * Written into the track header (ISO 14496-12, tkhd): ffmpeg's own option for it has changed from version to version.
 */
export async function turnedClockwise(file: string): Promise<string> {
  const bytes = await readFile(file);
  const matrix = bytes.indexOf("tkhd") + 44;
  for (const [i, value] of [0, 1, 0, -1, 0, 0].entries()) bytes.writeInt32BE(value * 0x10000, matrix + 4 * i);
  await writeFile(file, bytes);
  return file;
}

export interface Pixels {
  width: number;
  height: number;
  /** RGB, three bytes a pixel, frame after frame. */
  frames: Buffer[];
}

/** Every frame that is shown, upright. */
export async function pixelsOf(file: string, { width, height }: { width: number; height: number }): Promise<Pixels> {
  const { stdout } = await exec(
    "ffmpeg",
    ["-v", "error", "-i", file, "-map", "0:v:0", "-fps_mode", "passthrough", "-pix_fmt", "rgb24", "-f", "rawvideo", "-"],
    { encoding: "buffer", maxBuffer: 512 * 1024 ** 2 },
  );
  const frameBytes = width * height * 3;
  const frames = Array.from({ length: stdout.length / frameBytes }, (_, k) =>
    stdout.subarray(k * frameBytes, (k + 1) * frameBytes),
  );
  return { width, height, frames };
}

export type Rgb = readonly [number, number, number];

export function pixelAt({ width, frames }: Pixels, frame: number, x: number, y: number): Rgb {
  const at = (Math.floor(y) * width + Math.floor(x)) * 3;
  const bytes = frames[frame];
  return [bytes?.[at] ?? 0, bytes?.[at + 1] ?? 0, bytes?.[at + 2] ?? 0];
}

/** The places of a frame's pixels that look so, as x and y. */
export function places({ width, frames }: Pixels, frame: number, looks: (rgb: Rgb) => boolean): [number, number][] {
  const bytes = frames[frame] ?? Buffer.alloc(0);
  const found: [number, number][] = [];
  for (let i = 0; i < bytes.length / 3; i++) {
    if (looks([bytes[3 * i] ?? 0, bytes[3 * i + 1] ?? 0, bytes[3 * i + 2] ?? 0])) found.push([i % width, Math.floor(i / width)]);
  }
  return found;
}

/** The yellow of a word being said, and the white of the others, as the hormozi style draws them. */
export const isYellow = ([red, green, blue]: Rgb) => red > 180 && green > 140 && blue < 90;
export const isWhite = ([red, green, blue]: Rgb) => Math.min(red, green, blue) > 200;

/** A digest of the sound as it is played: times and edit lists have been applied. */
export async function soundOf(file: string, stream = "0:a:0"): Promise<string> {
  const { stdout } = await exec("ffmpeg", ["-v", "error", "-i", file, "-map", stream, "-f", "md5", "-c:a", "pcm_s16le", "-"]);
  return stdout.trim();
}

/** The first video stream's fields, as ffprobe tells them. */
export async function videoFields(file: string): Promise<Record<string, unknown>> {
  const { stdout } = await exec("ffprobe", ["-v", "error", "-select_streams", "v:0", "-show_streams", "-of", "json", file]);
  return (JSON.parse(stdout) as { streams: Record<string, unknown>[] }).streams[0] ?? {};
}
