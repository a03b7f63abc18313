/** A stretch of audio in samples, `end` not included. */
export interface Piece {
  start: number;
  end: number;
}

/**
 * Cuts audio that is longer than `maxMs` where nobody speaks: at the quietest fifth of a second of the later half of what still
 * fits. The pieces follow each other without a gap. Where music never falls silent, the quietest moment is still the best one,
 * which a threshold of silence would not find.
 */
export function cutAtPauses(samples: Int16Array, { maxMs, rateHz }: { maxMs: number; rateHz: number }): Piece[] {
  const longest = Math.floor((maxMs * rateHz) / 1000);
  const pieces: Piece[] = [];
  let start = 0;
  while (samples.length - start > longest) {
    const cut = quietest(samples, start + (longest >> 1), start + longest, Math.round((pauseMs * rateHz) / 1000));
    pieces.push({ start, end: cut });
    start = cut;
  }
  if (start < samples.length || pieces.length === 0) pieces.push({ start, end: samples.length });
  return pieces;
}

/** Shorter silences are stops within a word (t, k, p). */
const pauseMs = 200;

/** The middle of the window of `width` samples with the least energy, of those between `from` and `to`; of equal ones the last. */
function quietest(samples: Int16Array, from: number, to: number, width: number): number {
  let energy = 0;
  let least = Number.POSITIVE_INFINITY;
  let best = to;
  for (let i = from; i < to; i++) {
    energy += (samples[i] ?? 0) ** 2;
    const begin = i - width + 1;
    if (begin < from) continue;
    if (energy <= least) {
      least = energy;
      best = begin + (width >> 1);
    }
    energy -= (samples[begin] ?? 0) ** 2;
  }
  return best;
}
