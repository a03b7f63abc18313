import type { Quality } from "@viralclaw/contracts/facts";

/** How the result is encoded: the one place where speed, size and quality are weighed against each other. */

/**
 * The quick ways: what is encoded by one of them takes its quantiser from `qp` alone and keeps no account of what went before, so that a
 * piece that is encoded by itself is, bit for bit, what a pass over the whole video would have made of it. `noisy` is the quickest and good
 * for grain, of which nothing can be foretold; `smooth` looks for more, which saves a quarter to three quarters of the bytes of a drawing or a screen.
 */
export type QuickWay = "noisy" | "smooth";

/** A way to encode the picture. `small` looks ahead and takes twice the time for half the size. */
export type Encoding = { way: QuickWay; qp: number } | { way: "small"; crf: number };

/** ffmpeg's filters before the encoder, and its arguments of it. */
export interface Encoder {
  filters: readonly string[];
  arguments: readonly string[];
}

export interface EncoderOptions {
  threads: number;
  /** A piece's frames: the encoder begins anew after so many. `small` knows no pieces. */
  pieceFrames: number;
}

/** H.264 that every phone and network plays. */
export function videoEncoder(encoding: Encoding, { threads, pieceFrames }: EncoderOptions): Encoder {
  const { filters, arguments: way } =
    encoding.way === "small" ? preset("veryfast", encoding.crf) : quick(encoding.way, encoding.qp, pieceFrames);
  return { filters, arguments: ["-c:v", "libx264", ...way, "-pix_fmt", "yuv420p", "-threads", `${threads}`] };
}

/**
 * x264's preset is 92 % of a render's cost: ultrafast takes a seventh of the default preset's time. `noisy` adds the deblocking filter and
 * motion of half a pixel, which takes a fifth off the size of a picture that is as good. `smooth` adds small intra blocks, CABAC and finer
 * quantisers where the picture is smooth (docs/measured.md). Every piece begins with a whole picture, and its headers fit any other piece's.
 *
 * x264 spreads quantisers only where it controls a rate, and then carries a running average of them from frame to frame. With qcomp and
 * ipratio 1 that average should never move, and of a power of two it does not by as much as a rounding error. So the rate is such a
 * one, and a region of interest as large as the picture shifts all blocks to where they are wanted.
 */
export function quick(way: QuickWay, qp: number, pieceFrames: number): Encoder {
  const pieces = `keyint=${pieceFrames}:min-keyint=${pieceFrames}:scenecut=0:stitchable=1`;
  const ways: Record<QuickWay, Encoder> = {
    noisy: {
      filters: [],
      arguments: ["-preset", "ultrafast", "-qp", `${Math.round(qp)}`, "-x264-params", `subme=1:deblock=0,0:${pieces}`],
    },
    smooth: {
      filters: [`addroi=0:0:iw:ih:qoffset=${(qp - steadyQp).toFixed(1)}/${qpRange}`],
      arguments: [
        ...["-preset", "ultrafast", "-crf", `${steadyQp}`, "-x264-params"],
        `cabac=1:subme=1:analyse=i4x4:deblock=0,0:aq-mode=1:aq-strength=0.7:qcomp=1:ipratio=1:mbtree=0:rc-lookahead=0:${pieces}`,
      ],
    },
  };
  return ways[way];
}

const steadyQp = 32;
/** Of 8 bits a sample: what ffmpeg multiplies a region's offset by. */
const qpRange = 51;

/** One of x264's own presets at a rate factor. */
function preset(name: "veryfast" | "medium", crf: number): Encoder {
  return { filters: [], arguments: ["-preset", name, "-crf", `${crf}`] };
}

/** What the picture is to be no worse than: x264's default preset at these rate factors, of which common tools use the second and the third. */
export const aims: Readonly<Record<Quality, Encoder>> = {
  fast: preset("medium", 26),
  balanced: preset("medium", 23),
  best: preset("medium", 18),
};

/** Sound that is AAC already is copied, bit for bit; mp4 players are not sure to play anything else. */
export function audioEncoder(codec: string): string[] {
  return codec === "aac" ? ["-c:a", "copy"] : ["-c:a", "aac", "-b:a", "160k"];
}

/** The index comes first, so that a player can begin before it has the whole file. Phones write where they were into metadata: none of it is kept. */
export const container = ["-map_metadata", "-1", "-map_chapters", "-1", "-movflags", "+faststart", "-f", "mp4"] as const;
