import { sampleRateHz } from "./pcm.ts";

/**
 * Finds out where a piece of audio was cut from, by the ups and downs of its loudness. That survives what a video does to
 * speech (another codec, another level, a cut, silence around it), and no two recordings share it for more than a second or two.
 */

/** The loudness of speech over time: root mean squares, 100 a second. */
export type Envelope = Float64Array;

export const stepMs = 10;
const samplesPerStep = (sampleRateHz * stepMs) / 1000;

export function envelopeOf(samples: Int16Array): Envelope {
  return Float64Array.from({ length: Math.floor(samples.length / samplesPerStep) }, (_, step) => {
    let sum = 0;
    for (let i = step * samplesPerStep; i < (step + 1) * samplesPerStep; i++) sum += (samples[i] ?? 0) ** 2;
    return Math.sqrt(sum / samplesPerStep);
  });
}

export interface Place {
  /** Where the piece begins in the whole, in ms; negative where something was put before the whole. */
  offsetMs: number;
  /** Normalised correlation (Pearson's) of the two over what they share: 1 is the same but for the level. */
  likeness: number;
}

/**
 * The most likely place of `piece` in `whole`: every shift at which they share at least `leastSharedMs`, or the whole of the
 * shorter one. Takes time in proportion to the product of their lengths: a minute in a minute, some 50 ms.
 */
export function findPiece(piece: Envelope, whole: Envelope, leastSharedMs = 3_000): Place {
  const least = Math.max(1, Math.min(piece.length, whole.length, leastSharedMs / stepMs));
  let best: Place = { offsetMs: 0, likeness: -1 };
  for (let shift = least - piece.length; shift <= whole.length - least; shift++) {
    const likeness = correlation(piece, whole, shift);
    if (likeness > best.likeness) best = { offsetMs: shift * stepMs, likeness };
  }
  return best;
}

/** Pearson's r of piece[i] and whole[i + shift], over the steps that both have. */
function correlation(piece: Envelope, whole: Envelope, shift: number): number {
  const from = Math.max(0, -shift);
  const to = Math.min(piece.length, whole.length - shift);
  const shared = to - from;
  let sumX = 0;
  let sumY = 0;
  let sumXX = 0;
  let sumYY = 0;
  let sumXY = 0;
  for (let i = from; i < to; i++) {
    const x = piece[i] ?? 0;
    const y = whole[i + shift] ?? 0;
    sumX += x;
    sumY += y;
    sumXX += x * x;
    sumYY += y * y;
    sumXY += x * y;
  }
  const spread = Math.sqrt((shared * sumXX - sumX * sumX) * (shared * sumYY - sumY * sumY));
  return spread > 0 ? (shared * sumXY - sumX * sumY) / spread : -1;
}
