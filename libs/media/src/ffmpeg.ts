import { limits } from "@viralclaw/contracts/limits";
import { type RunOptions, run } from "./process.ts";

/**
 * ffmpeg and ffprobe, told never to open anything but a local file in a container that people film with.
 * It refuses URLs, playlists and scripts: a demuxer such as hls or concat would read other files and addresses for a stranger.
 */

/** Containers of user media, as ffmpeg names its demuxers. */
export const userFormats = ["mov", "matroska", "avi", "mpegts", "mpeg", "flv", "asf"] as const;

/** The arguments that open a user's file: put before the options of its outputs. `file` is a path, never an address. */
export function userInput(file: string, decoderOptions: readonly string[] = []): string[] {
  return [...decoderOptions, "-max_pixels", `${mostPixels}`, ...onlyUserMedia, "-i", `file:${file}`];
}

/**
 * A decoder refuses larger frames: a stream may grow to any size in its middle, whatever its header says. The largest picture that
 * is accepted, with the columns that decoders add to each row (up to 64, and 16384 rows are the most that x264 takes).
 */
const mostPixels = limits.maxVideoPixels + 64 * 16_384;

/** Both programs take these for the input that follows. */
export const onlyUserMedia = ["-protocol_whitelist", "file", "-format_whitelist", userFormats.join(",")] as const;

export interface FfmpegOptions extends Omit<RunOptions, "onStderrLine" | "onSideLine"> {
  /** How long the output will be; needed for `onProgress`. */
  durationMs?: number;
  /** Told about twice a second, from 0 to 1, never backwards. */
  onProgress?: (fraction: number) => void;
  /** Threads of filters; encoders and decoders take their own `-threads` among the arguments. */
  threads?: number;
  /** "verbose" is where libass names the fonts it chose. */
  logLevel?: "error" | "verbose";
  onLogLine?: (line: string) => void;
}

/**
 * Runs ffmpeg, overwriting its outputs, and returns its stdout (ignored unless asked for).
 * Throws the signal's reason when aborted, else ProcessFailed with ffmpeg's last words.
 */
export async function ffmpeg(args: readonly string[], options: FfmpegOptions): Promise<Buffer> {
  const { threads, durationMs, onProgress, onLogLine, logLevel = "error", stdout = "ignore", ...limits } = options;
  const runOptions: RunOptions = { ...limits, stdout, onStderrLine: onLogLine };
  if (onProgress && durationMs) runOptions.onSideLine = progressReader(durationMs, onProgress);
  return run(
    "ffmpeg",
    [
      ...["-nostdin", "-hide_banner", "-nostats", "-y", "-loglevel", `level+${logLevel}`],
      ...(threads ? ["-filter_threads", `${threads}`, "-filter_complex_threads", `${threads}`] : []),
      ...(runOptions.onSideLine ? ["-progress", "pipe:3", "-stats_period", "0.5"] : []),
      ...args,
    ],
    runOptions,
  );
}

/** Reads `-progress`: blocks of key=value, of which out_time_us is how much of the output has been written. */
function progressReader(durationMs: number, onProgress: (fraction: number) => void): (line: string) => void {
  let furthest = 0;
  return (line) => {
    const writtenUs = /^out_time_us=(\d+)$/.exec(line)?.[1];
    if (writtenUs === undefined) return;
    const fraction = Math.min(Number(writtenUs) / 1000 / durationMs, 1);
    if (fraction <= furthest) return;
    furthest = fraction;
    onProgress(fraction);
  };
}
