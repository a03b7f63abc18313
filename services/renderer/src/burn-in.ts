import { DeclaredError } from "@viralclaw/contracts/errors";
import { ffmpeg, userInput } from "@viralclaw/media/ffmpeg";
import type { MediaInfo } from "@viralclaw/media/probe";
import { ProcessFailed } from "@viralclaw/media/process";
import { audioEncoder, container, videoEncoder } from "./encoder.ts";
import type { FontWatch } from "./fonts-used.ts";
import type { Picture } from "./picture.ts";

export interface Burn {
  /** Holds `captions.ass` and the folder `fonts`. */
  dir: string;
  source: string;
  result: string;
  media: MediaInfo;
  picture: Picture;
}

export interface BurnOptions {
  threads: number;
  signal: AbortSignal;
  fonts: FontWatch;
  onProgress: (fraction: number) => void;
}

/**
 * Decodes the chosen streams, draws the captions and encodes the result: every frame of the source at its own time, and its sound.
 * Throws DeclaredError disk_full or render_failed, or the signal's reason.
 */
export async function burnIn(burn: Burn, { threads, signal, fonts, onProgress }: BurnOptions): Promise<void> {
  try {
    await ffmpeg(argumentsOf(burn, threads), {
      signal,
      cwd: burn.dir,
      threads,
      durationMs: burn.picture.endMs,
      onProgress,
      logLevel: "verbose",
      onLogLine: fonts.onLogLine,
      memoryBytes,
    });
  } catch (error) {
    if (!(error instanceof ProcessFailed)) throw error;
    if (error.stderrTail.some((line) => line.includes("No space left on device")))
      throw new DeclaredError("disk_full", {}, { cause: error });
    throw new DeclaredError("render_failed", { reason: reasonOf(error) }, { cause: error });
  }
}

/** Address space: 4K with tone mapping in floats takes about 2 GB with its threads; more is a file made to hurt. */
const memoryBytes = 6 * 1024 ** 3;

function argumentsOf({ source, result, media: { video, audio }, picture }: Burn, threads: number): string[] {
  return [
    ...userInput(source, ["-threads", `${threads}`]),
    ...["-map", `0:${video.stream_index}`, "-vf", [...picture.filters, "ass=filename=captions.ass:fontsdir=fonts"].join(",")],
    // Each frame keeps its own time, in the source's own time base: a steady rate would double or drop frames.
    ...["-fps_mode", "passthrough", "-enc_time_base", "-1", ...videoEncoder(threads)],
    ...(audio ? ["-map", `0:${audio.stream_index}`, ...audioEncoder(audio.codec)] : []),
    ...container,
    result,
  ];
}

/** For the customer: no file names, nothing of our machine. */
function reasonOf({ exitCode, killedBy, stderrTail }: ProcessFailed): string {
  if (killedBy) return "the encoder was stopped";
  if (stderrTail.some((line) => /Cannot allocate memory/i.test(line))) return "it needs too much memory";
  if (stderrTail.some((line) => /Invalid data|Error while decoding|corrupt/i.test(line)))
    return "its picture or sound is damaged";
  return `the encoder ended with code ${exitCode}`;
}
