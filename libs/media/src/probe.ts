import { access } from "node:fs/promises";
import { dirname } from "node:path";
import { DeclaredError } from "@viralclaw/contracts/errors";
import type { AudioInfo, VideoInfo } from "@viralclaw/contracts/facts";
import { FormatHeader, headerEntries, StreamHeader } from "./headers.ts";
import { packetBook, packetEntries, type StreamPackets } from "./packets.ts";
import { type Limit, limitOf, ProcessFailed } from "./process.ts";
import { type Candidate, chooseAudio, chooseVideo } from "./streams.ts";
import { type Told, tell } from "./told.ts";

/** What is in a user's file. Times are ms from the file's zero: the first thing that any of its streams shows or plays, as ffmpeg counts. */
export interface MediaInfo {
  /** ffmpeg's name of the container, such as "mov,mp4,m4a,3gp,3g2,mj2". */
  container: string;
  /** When the last picture or sound of the chosen streams is over. Counted from the packets, whatever the header says. */
  durationMs: number;
  video: VideoInfo;
  /** Null where there is no sound. */
  audio: AudioInfo | null;
  /** When each frame is shown, in order, not rounded. Where there are fewer than `frames`, the file holds more than is looked at. */
  frameTimesMs: number[];
  frames: number;
  /** When the last frame is over. */
  videoEndMs: number;
  /** The matrix that makes luma and chroma of colours, such as bt709, as ffmpeg names it; null where the file does not say. */
  colorMatrix: string | null;
  /** Pixels are not square: `video` tells the size after they are made so. */
  anamorphic: boolean;
  /** Of a frame as it is stored: what a decoder needs memory for. */
  storedPixels: number;
  /** How many frames a second ffmpeg takes the picture for when it has to make more of them; 0 where it does not know. */
  assumedFps: number;
  /** Sentences on what was chosen or does not fit, for the job's report. */
  notes: string[];
}

/**
 * Reads a user's file by ffprobe: its headers for what it claims to be, its packets for what it is.
 * Throws DeclaredError not_a_video where no picture can be read from it. No sound is no error here.
 */
export async function probe(file: string, { signal }: { signal: AbortSignal }): Promise<MediaInfo> {
  const options = { signal, cwd: dirname(file) };
  const { streams, format, packets } = await read(file, options);

  const candidates = streams.map((header) => ({ header, packets: packets.get(header.index) ?? nothing }));
  const picture = chooseVideo(candidates);
  if (!picture) throw new DeclaredError("not_a_video", { reason: "there is no picture in it" });
  if (!picture.chosen.header.codec_name || !picture.chosen.header.pix_fmt)
    throw new DeclaredError("not_a_video", { reason: "its picture is in a format that cannot be read" });
  const sound = chooseAudio(candidates);

  const zeroS = format.start_time ?? 0;
  const sinceZeroMs = (timeS: number) => (timeS - zeroS) * 1000;
  const video = picture.chosen;
  const endS = Math.max(video.packets.endS, sound?.chosen.packets.endS ?? Number.NEGATIVE_INFINITY);
  const durationMs = Math.round(sinceZeroMs(endS));

  return {
    container: format.format_name,
    durationMs,
    video: videoInfo(video, zeroS),
    audio: sound ? audioInfo(sound.chosen, zeroS) : null,
    frameTimesMs: video.packets.timesS.map(sinceZeroMs),
    frames: video.packets.count,
    videoEndMs: Math.round(sinceZeroMs(video.packets.endS)),
    colorMatrix: said(video.header.color_space),
    anamorphic: pixelAspect(video.header) !== 1,
    storedPixels: video.header.width * video.header.height,
    assumedFps: assumedFps(video.header),
    notes: [picture.note, sound?.note, lengthNote(format, durationMs)].filter((note) => typeof note === "string"),
  };
}

const nothing: StreamPackets = { timesS: [], count: 0, endS: 0 };

