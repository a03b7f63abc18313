import type { Quality } from "@viralclaw/contracts/facts";

/** How the result is encoded: the one place where speed, size and quality are weighed against each other. */

/**
 * A way to encode the picture. The quick ones, `noisy` and `smooth`, take each frame's quantisers from nothing but itself and keep no account
 * of what went before, so that a piece that is encoded by itself is, bit for bit, what a pass over the whole video would have made of it. `noisy`
 * is the quickest and good for grain, of which nothing can be foretold; `smooth` looks for more, which takes a quarter to two thirds off the bytes
 * of a drawing or a screen. `small` looks ahead, and takes twice the time for half the size: it is
 * encoded in long stretches.
 */
export type Way = "noisy" | "smooth" | "small";

/** `quantiser` is x264's qp, of the quick ways, or its rate factor, of `small`. */
export interface Encoding {
  way: Way;
  quantiser: number;
}

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
  const { filters, arguments: way } = x264(encoding, pieceFrames);
  return { filters, arguments: ["-c:v", "libx264", ...way, "-pix_fmt", "yuv420p", "-threads", `${threads}`] };
}

/** x264's arguments for an encoding, and the filters that it needs. */
export const x264 = ({ way, quantiser }: Encoding, pieceFrames: number): Encoder =>
  ways[way](quantiser, `keyint=${pieceFrames}:min-keyint=${pieceFrames}:scenecut=0:stitchable=1`);

/**
 * x264's preset is 92 % of a render's cost: ultrafast takes a seventh of the default preset's time. `noisy` adds the deblocking filter and
 * motion of half a pixel, which takes a fifth off the size of a picture that is as good. `smooth` adds small intra blocks, CABAC and finer
 * quantisers where the picture is smooth. `small` looks as far ahead as the default preset does and spreads its quantisers less
 * than veryfast, which takes 3 to 5 % off (docs/measured.md). Every quick piece begins with a whole picture, and its headers fit any other's.
 *
 * x264 spreads quantisers only where it controls a rate, and then carries a running average of them from frame to frame. With qcomp and
 * ipratio 1 that average should never move, and of a power of two it does not by as much as a rounding error. So the rate of `smooth` is such a
 * one, and a region of interest as large as the picture shifts all blocks to where they are wanted.
 */
const ways: Readonly<Record<Way, (quantiser: number, pieces: string) => Encoder>> = {
  noisy: (qp, pieces) => ({
    filters: [],
    arguments: ["-preset", "ultrafast", "-qp", `${qp}`, "-x264-params", `subme=1:deblock=0,0:${pieces}`],
  }),
  smooth: (qp, pieces) => ({
    filters: [`addroi=0:0:iw:ih:qoffset=${(qp - steadyQp).toFixed(1)}/${qpRange}`],
    arguments: [
      ...["-preset", "ultrafast", "-crf", `${steadyQp}`, "-x264-params"],
      `cabac=1:subme=1:analyse=i4x4:deblock=0,0:aq-mode=1:aq-strength=0.7:qcomp=1:ipratio=1:mbtree=0:rc-lookahead=0:${pieces}`,
    ],
  }),
  small: (crf) => ({
    filters: [],
    arguments: ["-preset", "veryfast", "-crf", `${crf}`, "-x264-params", "rc-lookahead=40:aq-strength=0.4:stitchable=1"],
  }),
};

const steadyQp = 32;
/** Of 8 bits a sample: what ffmpeg multiplies a region's offset by. */
const qpRange = 51;

/** What the picture is to be no worse than: x264's default preset at these rate factors, of which common tools use the second and the third. */
export const aims: Readonly<Record<Quality, Encoder>> = {
  fast: { filters: [], arguments: ["-preset", "medium", "-crf", "26"] },
  balanced: { filters: [], arguments: ["-preset", "medium", "-crf", "23"] },
  best: { filters: [], arguments: ["-preset", "medium", "-crf", "18"] },
};

/** Sound that is AAC already is copied, bit for bit; mp4 players are not sure to play anything else. */
export function audioEncoder(codec: string): string[] {
  return codec === "aac" ? ["-c:a", "copy"] : ["-c:a", "aac", "-b:a", "160k"];
}

/** The index comes first, so that a player can begin before it has the whole file. Phones write where they were into metadata: none of it is kept. */
export const container = ["-map_metadata", "-1", "-map_chapters", "-1", "-movflags", "+faststart", "-f", "mp4"] as const;
