import { rm } from "node:fs/promises";
import { join } from "node:path";
import { DeclaredError } from "@viralclaw/contracts/errors";
import { ffmpeg, userInput } from "@viralclaw/media/ffmpeg";
import { ProcessFailed } from "@viralclaw/media/process";
import type { Picture } from "./picture.ts";
import type { Source } from "./sources.ts";

/**
 * A frame of a video as captions are drawn on it, in a file beside the video. It is decoded once: to reach it may mean to decode
 * seconds of video, and whoever tries styles tries them on the same frame. Throws DeclaredError render_failed.
 */
export function frameOf(source: Source, { frameFilters }: Pick<Picture, "frameFilters">, timeMs: number): Promise<string> {
  const known = source.frames.get(timeMs);
  if (known) return known;
  const decoded = decode(source, frameFilters, timeMs).catch((error) => {
    source.frames.delete(timeMs);
    throw error;
  });
  source.frames.set(timeMs, decoded);
  const [oldest] = source.frames;
  if (oldest && source.frames.size > mostFrames) {
    source.frames.delete(oldest[0]);
    void oldest[1].then((file) => rm(file)).catch(() => undefined);
  }
  return decoded;
}

/** Of one video: 3 MB each at 1080x1920. More than can be asked for while one is being drawn on. */
const mostFrames = 60;

async function decode({ dir, file, media }: Source, filters: readonly string[], timeMs: number): Promise<string> {
  const frame = join(dir, `frame-${Math.round(timeMs)}.nut`);
  const seek = timeMs > seekEarlyMs ? ["-ss", `${(timeMs - seekEarlyMs) / 1000}`] : [];
  const output = ["-vf", filters.join(","), "-frames:v", "1", "-c:v", "rawvideo", "-f", "nut", frame];
  try {
    await ffmpeg([...seek, ...userInput(file), "-map", `0:${media.video.stream_index}`, ...output], {
      signal: AbortSignal.timeout(longestMs),
      cwd: dir,
    });
    return frame;
  } catch (error) {
    if (!(error instanceof ProcessFailed)) throw error;
    throw new DeclaredError("render_failed", { reason: "there is no picture at that time" }, { cause: error });
  }
}

/** A seek lands on the frame at that time or the next one: a little before is on the safe side of rounding. */
const seekEarlyMs = 2;
const longestMs = 15_000;