async function read(file: string, options: { signal: AbortSignal; cwd: string }) {
  await access(file);
  try {
    const streams = new Map<string | undefined, StreamHeader>();
    const formats: FormatHeader[] = [];
    const book = packetBook();
    const take = {
      packet: book.add,
      stream: (told: Told) => void streams.set(told.index, StreamHeader.parse(told)),
      format: (told: Told) => void formats.push(FormatHeader.parse(told)),
    };
    await tell(file, [packetEntries, ...headerEntries], take, options);
    return { streams: [...streams.values()], format: formats[0] ?? FormatHeader.parse({}), packets: book.streams() };
  } catch (error) {
    if (!(error instanceof ProcessFailed)) throw error;
    const limit = limitOf(error);
    // 1 is ffprobe's word for a file it cannot read; any other end that is not for one of its limits is our fault.
    if (limit === undefined && error.exitCode !== 1) throw error;
    throw new DeclaredError("not_a_video", { reason: limit ? broken[limit] : reasonOf(error) }, { cause: error });
  }
}

const broken: Record<Limit, string> = {
  time: "it takes too long to read",
  memory: "it takes too much memory to read",
  size: "it is damaged, or made to do harm",
  output: "it has too much in it beside the video",
  crash: "it is damaged, or made to do harm",
};

/** What ffprobe says, and what a person makes of it. */
const reasons: readonly (readonly [RegExp, string])[] = [
  [/Format not on whitelist/i, "it is not an mp4, mov, webm, mkv, avi, flv, wmv or MPEG file"],
  [/moov atom not found/i, "it is cut short: its index is missing"],
  [/Invalid data found/i, "it is damaged, or something else than a video"],
];

function reasonOf(error: ProcessFailed): string {
  const said = error.stderrTail.join("\n");
  return reasons.find(([pattern]) => pattern.test(said))?.[1] ?? "it could not be read";
}

/** What a codec is called that nothing here can read. */
export const unknownCodec = "unknown";

function videoInfo({ header, packets }: Candidate, zeroS: number): VideoInfo {
  const rotation = clockwise(header);
  const square = { width: Math.max(1, Math.round(header.width * pixelAspect(header))), height: header.height };
  const upright = rotation % 180 === 0 ? square : { width: square.height, height: square.width };
  return {
    stream_index: header.index,
    codec: header.codec_name ?? unknownCodec,
    ...upright,
    rotation,
    fps: framesPerSecond(header, packets),
    pixel_format: header.pix_fmt ?? "unknown",
    color_transfer: said(header.color_transfer),
    start_ms: Math.round(((packets.timesS[0] ?? zeroS) - zeroS) * 1000),
  };
}

function audioInfo({ header, packets }: Candidate, zeroS: number): AudioInfo {
  const startS = packets.timesS[0] ?? zeroS;
  return {
    stream_index: header.index,
    codec: header.codec_name ?? unknownCodec,
    start_ms: Math.round((startS - zeroS) * 1000),
    duration_ms: Math.max(0, Math.round((packets.endS - startS) * 1000)),
  };
}

/** ffprobe's word for what a file leaves out is "unknown". */
const said = (value: string | undefined) => (value && value !== "unknown" ? value : null);

/** The turn that makes the picture upright. ffprobe counts the display matrix's angle against the clock; players know quarter turns only. */
function clockwise({ rotation }: StreamHeader): 0 | 90 | 180 | 270 {
  return quarterTurns[(((Math.round(-rotation / 90) % 4) + 4) % 4) as 0 | 1 | 2 | 3];
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
  return rounded(ratio(avg_frame_rate) || 1);
}

/** As av_guess_frame_rate does it (libavformat/utils.c): the rate that fits all time stamps, unless it is far above the average. */
function assumedFps({ avg_frame_rate, r_frame_rate }: StreamHeader): number {
  const [average, fitting] = [ratio(avg_frame_rate), ratio(r_frame_rate)];
  return average > 0 && average < 70 && fitting > 210 ? average : fitting;
}

/** The value of "30000/1001"; 0 where it has none. */
function ratio(text = ""): number {
  const [over = 0, under = 0] = text.split("/").map(Number);
  return over > 0 && under > 0 ? over / under : 0;
}

const rounded = (fps: number) => Math.max(0.001, Math.round(fps * 1000) / 1000);

/** A header off by more than this is worth a note. */
const tellsTheTruthWithinMs = 1000;

function lengthNote(format: FormatHeader, durationMs: number): string | null {
  const claimedMs = (format.duration ?? 0) * 1000;
  if (claimedMs === 0 || Math.abs(claimedMs - durationMs) <= tellsTheTruthWithinMs) return null;
  return `The file claims to last ${(claimedMs / 1000).toFixed(1)} s; its packets last ${(durationMs / 1000).toFixed(1)} s.`;
}
