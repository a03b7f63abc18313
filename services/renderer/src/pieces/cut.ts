import type { Picture } from "../picture.ts";

/** A stretch of the video that is encoded by itself: frames `from` up to, not including, `to`. */
export interface Piece {
  index: number;
  from: number;
  to: number;
  /** When its first frame is shown and when its last one is over, ms from the file's zero. */
  startMs: number;
  endMs: number;
}

/**
 * Cuts a picture into pieces of about 2 s, all of `pieceFrames` but the last: a fixed count needs no key frames of the source and is what
 * an encoder told to begin anew every so many frames cuts by itself. One piece where the picture is too short, or where its frames are
 * made anew or lie so close together that a time cannot tell them apart.
 */
export function cutIntoPieces(picture: Picture): Piece[] {
  const count = picture.frameTimesMs.length;
  const length = pieceFrames(picture.frameTimesMs);
  return cutAt(
    picture,
    Array.from({ length: Math.max(1, Math.ceil(count / length)) }, (_, index) => index * length),
  );
}

/**
 * Cuts a picture into a few stretches for an encoder that looks ahead and learns from each what the next may take: about as long as from one of
 * x264's own key frames to the next, or longer, and a short one at the end, since what is too large is mended there. A picture of a few
 * seconds stays whole.
 */
export function cutIntoStretches(picture: Picture): Piece[] {
  const count = picture.frameTimesMs.length;
  const short = Math.round(1.25 * pieceFrames(picture.frameTimesMs));
  const others = Math.min(mostStretches, Math.ceil((count - short) / mostFrames));
  if (count < 3 * short) return cutAt(picture, [0]);
  const starts = Array.from({ length: others }, (_, index) => Math.round((index * (count - short)) / others));
  return cutAt(picture, [...starts, count - short]);
}

function cutAt({ frameTimesMs, endMs, isResampled }: Picture, starts: readonly number[]): Piece[] {
  const count = frameTimesMs.length;
  const isSharp = starts.every((from) => from === 0 || gapMs(frameTimesMs, from) >= sharpMs);
  return (isResampled || !isSharp ? [0] : starts).map((from, index, all) => {
    const to = all[index + 1] ?? count;
    return { index, from, to, startMs: frameTimesMs[from] ?? 0, endMs: frameTimesMs[to] ?? endMs };
  });
}

/** How many frames a piece has: 2 s of the average, within what an encoder may reasonably be told. */
export function pieceFrames(frameTimesMs: readonly number[]): number {
  const [first = 0, last = 0] = [frameTimesMs[0], frameTimesMs.at(-1)];
  const fps = last > first ? ((frameTimesMs.length - 1) * 1000) / (last - first) : 30;
  return Math.min(Math.max(Math.round(fps * pieceSeconds), fewestFrames), mostFrames);
}

/** The moment that lies between a frame and the one before it, ms: where a decoder's picture is cut. */
export const before = (frameTimesMs: readonly number[], frame: number) =>
  ((frameTimesMs[frame - 1] ?? 0) + (frameTimesMs[frame] ?? 0)) / 2;

/** About what a word's cue lasts: an edit of one word touches one or two. */
const pieceSeconds = 2;
/** Each piece begins with a whole picture, which costs as much as some ten others. */
const fewestFrames = 12;
/** Where x264 begins anew by itself. */
const mostFrames = 250;
/** Each costs the start of a process. */
const mostStretches = 6;
/** A filter's time is cut to microseconds; frames nearer than this are not cut between. */
const sharpMs = 1;

const gapMs = (frameTimesMs: readonly number[], frame: number) => (frameTimesMs[frame] ?? 0) - (frameTimesMs[frame - 1] ?? 0);
