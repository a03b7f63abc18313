import { DeclaredError } from "@viralclaw/contracts/errors";
import type { TimingSource, Word } from "@viralclaw/contracts/transcript";
import type { Wording } from "@viralclaw/contracts/wording";
import type { WordAligner } from "./engines/engine.ts";
import { msToSamples } from "./engines/local/audio.ts";
import type { KnownWords, Placed } from "./engines/local/place.ts";
import { settleTimes, shareTime } from "./engines/local/timeline.ts";
import type { Speech } from "./speech.ts";

type Own = NonNullable<Wording["words"]>;

export interface OwnWordsOptions {
  /** ISO 639-1. */
  language: string;
  /** Of the video, and when its sound begins in it. */
  durationMs: number;
  soundStartMs: number;
  aligner: WordAligner;
  /** The sound, where there is any; asked for only if it is needed. */
  speech: () => Promise<Speech | undefined>;
  signal: AbortSignal;
  onProgress?: (fraction: number) => void;
}

/**
 * Gives a customer's own words their times on the video's clock; nothing is recognised. Words that have times keep them. Those
 * of cues are laid on the speech within each cue, text on all of it, where the aligner knows the language; else they are spread
 * by length. Throws words_after_end, which names the word or the line.
 */
export async function timeOwnWords(own: Own, options: OwnWordsOptions): Promise<{ words: Word[]; timing_source: TimingSource }> {
  if (own.kind === "words") return { words: within(own.words, options.durationMs), timing_source: "customer" };
  const known = knownWords(own, options);
  const placed = await place(known, options);
  const texts = known.kind === "text" ? known.words : known.cues.flatMap(({ words }) => words);
  const rough = texts.map((text, i) => ({ text, probability: 1, ...(placed[i] ?? nowhere) }));
  const aligned = placed.filter((word) => word.aligned).length;
  return {
    words: settleTimes(rough, options.durationMs),
    timing_source: aligned * 2 > placed.length ? "aligned" : "spread",
  };
}

const nowhere = { startMs: 0, endMs: 0 };

/** As given, but none beyond the end: a last word that is held too long is cut. */
function within(words: readonly Word[], durationMs: number): Word[] {
  for (const [i, { start_ms }] of words.entries()) refuseLate(`words.${i}`, start_ms, durationMs);
  return words.map((word) => ({ ...word, end_ms: Math.min(word.end_ms, durationMs) }));
}

function refuseLate(what: string, start_ms: number, durationMs: number): void {
  if (start_ms >= durationMs) throw new DeclaredError("words_after_end", { what, start_ms, duration_ms: durationMs });
}

function knownWords(own: Exclude<Own, { kind: "words" }>, { language, durationMs, aligner }: OwnWordsOptions): KnownWords {
  if (own.kind === "text") return { kind: "text", words: own.words, align: aligner.knows(language) };
  for (const { line, start_ms } of own.cues) refuseLate(`line ${line}`, start_ms, durationMs);
  const cues = own.cues.map(({ words, start_ms, end_ms }) => ({
    words,
    startMs: start_ms,
    endMs: Math.min(end_ms, durationMs),
  }));
  return { kind: "cues", cues };
}

/** On the video's clock; the aligner works on that of the sound. */
async function place(known: KnownWords, options: OwnWordsOptions): Promise<Placed> {
  const { language, durationMs, soundStartMs, aligner, signal, onProgress } = options;
  const asksAligner = known.kind === "text" || aligner.knows(language);
  const speech = asksAligner ? await options.speech() : undefined;
  if (!speech) return spread(known, durationMs);
  const onSound = known.kind === "text" ? known : { ...known, cues: known.cues.map((cue) => shifted(cue, -soundStartMs)) };
  const placed = await aligner.place(speech, onSound, { signal, onProgress });
  return placed.map((word) => shifted(word, soundStartMs));
}

function spread(known: KnownWords, durationMs: number): Placed {
  const cues = known.kind === "text" ? [{ words: known.words, startMs: 0, endMs: durationMs }] : known.cues;
  return cues.flatMap(({ words, startMs, endMs }) =>
    shareTime(words, [{ start: msToSamples(startMs), end: msToSamples(endMs) }]).map((timing) => ({ ...timing, aligned: false })),
  );
}

const shifted = <T extends { startMs: number; endMs: number }>(timing: T, byMs: number): T => ({
  ...timing,
  startMs: timing.startMs + byMs,
  endMs: timing.endMs + byMs,
});
