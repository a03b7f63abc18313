import { dirname } from "node:path";
import { DeclaredError } from "@viralclaw/contracts/errors";
import type { AudioInfo, VideoInfo } from "@viralclaw/contracts/facts";
import { type Headers, readHeaders, type StreamHeader } from "./headers.ts";
import { readPackets, type StreamPackets } from "./packets.ts";
import { ProcessFailed } from "./process.ts";
import { type Candidate, chooseAudio, chooseVideo } from "./streams.ts";

/** What is in a user's file. Times are ms from the file's zero: the first thing that any of its streams shows or plays, as ffmpeg counts. */
export interface MediaInfo {
  /** ffmpeg's name of the container, such as "mov,mp4,m4a,3gp,3g2,mj2". */
  container: string;
  /** When the last picture or sound of the chosen streams is over. Counted from the packets, whatever the header says. */
  durationMs: number;
  video: VideoInfo;
  /** Null where there is no sound. */
  audio: AudioInfo | null;
  /** When each frame is shown, in order, not rounded. */
  frameTimesMs: number[];
  /** When the last frame is over. */
  videoEndMs: number;
  /** Pixels are not square: `video` tells the size after they are made so. */
  anamorphic: boolean;
  /** Sentences on what was chosen or does not fit, for the job's report. */
  notes: string[];
}

/**
 * Reads a user's file by ffprobe: its headers for what it claims to be, its packets for what it is.
 * Throws DeclaredError not_a_video where no picture can be read from it. No sound is no error here.
 */
export async function probe(file: string, { signal }: { signal: AbortSignal }): Promise<MediaInfo> {
  const options = { signal, cwd: dirname(file) };
  const { headers, packets } = await read(file, options);

  const candidates = headers.streams.map((header) => ({ header, packets: packets.get(header.index) ?? nothing }));
  const picture = chooseVideo(candidates);
  if (!picture) throw new DeclaredError("not_a_video", { reason: "there is no picture in it" });
  if (!picture.chosen.header.codec_name || !picture.chosen.header.pix_fmt)
    throw new DeclaredError("not_a_video", { reason: "its picture is in a format that cannot be read" });
  const sound = chooseAudio(candidates);

  const zeroS = headers.format.start_time ?? 0;
  const sinceZeroMs = (timeS: number) => (timeS - zeroS) * 1000;
  const video = picture.chosen;
  const endS = Math.max(video.packets.endS, sound?.chosen.packets.endS ?? Number.NEGATIVE_INFINITY);
  const durationMs = Math.round(sinceZeroMs(endS));

  return {
    container: headers.format.format_name,
    durationMs,
    video: videoInfo(video, zeroS),
    audio: sound ? audioInfo(sound.chosen, zeroS) : null,
    frameTimesMs: video.packets.timesS.map(sinceZeroMs),
    videoEndMs: Math.round(sinceZeroMs(video.packets.endS)),
    anamorphic: pixelAspect(video.header) !== 1,
    notes: [picture.note, sound?.note, lengthNote(headers, durationMs)].filter((note) => typeof note === "string"),
  };
}

const nothing: StreamPackets = { timesS: [], endS: 0, bytes: 0 };

async function read(file: string, options: { signal: AbortSignal; cwd: string }) {
  try {
    return { headers: await readHeaders(file, options), packets: await readPackets(file, options) };
  } catch (error) {
    // 1 is ffprobe's word for a file it cannot read; any other end, or a file that is not there, is our fault.
    const isUnreadable =
      error instanceof ProcessFailed && error.exitCode === 1 && !/No such file/.test(error.stderrTail.join("\n"));
    if (!isUnreadable) throw error;
    throw new DeclaredError("not_a_video", { reason: reasonOf(error) }, { cause: error });
  }
}

/** What ffprobe says, and what a person makes of it. */
const reasons: readonly (readonly [RegExp, string])[] = [
  [/not on whitelist/i, "it is not an mp4, mov, webm, mkv, avi, flv, wmv or MPEG file"],
  [/moov atom not found/i, "it is cut short: its index is missing"],
  [/Invalid data found/i, "it is damaged, or something else than a video"],
];

function reasonOf(error: ProcessFailed): string {
  const said = error.stderrTail.join("\n");
  return reasons.find(([pattern]) => pattern.test(said))?.[1] ?? "it could not be read";
}

function videoInfo({ header, packets }: Candidate, zeroS: number): VideoInfo {
  const rotation = clockwise(header);
  const square = { width: Math.max(1, Math.round(header.width * pixelAspect(header))), height: header.height };
  const upright = rotation % 180 === 0 ? square : { width: square.height, height: square.width };
  return {
    stream_index: header.index,
    codec: header.codec_name ?? "unknown",
    ...upright,
    rotation,
    fps: framesPerSecond(header, packets),
    pixel_format: header.pix_fmt ?? "unknown",
    color_transfer: header.color_transfer && header.color_transfer !== "unknown" ? header.color_transfer : null,
    start_ms: Math.round(((packets.timesS[0] ?? zeroS) - zeroS) * 1000),
  };
}

function audioInfo({ header, packets }: Candidate, zeroS: number): AudioInfo {
  const startS = packets.timesS[0] ?? zeroS;
  return {
    stream_index: header.index,
    codec: header.codec_name ?? "unknown",
    start_ms: Math.round((startS - zeroS) * 1000),
    duration_ms: Math.max(0, Math.round((packets.endS - startS) * 1000)),
  };
}

/** The turn that makes the picture upright. ffprobe counts the display matrix's angle against the clock; players know quarter turns only. */
function clockwise({ side_data_list }: StreamHeader): 0 | 90 | 180 | 270 {
  const angle = side_data_list.find(({ rotation }) => rotation !== undefined)?.rotation ?? 0;
  return quarterTurns[(((Math.round(-angle / 90) % 4) + 4) % 4) as 0 | 1 | 2 | 3];
}

const quarterTurns = [0, 90, 180, 270] as const;

/** Width of a pixel over its height; 1 where it is not known or makes no sense. */
function pixelAspect({ sample_aspect_ratio }: StreamHeader): number {
  const [x = 0, y = 0] = (sample_aspect_ratio ?? "").split(":").map(Number);
  const aspect = x / y;
  return aspect > minPixelAspect && aspect < 1 / minPixelAspect ? aspect : 1;
}

/** Real ones (DV, DVD, anamorphic HD and lenses) lie between 1:2 and 2:1; four times out of square is an error of the file. */
const minPixelAspect = 0.25;

/** Counted over the frames' times; a single frame has the rate its header claims, or one a second. */
function framesPerSecond({ avg_frame_rate }: StreamHeader, { timesS }: StreamPackets): number {
  const [first = 0, last = 0] = [timesS[0], timesS.at(-1)];
  if (timesS.length > 1 && last > first) return rounded((timesS.length - 1) / (last - first));
  const [frames = 0, seconds = 0] = (avg_frame_rate ?? "").split("/").map(Number);
  return frames > 0 && seconds > 0 ? rounded(frames / seconds) : 1;
}

const rounded = (fps: number) => Math.max(0.001, Math.round(fps * 1000) / 1000);

/** A header off by more than this is worth a note. */
const tellsTheTruthWithinMs = 1000;

function lengthNote({ format }: Headers, durationMs: number): string | null {
  const claimedMs = (format.duration ?? 0) * 1000;
  if (claimedMs === 0 || Math.abs(claimedMs - durationMs) <= tellsTheTruthWithinMs) return null;
  return `The file claims to last ${(claimedMs / 1000).toFixed(1)} s; its packets last ${(durationMs / 1000).toFixed(1)} s.`;
}
