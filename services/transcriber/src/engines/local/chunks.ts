import { msToSamples, type Span } from "./audio.ts";
import { windowSamples } from "./vad.ts";

/** How speech is cut for the recogniser, in samples. */
export type Cutting = { maxLength: number; pauseThatParts: number };

/**
 * Cuts speech into chunks that the recogniser reads one at a time: neighbouring spans together, for context, but none longer
 * than `maxLength`. It parts at pauses, the longest first; where somebody speaks on without one, at the window that sounds
 * least like speech. The chunks are in order, do not overlap and leave no speech out.
 */
export function cutIntoChunks(spans: readonly Span[], probabilities: Float32Array, cutting = defaultCutting): Span[] {
  return groupByPause(spans, cutting.pauseThatParts).flatMap((group) => cutGroup(group, probabilities, cutting.maxLength));
}

/** The chunk at `i` and up to `margin` of the audio around it: as far as there is audio, and half the way to the next chunk. */
export function withMargin(chunks: readonly Span[], i: number, margin: number, totalSamples: number): Span {
  const [before, chunk = { start: 0, end: 0 }, after] = [chunks[i - 1], chunks[i], chunks[i + 1]];
  const earliest = before ? Math.ceil((before.end + chunk.start) / 2) : 0;
  const latest = after ? Math.floor((chunk.end + after.start) / 2) : totalSamples;
  return { start: Math.max(earliest, chunk.start - margin), end: Math.min(latest, chunk.end + margin) };
}

/**
 * The model was trained on 4 to 30 seconds (https://arxiv.org/abs/2410.15608, section 3.2). The longer the chunk, the more context,
 * but the likelier it skips a sentence or goes round in circles. Two seconds of silence are the end of a thought.
 */
const defaultCutting: Cutting = { maxLength: msToSamples(16_000), pauseThatParts: msToSamples(2_000) };

function groupByPause(spans: readonly Span[], pause: number): Span[][] {
  const groups: Span[][] = [];
  let end = Number.NEGATIVE_INFINITY;
  for (const span of spans) {
    if (span.start - end > pause) groups.push([]);
    groups.at(-1)?.push(span);
    end = span.end;
  }
  return groups;
}

function cutGroup(group: readonly Span[], probabilities: Float32Array, maxLength: number): Span[] {
  const [first, last] = [group[0], group.at(-1)];
  if (!first || !last) return [];
  const whole = { start: first.start, end: last.end };
  if (whole.end - whole.start <= maxLength) return [whole];
  const parts = group.length > 1 ? partAtPause(group, whole) : partWithinSpeech(first, probabilities, maxLength);
  return parts.flatMap((part) => cutGroup(part, probabilities, maxLength));
}

/** A pause counts for its length, and up to four times as much in the middle as at an end: halves of a like size keep their context. */
function partAtPause(group: readonly Span[], whole: Span): Span[][] {
  const worth = (next: Span, i: number) => {
    const before = group[i - 1];
    if (!before) return Number.NEGATIVE_INFINITY;
    const shorterSide = Math.min(next.start - whole.start, whole.end - before.end) / (whole.end - whole.start);
    return (next.start - before.end) * (endWorth + shorterSide);
  };
  const cut = indexOfLargest(group.map(worth));
  return [group.slice(0, cut), group.slice(cut)];
}

const endWorth = 0.3;

/** Looks for the cut in the later part of the first chunk, so that neither part is a scrap. */
function partWithinSpeech(span: Span, probabilities: Float32Array, maxLength: number): Span[][] {
  const length = span.end - span.start;
  const from = Math.floor((span.start + Math.min(0.4 * length, 0.5 * maxLength)) / windowSamples);
  const to = Math.floor((span.start + Math.min(0.9 * length, maxLength)) / windowSamples);
  const leastLikeSpeech = from + indexOfLargest(Array.from(probabilities.subarray(from, to), (probability) => -probability));
  const cut = leastLikeSpeech * windowSamples + windowSamples / 2;
  return [[{ start: span.start, end: cut }], [{ start: cut, end: span.end }]];
}

/** Of equal values the first; 0 where there is none. */
function indexOfLargest(values: readonly number[]): number {
  let best = 0;
  let largest = Number.NEGATIVE_INFINITY;
  for (const [i, value] of values.entries()) {
    if (value > largest) {
      largest = value;
      best = i;
    }
  }
  return best;
}
