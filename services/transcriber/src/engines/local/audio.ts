/** The rate every model of this engine was trained at, in Hz. */
export const sampleRateHz = 16_000;

/** A stretch of audio, in samples: from `start` up to, but not including, `end`. */
export type Span = { start: number; end: number };

/** Milliseconds to whole samples. */
export function msToSamples(ms: number): number {
  return Math.round((ms * sampleRateHz) / 1000);
}

/** Samples to milliseconds, not rounded. */
export function samplesToMs(samples: number): number {
  return (samples * 1000) / sampleRateHz;
}

/** How long all spans are together, in samples. */
export function totalLength(spans: readonly Span[]): number {
  return spans.reduce((sum, span) => sum + span.end - span.start, 0);
}

/** What of the spans lies within another. */
export function clip(spans: readonly Span[], within: Span): Span[] {
  return spans
    .map(({ start, end }) => ({ start: Math.max(start, within.start), end: Math.min(end, within.end) }))
    .filter(({ start, end }) => start < end);
}

/** The audio of a span; one shorter than `minSamples` is laid in the middle of silence. A view of `pcm` where that will do. */
export function cutOut(pcm: Float32Array, span: Span, minSamples = 0): Float32Array {
  const piece = pcm.subarray(span.start, span.end);
  if (piece.length >= minSamples) return piece;
  const padded = new Float32Array(minSamples);
  padded.set(piece, (minSamples - piece.length) >> 1);
  return padded;
}
