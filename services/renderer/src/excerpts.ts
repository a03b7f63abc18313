import { ffmpeg, userInput } from "@viralclaw/media/ffmpeg";
import type { MediaInfo } from "@viralclaw/media/probe";
import { type Burn, memoryBytes, seek, trim } from "./burn-in.ts";
import type { Encoder } from "./encoder.ts";
import type { Picture } from "./picture.ts";

/** What one encoder makes of some short excerpts of a picture: how near to it, and in how many bytes. */
export interface Made {
  /** Structural similarity of the luma, 0 to 1, as x264 measures it (8x8 windows, 4 pixels apart). */
  ssim: number;
  /** Over all three planes, dB. */
  psnr: number;
  /** Of a picture that is whole, and of one that is told by its difference: bytes, of the full frame. */
  keyBytes: number;
  otherBytes: number;
  frames: number;
}

/**
 * Encodes the middle of a few short excerpts with each of some encoders, as the picture is before captions are drawn on
 * it, and throws the result away. An encoder compares for itself what it was given with what it made of it.
 * Undefined where something could not be encoded: a damaged video is the render's to judge. Throws the signal's reason.
 */
export async function encodeExcerpts(
  { dir, source, media, picture }: Omit<Burn, "encoder">,
  encoders: readonly Encoder[],
  { threads, signal }: { threads: number; signal: AbortSignal },
): Promise<Made[] | undefined> {
  const all: Made[][] = [];
  const parts = stretches(media);
  for (const [index, { from, to }] of parts.entries()) {
    const log: string[] = [];
    const first = { from, startMs: media.frameTimesMs[from] ?? 0 };
    const filters = [
      ...trim(media.frameTimesMs, { from, to }),
      ...picture.filters,
      band(picture, (index + 1) / (parts.length + 1)),
      `split=${encoders.length}`,
    ].join(",");
    const each = encoders.map(({ filters }, output) => `[s${output}]${["null", ...filters].join(",")}[v${output}]`).join(";");
    const outputs = encoders.flatMap((encoder, output) => [
      ...["-map", `[v${output}]`, "-fps_mode", "passthrough", "-enc_time_base", "-1", "-c:v", "libx264", ...measuring(encoder)],
      ...["-threads", `${threads}`, "-f", "null", "-"],
    ]);
    const args = [
      ...["-copyts", "-start_at_zero", ...seek({ media }, first), ...userInput(source, ["-threads", `${threads}`])],
      ...[
        "-filter_complex",
        `[0:${media.video.stream_index}]${filters}${encoders.map((_, output) => `[s${output}]`).join("")};${each}`,
      ],
      ...outputs,
    ];
    try {
      const onLogLine = (line: string) => void log.push(line);
      await ffmpeg(args, { signal, cwd: dir, threads, memoryBytes, logLevel: "verbose", onLogLine });
    } catch {
      signal.throwIfAborted();
      return undefined;
    }
    all.push(readLog(log));
  }
  const isWhole = all.length > 0 && all.every(({ length }) => length === encoders.length);
  return isWhole
    ? encoders.map((_, index) => mean(all.map((made) => made[index]).filter((one) => one !== undefined)))
    : undefined;
}

/** Over excerpts, by their frames. */
function mean(some: readonly Made[]): Made {
  const frames = some.reduce((sum, one) => sum + one.frames, 0);
  const of = (value: (one: Made) => number) => some.reduce((sum, one) => sum + value(one) * one.frames, 0) / frames;
  return {
    ssim: of(({ ssim }) => ssim),
    psnr: of(({ psnr }) => psnr),
    keyBytes: of(({ keyBytes }) => keyBytes) * areaShare,
    otherBytes: of(({ otherBytes }) => otherBytes) * areaShare,
    frames,
  };
}

/** Has x264 tell at its end how near it came. */
function measuring({ arguments: args }: Encoder): string[] {
  const at = args.indexOf("-x264-params");
  if (at < 0) return [...args, "-x264-params", "psnr=1:ssim=1"];
  return args.map((arg, index) => (index === at + 1 ? `${arg}:psnr=1:ssim=1` : arg));
}

