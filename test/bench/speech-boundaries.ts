import type { TimedWord } from "./speech-corpus.ts";
import { pairWords } from "./speech-errors.ts";
import { scoredWords } from "./speech-words.ts";

/** How far a word's start and end are from where they should be, in ms; null where the word was not heard. */
export type BoundaryError = { word: string; startMs: number; endMs: number } | null;

/** A recognised word, as the transcript has it. */
export type HeardWord = { text: string; start_ms: number; end_ms: number };

/**
 * The boundary error of each word that was timed by hand. Words are paired as for the word error rate, and one that was heard as
 * another counts: its caption is shown at that time. Of a word that is several when scored ("25"), the outer boundaries are taken.
 */
export function boundaryErrors(timed: readonly TimedWord[], heard: readonly HeardWord[]): BoundaryError[] {
  const [said, recognised] = [
    timed.flatMap(({ word }, owner) => owned(word, owner)),
    heard.flatMap(({ text }, owner) => owned(text, owner)),
  ];
  const pairs = pairWords(
    said.map(({ word }) => word),
    recognised.map(({ word }) => word),
  );
  return timed.map(({ word, startMs, endMs }, owner) => {
    const partners = pairs.flatMap((pair) =>
      pair.said !== null && pair.heard !== null && said[pair.said]?.owner === owner ? [recognised[pair.heard]?.owner] : [],
    );
    const [first, last] = [heard[partners[0] ?? -1], heard[partners.at(-1) ?? -1]];
    return first && last ? { word, startMs: first.start_ms - startMs, endMs: last.end_ms - endMs } : null;
  });
}

function owned(text: string, owner: number): { word: string; owner: number }[] {
  return scoredWords(text).map((word) => ({ word, owner }));
}
