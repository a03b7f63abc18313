import { dirname } from "node:path";
import { ffmpeg, userInput } from "./ffmpeg.ts";
import { probe } from "./probe.ts";

export interface ContactSheetOptions {
  signal: AbortSignal;
  /** The moments to show, ms from the video's zero: the frame that is on the screen then. Where missing, `count` at even distances. */
  timesMs?: readonly number[];
  count?: number;
  columns?: number;
  /** px. */
  tileWidth?: number;
}

/** Puts frames of a video side by side into one PNG, in the order of time, to look at it at a glance. Two moments of one frame are one tile. */
export async function contactSheet(video: string, outPng: string, options: ContactSheetOptions): Promise<void> {
  const { signal, count = 12, tileWidth = 360 } = options;
  const { frameTimesMs, durationMs } = await probe(video, { signal });
  const timesMs = options.timesMs ?? Array.from({ length: count }, (_, i) => ((i + 0.5) * durationMs) / count);
  const onScreen = timesMs.map((timeMs) =>
    Math.max(
      0,
      frameTimesMs.findLastIndex((frameMs) => frameMs <= timeMs),
    ),
  );
  const frames = [...new Set(onScreen)].sort((a, b) => a - b);
  const columns = Math.min(options.columns ?? 6, frames.length);
  const rows = Math.ceil(frames.length / columns);
  const filters = [
    `select='${frames.map((frame) => `eq(n,${frame})`).join("+")}'`,
    `scale=${tileWidth}:-2`,
    `tile=${columns}x${rows}:padding=${gutterPx}:margin=${gutterPx}:color=0x14141a`,
  ];
  await ffmpeg([...userInput(video), "-map", "0:v:0", "-vf", filters.join(","), "-frames:v", "1", "-update", "1", outPng], {
    signal,
    cwd: dirname(outPng),
    reads: [dirname(video)],
  });
}

const gutterPx = 8;
