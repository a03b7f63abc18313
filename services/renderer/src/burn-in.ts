import { availableParallelism } from "node:os";
import { DeclaredError } from "@viralclaw/contracts/errors";
import { limits } from "@viralclaw/contracts/limits";
import { pipeline } from "@viralclaw/contracts/pipeline";
import { ffmpeg, userInput } from "@viralclaw/media/ffmpeg";
import type { MediaInfo } from "@viralclaw/media/probe";
import { foundNoRoom, type Limit, limitOf, ProcessFailed } from "@viralclaw/media/process";
import { captionFilters } from "./captions.ts";
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
 * Throws DeclaredError disk_full, render_failed or, of a file that is damaged or takes more than any video may, not_a_video; or the
 * signal's reason.
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
      ...{ memoryBytes, cpuSeconds, fileBytes },
    });
  } catch (error) {
    if (!(error instanceof ProcessFailed)) throw error;
    if (foundNoRoom(error)) throw new DeclaredError("disk_full", {}, { cause: error });
    // To try these again would end the same way, after as much work.
    const limit = limitOf(error);
    if (limit) throw new DeclaredError("not_a_video", { reason: broken[limit] }, { cause: error });
    if (isDamaged(error)) throw new DeclaredError("not_a_video", { reason: "its picture or sound is damaged" }, { cause: error });
    const reason = error.killedBy ? "the encoder was stopped" : `the encoder ended with code ${error.exitCode}`;
    throw new DeclaredError("render_failed", { reason }, { cause: error });
  }
}

const broken: Record<Limit, string> = {
  time: "it takes too long to decode",
  memory: "it takes too much memory to decode",
  size: "it becomes too large when it is decoded",
  output: "it is damaged, or made to do harm",
  crash: "it is damaged, or made to do harm",
};

/** Address space: 4K with tone mapping in floats takes about 2 GB with its threads; more is a file made to hurt. */
const memoryBytes = 6 * 1024 ** 3;

/** All processors for as long as the stage may run: should nobody be left to stop the encoder, it stops. */
const cpuSeconds = (pipeline.render.longestRunMs / 1000) * availableParallelism();

/** Of the result: a fast preset may make it four times as large as an HEVC source, and no source is larger than this. */
const fileBytes = 4 * limits.maxVideoBytes;

/** The sound of a broken file goes on after its packets are over: not further than this beyond the end that was found. */
const slackMs = 1000;

function argumentsOf({ source, result, media: { video, audio }, picture }: Burn, threads: number): string[] {
  return [
    ...userInput(source, ["-threads", `${threads}`]),
    ...["-map", `0:${video.stream_index}`, "-vf", [...picture.filters, ...captionFilters(picture)].join(",")],
    // Each frame keeps its own time, in the source's own time base: a steady rate would double or drop frames.
    ...["-fps_mode", "passthrough", "-enc_time_base", "-1", ...videoEncoder(threads)],
    ...(audio ? ["-map", `0:${audio.stream_index}`, ...audioEncoder(audio.codec)] : []),
    ...["-t", `${(picture.endMs + slackMs) / 1000}`, ...container],
    result,
  ];
}

/** What ffmpeg ends with where most of what it read could not be decoded (ffmpeg.c, max_error_rate). */
const mostlyErrors = 69;

function isDamaged({ exitCode, stderrTail }: ProcessFailed): boolean {
  return exitCode === mostlyErrors || stderrTail.some((line) => /Invalid data|Error while decoding|corrupt/i.test(line));
}