/** Each as far as the default preset looks ahead, which decides by what is to come: in a shorter one it would do worse than it does. */
const longestMs = 1500;
const mostExcerpts = 2;
/** The excerpts' own part of a video: of 8 s one and a half, of 16 s and more the most. */
const shareOfVideo = 0.19;
const fewestFrames = 6;

/** Which frames are looked at: evenly spread, none at the very beginning, where many videos fade in. */
function stretches({ frameTimesMs, videoEndMs, video }: MediaInfo): { from: number; to: number }[] {
  const lastsMs = videoEndMs - (frameTimesMs[0] ?? 0);
  const togetherMs = Math.min(lastsMs * shareOfVideo, mostExcerpts * longestMs);
  const count = Math.max(1, Math.ceil(togetherMs / longestMs));
  const frames = Math.max(fewestFrames, Math.round(((togetherMs / count) * video.fps) / 1000));
  return Array.from({ length: count }, (_, index) => {
    const from = Math.min(Math.floor(((index + 0.5) * frameTimesMs.length) / count), Math.max(0, frameTimesMs.length - frames));
    return { from, to: Math.min(from + frames, frameTimesMs.length) };
  });
}

/** A band of an eighth of the picture, each excerpt's at another height: an eighth of the encoder's work. */
const areaShare = 8;
const band = ({ frame }: Picture, part: number) =>
  `crop=${evenPart(frame.width, 2)}:${evenPart(frame.height, 4)}:(iw-ow)/2:2*floor((ih-oh)*${part}/2)`;
const evenPart = (pixels: number, by: number) => Math.min(pixels, Math.max(64, 2 * Math.round(pixels / by / 2)));

/**
 * What each encoder tells at its end, in the order of the outputs: lines such as `frame P:23 Avg QP:24.00 size: 41234 PSNR Mean Y:…`,
 * `SSIM Mean Y:0.9712345 (15.4db)` and `PSNR Mean Y:… Global:42.1`, behind `[libx264 @ 0x55…] [info] `.
 */
function readLog(lines: readonly string[]): Made[] {
  const told = new Map<string, string[]>();
  for (const line of lines) {
    const [, encoder, text] = /^\[libx264 @ (0x[0-9a-f]+)\] \[\w+\] (.*)/.exec(line) ?? [];
    if (!encoder || !text || !/^(frame [IPB]:|SSIM Mean|PSNR Mean)/.test(text)) continue;
    told.set(encoder, [...(told.get(encoder) ?? []), text]);
  }
  return [...told.values()].map(readOne).filter((one) => one !== undefined);
}

function readOne(lines: readonly string[]): Made | undefined {
  const find = (pattern: RegExp) => lines.map((line) => pattern.exec(line)?.[1]).find((value) => value !== undefined);
  const sizes = lines.flatMap((line) => {
    const [, type, count, bytes] = /^frame ([IPB]):(\d+)\s.*?size:\s*(\d+)/.exec(line) ?? [];
    return type ? [{ isKey: type === "I", count: Number(count), bytes: Number(bytes) }] : [];
  });
  const [ssim, psnr] = [find(/^SSIM Mean Y:([\d.]+)/), find(/^PSNR Mean .* Global:([\d.]+|inf)/)];
  if (!ssim || !psnr || sizes.length === 0) return undefined;
  const counted = (some: typeof sizes) => some.reduce((sum, { count }) => sum + count, 0);
  const average = (some: typeof sizes) =>
    some.reduce((sum, { count, bytes }) => sum + count * bytes, 0) / Math.max(1, counted(some));
  return {
    ssim: Number(ssim),
    psnr: psnr === "inf" ? losslessDb : Number(psnr),
    keyBytes: average(sizes.filter(({ isKey }) => isKey)),
    otherBytes: average(sizes.filter(({ isKey }) => !isKey)),
    frames: counted(sizes),
  };
}

/** A picture that came out as it went in has no noise to be compared with. */
const losslessDb = 100;
