import { availableParallelism } from "node:os";
import { DeclaredError } from "@viralclaw/contracts/errors";
import { limits } from "@viralclaw/contracts/limits";
import { pipeline } from "@viralclaw/contracts/pipeline";
import { ffmpeg, userInput } from "@viralclaw/media/ffmpeg";
import type { MediaInfo } from "@viralclaw/media/probe";
import { foundNoRoom, type Limit, limitOf, ProcessFailed } from "@viralclaw/media/process";
import { captionFilters } from "./captions.ts";
import { audioEncoder, container, type Encoder } from "./encoder.ts";
import type { FontWatch } from "./fonts-used.ts";
import type { Picture } from "./picture.ts";
import { before, type Piece } from "./pieces/cut.ts";

export interface Burn {
  /** Holds `captions.ass` and the folder `fonts`; files of ours are named relative to it. */
  dir: string;
  source: string;
  media: MediaInfo;
  picture: Picture;
  encoder: Encoder;
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
export async function burnIn(burn: Burn, result: string, options: BurnOptions): Promise<void> {
  const { source, media, picture } = burn;
  const output = [...sound(media, 0), ...untilEnd(picture), ...container, result];
  await burning([...userInput(source, threadsOf(options)), ...pictureArguments(burn), ...output], burn, options);
}

/**
 * Encodes pieces that follow each other, in one pass, into the files that `nameOf` names; `onPiece` is told of each that is complete.
 * Throws as burnIn does.
 */
export async function burnPieces(
  burn: Burn,
  pieces: readonly Piece[],
  { onPiece, ...options }: BurnOptions & { onPiece: (index: number) => void },
): Promise<void> {
  const [first, last] = [pieces[0], pieces.at(-1)];
  if (!first || !last) return;
  const { source, picture } = burn;
  const args = [
    // Times stay those of the file, whichever frame is the first to be read.
    ...["-copyts", "-start_at_zero", ...seek(burn, first)],
    ...userInput(source, threadsOf(options)),
    ...pictureArguments(burn, { first, last }),
    ...(last.to === picture.frameTimesMs.length ? untilEnd(picture) : []),
    ...[
      "-f",
      "segment",
      "-segment_format",
      "mp4",
      "-segment_format_options",
      `movflags=${fragmented}:avoid_negative_ts=disabled`,
    ],
    ...["-segment_start_number", `${first.index}`, ...cuts(pieces), "-segment_list", "pipe:1", "-segment_list_type", "flat"],
    "piece-%05d.mp4",
  ];
  const written = (line: string) => onPiece(Number(/(\d+)\.mp4$/.exec(line)?.[1]));
  await burning(args, burn, options, written);
}

/**
 * Encodes one piece by itself, with an encoder that may look ahead, to where pieces are written; its times come `laterMs` later, since frames that
 * are shown in another order than they are decoded begin before zero, which such a file cannot tell. Throws as burnIn does.
 */
export async function burnStretch(burn: Burn, piece: Piece, options: BurnOptions): Promise<void> {
  const { source, picture } = burn;
  const args = [
    ...["-copyts", "-start_at_zero", ...seek(burn, piece)],
    ...userInput(source, threadsOf(options)),
    ...pictureArguments(burn, { first: piece, last: piece }),
    ...(piece.to === picture.frameTimesMs.length ? untilEnd(picture) : []),
    ...["-output_ts_offset", `${laterMs / 1000}`, "-f", "mp4", "-movflags", fragmented, "-avoid_negative_ts", "disabled"],
    pieceFile(piece.index),
  ];
  await burning(args, burn, options);
}
export const laterMs = 1000;

const fragmented = "frag_keyframe+empty_moov+default_base_moof+frag_discont+skip_trailer";

/** Where a piece is written. */
export const pieceFile = (index: number) => `piece-${`${index}`.padStart(5, "0")}.mp4`;

async function burning(
  args: string[],
  { dir, picture }: Burn,
  { threads, signal, fonts, onProgress }: BurnOptions,
  stdout?: (line: string) => void,
): Promise<void> {
  try {
    await ffmpeg(args, {
      signal,
      cwd: dir,
      threads,
      durationMs: picture.endMs,
      onProgress,
      logLevel: "verbose",
      onLogLine: fonts.onLogLine,
      ...(stdout ? { stdout } : {}),
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
export const memoryBytes = 6 * 1024 ** 3;

/** All processors for as long as the stage may run: should nobody be left to stop the encoder, it stops. */
const cpuSeconds = (pipeline.render.longestRunMs / 1000) * availableParallelism();

/** Of the result: a fast preset may make it four times as large as an HEVC source, and no source is larger than this. */
const fileBytes = 4 * limits.maxVideoBytes;

/** The sound of a broken file goes on after its packets are over: not further than this beyond the end that was found. */
const slackMs = 1000;

const threadsOf = ({ threads }: BurnOptions) => ["-threads", `${threads}`];
const untilEnd = ({ endMs }: Picture) => ["-t", `${(endMs + slackMs) / 1000}`];

/** The chosen sound of an input, copied or encoded. */
export const sound = ({ audio }: MediaInfo, input: number) =>
  audio ? ["-map", `${input}:${audio.stream_index}`, ...audioEncoder(audio.codec)] : [];

function pictureArguments({ media, picture, encoder }: Burn, range?: { first: Piece; last: Piece }): string[] {
  const endsHere = !range || range.last.to === picture.frameTimesMs.length;
  const filters = [
    ...(range ? trim(picture.frameTimesMs, { from: range.first.from, to: range.last.to }) : []),
    ...picture.filters,
    ...(endsHere ? picture.hold : []),
  ];
  return [
    ...["-map", `0:${media.video.stream_index}`, "-vf", [...filters, ...captionFilters(picture), ...encoder.filters].join(",")],
    // Each frame keeps its own time, in the source's own time base: a steady rate would double or drop frames.
    ...["-fps_mode", "passthrough", "-enc_time_base", "-1", ...encoder.arguments],
  ];
}

/** The filter that lets only frames `from` up to, not including, `to` pass. It cuts between two frames: a time that is rounded cannot miss. */
export function trim(frameTimesMs: readonly number[], { from, to }: Pick<Piece, "from" | "to">): string[] {
  const bounds = [
    ...(from > 0 ? [`start=${(before(frameTimesMs, from) / 1000).toFixed(6)}`] : []),
    ...(to < frameTimesMs.length ? [`end=${(before(frameTimesMs, to) / 1000).toFixed(6)}`] : []),
  ];
  return bounds.length > 0 ? [`trim=${bounds.join(":")}`] : [];
}

/** Begins to read at the key frame before the piece, where the container tells where that is; elsewhere all is read. */
export function seek(
  { media: { container } }: Pick<Burn, "media">,
  { from, startMs }: Pick<Piece, "from" | "startMs">,
): string[] {
  return from > 0 && isIndexed({ container }) ? ["-noaccurate_seek", "-ss", (startMs / 1000).toFixed(6)] : [];
}

/**
 * Containers that tell where their key frames are. Of the others the broadcast ones also count their times from the first stream that is
 * used, not from the first there is: a picture that is read without its sound would come too early.
 */
export const isIndexed = ({ container }: Pick<MediaInfo, "container">) => /\bmov\b|matroska/.test(container);

/** After how many frames each piece but the last is full. */
function cuts(pieces: readonly Piece[]): string[] {
  const from = pieces[0]?.from ?? 0;
  const full = pieces.slice(0, -1).map(({ to }) => to - from);
  return full.length > 0 ? ["-segment_frames", full.join(",")] : ["-segment_time", "1000000"];
}

/** What ffmpeg ends with where most of what it read could not be decoded (ffmpeg.c, max_error_rate). */
const mostlyErrors = 69;

function isDamaged({ exitCode, stderrTail }: ProcessFailed): boolean {
  return exitCode === mostlyErrors || stderrTail.some((line) => /Invalid data|Error while decoding|corrupt/i.test(line));
}
