import { DeclaredError } from "@viralclaw/contracts/errors";
import type { NotHeard, TimingSource, Word } from "@viralclaw/contracts/transcript";
import type { Wording } from "@viralclaw/contracts/wording";
import type { WordAligner } from "./engines/engine.ts";
import { msToSamples } from "./engines/local/audio.ts";
import type { KnownWords } from "./engines/local/place.ts";
import type { PlacedWord } from "./engines/local/script.ts";
import { settleTimes, shareTime } from "./engines/local/timeline.ts";
import { notHeard } from "./not-heard.ts";
import type { Speech } from "./speech.ts";

type Own = NonNullable<Wording["words"]>;

export interface OwnWordsOptions {
  /** ISO 639-1. */
  language: string;
  /** Of the video, and when its sound begins in it. */
  durationMs: number;
  soundStartMs: number;
  aligner: WordAligner;
  /** Who can say what is heard in the sound, on its clock; asked in turn until the text is what one heard. */
  listeners: readonly ((speech: Speech) => Promise<readonly Word[]>)[];
  /** The sound, where there is any; asked for only if it is needed. */
  speech: () => Promise<Speech | undefined>;
  signal: AbortSignal;
  onProgress?: (fraction: number) => void;
}

export type OwnWords = { words: Word[]; timing_source: TimingSource; not_heard?: NotHeard[] };

/**
 * Gives a customer's own words their times on the video's clock. Words that have times keep them. Those of cues are laid on the
 * speech within each cue where the aligner knows the language, else spread over it by length. Text is laid on what a recogniser
 * hears, in any language that one can hear: what nobody says is placed between, or left out where there is no room, and told in
 * `not_heard`. Text that is not what is said is spread by length. Throws words_after_end, which names the word or the line.
 */
export async function timeOwnWords(own: Own, options: OwnWordsOptions): Promise<OwnWords> {
  if (own.kind === "words") return { words: within(own.words, options.durationMs), timing_source: "customer" };
  if (own.kind === "cues") refuseLateCues(own.cues, options.durationMs);
  const speech = own.kind === "text" || options.aligner.knows(options.language) ? await options.speech() : undefined;
  const { texts, placed, isCompared } =
    own.kind === "text" ? await placeText(own.words, speech, options) : await placeCues(own.cues, speech, options);
  const shown = texts.flatMap((text, i) => (placed[i]!.how === "left_out" ? [] : [{ text, probability: 1, ...placed[i]! }]));
  const count = (how: PlacedWord["how"]) => placed.filter((word) => word.how === how).length;
  return {
    words: settleTimes(shown, options.durationMs),
    timing_source: count("aligned") > count("spread") ? "aligned" : "spread",
    ...(isCompared ? { not_heard: notHeard(texts, placed) } : {}),
  };
}

/** As given, but none beyond the end: a last word that is held too long is cut. */
function within(words: readonly Word[], durationMs: number): Word[] {
  for (const [i, { start_ms }] of words.entries()) refuseLate(`words.${i}`, start_ms, durationMs);
  return words.map((word) => ({ ...word, end_ms: Math.min(word.end_ms, durationMs) }));
}

function refuseLate(what: string, start_ms: number, durationMs: number): void {
  if (start_ms >= durationMs) throw new DeclaredError("words_after_end", { what, start_ms, duration_ms: durationMs });
}

function refuseLateCues(cues: Extract<Own, { kind: "cues" }>["cues"], durationMs: number): void {
  for (const { line, start_ms } of cues) refuseLate(`line ${line}`, start_ms, durationMs);
}

/** Words, the place of each on the video's clock, and whether they were compared with what is said. */
type Found = { texts: readonly string[]; placed: PlacedWord[]; isCompared: boolean };

async function placeText(texts: string[], speech: Speech | undefined, options: OwnWordsOptions): Promise<Found> {
  if (!speech) return { texts, placed: spread([{ words: texts, startMs: 0, endMs: options.durationMs }]), isCompared: false };
  let found: PlacedWord[] | undefined;
  for (const listen of options.listeners) {
    const heard = (await listen(speech)).map(({ text, start_ms, end_ms }) => ({ text, startMs: start_ms, endMs: end_ms }));
    if (heard.length === 0) continue;
    found = await placeOnSound(speech, { kind: "text", words: texts, heard }, options);
    if (found.some(({ how }) => how === "aligned")) break;
  }
  const placed = found ?? (await placeOnSound(speech, { kind: "text", words: texts, heard: [] }, options));
  return { texts, placed, isCompared: found !== undefined };
}

async function placeCues(
  own: Extract<Own, { kind: "cues" }>["cues"],
  speech: Speech | undefined,
  options: OwnWordsOptions,
): Promise<Found> {
  const { durationMs, soundStartMs } = options;
  const cues = own.map(({ words, start_ms, end_ms }) => ({ words, startMs: start_ms, endMs: Math.min(end_ms, durationMs) }));
  const onSound = cues.map((cue) => shifted(cue, -soundStartMs));
  const placed = speech ? await placeOnSound(speech, { kind: "cues", cues: onSound }, options) : spread(cues);
  return { texts: own.flatMap(({ words }) => words), placed, isCompared: false };
}

/** The aligner works on the clock of the sound. */
async function placeOnSound(speech: Speech, known: KnownWords, { aligner, soundStartMs, signal, onProgress }: OwnWordsOptions) {
  const placed = await aligner.place(speech, known, { signal, onProgress });
  return placed.map((word) => shifted(word, soundStartMs));
}

function spread(cues: readonly { words: string[]; startMs: number; endMs: number }[]): PlacedWord[] {
  return cues.flatMap(({ words, startMs, endMs }) =>
    shareTime(words, [{ start: msToSamples(startMs), end: msToSamples(endMs) }]).map((timing) => ({
      ...timing,
      how: "spread" as const,
    })),
  );
}

const shifted = <T extends { startMs: number; endMs: number }>(timing: T, byMs: number): T => ({
  ...timing,
  startMs: timing.startMs + byMs,
  endMs: timing.endMs + byMs,
});
