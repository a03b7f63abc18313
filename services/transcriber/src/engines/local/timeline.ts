import type { Word } from "@viralclaw/contracts/transcript";
import type { Timing } from "./align.ts";
import { type Span, samplesToMs, totalLength } from "./audio.ts";
import type { WrittenWord } from "./words.ts";

/** A word and when it is said, as far as it is known: in ms, with fractions, and perhaps overlapping its neighbours. */
export type RoughWord = WrittenWord & Timing;

/**
 * Makes words fit to be shown: whole milliseconds within the recording, in order, apart, none shorter than 20 ms (or, where there
 * is no room, than its share of the recording). Where two overlap, the first is cut short.
 */
export function settleTimes(words: readonly RoughWord[], durationMs: number): Word[] {
  const shortest = Math.max(1, Math.min(shortestWordMs, Math.floor(durationMs / words.length)));
  const starts: number[] = [];
  for (const [i, { startMs }] of words.entries()) {
    const earliest = i === 0 ? 0 : (starts[i - 1] ?? 0) + shortest;
    const latest = Math.floor(durationMs) - (words.length - i) * shortest;
    starts.push(Math.max(earliest, Math.min(Math.round(startMs), latest)));
  }
  return words.map(({ text, probability, endMs }, i) => {
    const start = starts[i] ?? 0;
    const end = Math.max(start + shortest, Math.min(Math.round(endMs), starts[i + 1] ?? Math.floor(durationMs)));
    return { text, start_ms: start, end_ms: end, confidence: Math.round(probability * 1000) / 1000 };
  });
}

/** Two frames of the aligner. */
const shortestWordMs = 20;

/** Puts words that have no time of their own (a dash, a sign that is not said) between their neighbours, or the chunk's ends. */
export function fillGaps(timings: readonly (Timing | null)[], chunk: Timing): Timing[] {
  const filled: Timing[] = [];
  for (const [i, timing] of timings.entries()) {
    const startMs = filled.at(-1)?.endMs ?? chunk.startMs;
    const next = timings.slice(i).find((other) => other !== null)?.startMs ?? chunk.endMs;
    filled.push(timing ?? { startMs, endMs: Math.max(startMs, next) });
  }
  return filled;
}

/** Without an alignment: shares the time in which somebody speaks among the words, by their letters. */
export function shareTime(words: readonly string[], speech: readonly Span[]): Timing[] {
  const weights = words.map(weightOf);
  const whole = weights.reduce((sum, weight) => sum + weight, 0);
  const spoken = totalLength(speech);
  let said = 0;
  return weights.map((weight) => {
    const startMs = speechTime(speech, (said / whole) * spoken);
    said += weight;
    return { startMs, endMs: speechTime(speech, (said / whole) * spoken) };
  });
}

/** How long a word takes beside others: its letters, and some more, since one of a single letter is not said five times as fast as one of five. */
export function weightOf(word: string): number {
  return word.replace(/[^\p{L}\p{N}]/gu, "").length + perWord;
}
const perWord = 1.5;

/** The time, in ms, at which so many samples of speech are over. */
function speechTime(speech: readonly Span[], samples: number): number {
  let left = samples;
  for (const { start, end } of speech) {
    if (left <= end - start) return samplesToMs(start + left);
    left -= end - start;
  }
  return samplesToMs(speech.at(-1)?.end ?? 0);
}
