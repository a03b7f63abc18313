import type { Quality } from "@viralclaw/contracts/facts";

/** How the result is encoded: the one place where speed, size and quality are weighed against each other. */

/**
 * A way to encode the picture. `quick` holds one quantiser and keeps no account of what went before: a piece that is encoded by itself is,
 * bit for bit, what a pass over the whole video would have made of it. `small` looks ahead and takes twice the time for half the size.
 */
export type Encoding = { way: "quick"; qp: number } | { way: "small"; crf: number };

export interface EncoderOptions {
  threads: number;
  /** A piece's frames: the encoder begins anew after so many. `small` knows no pieces. */
  pieceFrames: number;
}

/**
 * H.264 that every phone and network plays. x264's preset is 92 % of a render's cost: ultrafast with CABAC takes a fifth of the default
 * preset's time. Motion of half a pixel, all intra blocks and transforms and the deblocking filter cost a tenth more, and take a third
 * off the size of a picture that is as good (docs/measured.md).
 */
export function videoEncoder(encoding: Encoding, { threads, pieceFrames }: EncoderOptions): string[] {
  return [
    ...["-c:v", "libx264", ...(encoding.way === "quick" ? quick(encoding.qp, pieceFrames) : small(encoding.crf))],
    ...["-pix_fmt", "yuv420p", "-threads", `${threads}`],
  ];
}

/** Every piece begins with a whole picture, and its headers fit any other piece's. */
export const quick = (qp: number, pieceFrames: number) => [
  ...["-preset", "ultrafast", "-qp", `${qp}`, "-x264-params"],
  `cabac=1:subme=1:analyse=i4x4,i8x8:8x8dct=1:deblock=0,0:keyint=${pieceFrames}:min-keyint=${pieceFrames}:scenecut=0:stitchable=1`,
];

export const small = (crf: number) => ["-preset", "veryfast", "-crf", `${crf}`];

/** What the picture is to be no worse than: x264's default preset at these rate factors, of which common tools use the second and the third. */
export const aims: Readonly<Record<Quality, readonly string[]>> = {
  fast: ["-preset", "medium", "-crf", "26"],
  balanced: ["-preset", "medium", "-crf", "23"],
  best: ["-preset", "medium", "-crf", "18"],
};

/** Sound that is AAC already is copied, bit for bit; mp4 players are not sure to play anything else. */
export function audioEncoder(codec: string): string[] {
  return codec === "aac" ? ["-c:a", "copy"] : ["-c:a", "aac", "-b:a", "160k"];
}

/** The index comes first, so that a player can begin before it has the whole file. Phones write where they were into metadata: none of it is kept. */
export const container = ["-map_metadata", "-1", "-map_chapters", "-1", "-movflags", "+faststart", "-f", "mp4"] as const;
