/** Brings a video below the most bytes that it may have: pure. */

export interface Lasts {
  durationMs: number;
  soundBytes: number;
}

/** Whether excerpts that promise so many bytes a second promise that a result keeps to its most bytes. Where there were none, it may as well be tried. */
export function mayFit(bytesASecond: number | null, maxBytes: number, { durationMs, soundBytes }: Lasts): boolean {
  return bytesASecond === null || (bytesASecond * durationMs) / 1000 + soundBytes < maxBytes * promising;
}

/** A stretch of a video, and what it came to at the rate factors that were tried, the last one last. */
export interface Stretch {
  lastsMs: number;
  tried: Tried[];
}
type Tried = { crf: number; bytes: number };

/** What was last tried of a stretch. */
export const bytesOf = ({ tried }: Stretch) => tried.at(-1)?.bytes ?? 0;
export const crfOf = ({ tried }: Stretch) => tried.at(-1)?.crf ?? 0;

/** What is known before anything was tried. */
export interface Expected {
  /** Better than this nobody asked for. */
  finestCrf: number;
  /** What the video takes at a rate factor. */
  bytesASecond: number | null;
  atCrf: number;
  /** The logarithm of what a step of the rate factor takes off. */
  perStep: number | null;
}

/**
 * The finest rate factor at which stretches that are to be encoded promise to have no more than `bytes`, of those known by what each came
 * to; x264's worst that anybody wants where none does.
 */
export function fittingCrf(all: readonly Stretch[], toEncode: readonly Stretch[], bytes: number, expected: Expected): number {
  const { finestCrf } = expected;
  const known = all.filter(({ tried }) => tried.length > 0);
  const slopes = all.flatMap(slopeOf);
  const usualSlope = slopes.length > 0 ? sum(slopes) / slopes.length : Math.max(leastPerStep, expected.perStep ?? usualPerStep);
  const promised = (stretch: Stretch, crf: number): number => {
    const last = stretch.tried.at(-1);
    if (!last) return (bytesASecond(crf) * stretch.lastsMs) / 1000;
    return last.bytes * Math.exp(-(slopeOf(stretch)[0] ?? usualSlope) * (crf - last.crf));
  };
  const priorMs = expected.bytesASecond === null ? 0 : excerptsWorthMs;
  const bytesASecond = (crf: number): number => {
    const prior = (((expected.bytesASecond ?? 0) * priorMs) / 1000) * Math.exp(-usualSlope * (crf - expected.atCrf));
    const ms = priorMs + sum(known.map(({ lastsMs }) => lastsMs));
    return ms === 0 ? 0 : (1000 * (prior + sum(known.map((stretch) => promised(stretch, crf))))) / ms;
  };
  for (let tenths = Math.round(finestCrf * 10); tenths < worstCrf * 10; tenths++)
    if (sum(toEncode.map((stretch) => promised(stretch, tenths / 10))) <= bytes * promising) return tenths / 10;
  return worstCrf;
}

/** The logarithm of what a step of the rate factor took off a stretch, where it was tried at two. */
function slopeOf({ tried }: Stretch): number[] {
  const [last, before] = tried.toReversed();
  if (!last || !before || before.crf === last.crf) return [];
  return [Math.max(leastPerStep, Math.log(before.bytes / last.bytes) / (last.crf - before.crf))];
}

/** Beyond this x264's own pictures fall apart into blocks on a phone's screen. */
export const worstCrf = 36;
/** What excerpts promise is worth as much as what so long a stretch came to: they lie elsewhere, and are but a band. */
const excerptsWorthMs = 3000;
/** Of cartoons; grain loses up to 0.14, screens 0.07 (docs/measured.md). */
const usualPerStep = 0.1;
const leastPerStep = 0.02;
/** What is promised is off by some percent. */
const promising = 0.97;

const sum = (values: readonly number[]) => values.reduce((all, value) => all + value, 0);
