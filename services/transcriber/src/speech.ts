import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { endianness } from "node:os";
import { join } from "node:path";
import { DeclaredError } from "@viralclaw/contracts/errors";
import type { AudioInfo } from "@viralclaw/contracts/facts";
import { ffmpeg, userInput } from "@viralclaw/media/ffmpeg";
import { foundNoRoom, limitOf, ProcessFailed } from "@viralclaw/media/process";

/** The sound of a video as recognisers take it: mono, 16 kHz, 16 bits. */
export interface Speech {
  /** The raw samples (s16le), in the run's workspace. */
  file: string;
  samples: Int16Array;
  /** Names the sound: two videos with the same one need one recognition. */
  sha256: string;
}

export const speechRateHz = 16_000;
/** ffmpeg's names for it. */
export const rawSpeechFormat = ["-f", "s16le", "-ar", String(speechRateHz), "-ac", "1"] as const;

/**
 * Decodes one audio stream of a video. The first sample is the stream's first, at `audio.start_ms` of the video; holes in the
 * stream are filled with silence, so that a word's sample number still tells its time.
 * Throws `not_a_video` where the sound cannot be decoded, `disk_full` where there is no room for it.
 */
export async function extractSpeech(
  source: string,
  audio: AudioInfo,
  { dir, signal }: { dir: string; signal: AbortSignal },
): Promise<Speech> {
  const file = join(dir, "speech.s16le");
  const seconds = (audio.duration_ms + slackMs) / 1000;
  const filters = `asetpts=PTS-STARTPTS,aresample=${speechRateHz}:async=1`;
  const args = [...userInput(source), "-map", `0:${audio.stream_index}`, "-af", filters, "-t", `${seconds}`, ...rawSpeechFormat];
  try {
    await ffmpeg([...args, `file:${file}`], { signal, cwd: dir, ...limits, fileBytes: (seconds + 1) * bytesPerSecond });
  } catch (error) {
    if (!(error instanceof ProcessFailed)) throw error;
    if (foundNoRoom(error)) throw new DeclaredError("disk_full", {}, { cause: error });
    // Somebody stopped it from outside: the system, out of memory perhaps. That is no fault of the video.
    if (error.killedBy && limitOf(error) === undefined) throw error;
    throw new DeclaredError("not_a_video", { reason: "its sound cannot be decoded" }, { cause: error });
  }
  const bytes = await readFile(file);
  return { file, samples: toSamples(bytes), sha256: createHash("sha256").update(bytes).digest("hex") };
}

/** Filling holes ends here at the latest: a broken time stamp would ask for hours of silence. */
const slackMs = 1_000;
const bytesPerSecond = 2 * speechRateHz;
/** Five minutes of any sound are decoded in seconds. */
const limits = { memoryBytes: 2 * 1024 ** 3, cpuSeconds: 120 };

function toSamples(bytes: Buffer): Int16Array {
  if (endianness() !== "LE") bytes.swap16();
  // A buffer of its own begins at an even place; one out of Node's pool may not.
  const aligned = bytes.byteOffset % 2 === 0 ? bytes : Buffer.from(new Uint8Array(bytes).buffer);
  return new Int16Array(aligned.buffer, aligned.byteOffset, aligned.length >> 1);
}
