import type { Entry } from "./dictionary.ts";

/** Which letters stand for which phones: "box" has the parts "B", "AA" and "K S", one a letter, some of them empty. */
export type Aligned = { word: string; parts: string[] };

/**
 * Aligns the letters of words with their phones, none to two a letter, by expectation maximisation where each word counts by its
 * likeliest alignment (Damper, Marchand, Marsters and Bazin, "Aligning text and phonemes for speech technology applications using
 * an EM-like algorithm", 2005). Words with other characters than a to z and ', or with too many phones for their letters, are left out.
 */
export function alignSpelling(entries: readonly Entry[]): Aligned[] {
  const usable = entries.filter(
    ({ word, phones }) => /^[a-z']{2,}$/.test(word) && phones.length <= word.length * maxPhonesPerLetter,
  );
  const sample = usable.filter((_, i) => i % sampleEvery === 0);
  let score: Score = firstGuess;
  for (let round = 0; round < rounds; round++) score = countPairs(sample.flatMap((entry) => alignWord(entry, score) ?? []));
  return usable.flatMap((entry) => alignWord(entry, score) ?? []);
}

/** An "x" is two phones; three for a letter are too rare. */
const maxPhonesPerLetter = 2;

/** The alignment settles after a few rounds over a few words; all of them and more change nothing. */
const rounds = 4;
const sampleEvery = 6;

/** The logarithm of the probability that a letter stands for a part. */
type Score = (letter: string, part: string) => number;

/** Any one phone is as good as another at first, or none; two are rare. */
const firstGuess: Score = (_, part) => (part.includes(" ") ? -7 : -4);

/** Counts which parts the letters stand for. A part that a letter never stood for keeps the first guess. */
function countPairs(aligned: readonly Aligned[]): Score {
  const counts = new Map<string, Map<string, number>>();
  for (const { word, parts } of aligned) {
    for (const [i, part] of parts.entries()) {
      const ofLetter = counts.get(word.charAt(i)) ?? new Map<string, number>();
      counts.set(word.charAt(i), ofLetter.set(part, (ofLetter.get(part) ?? 0) + 1));
    }
  }
  for (const ofLetter of counts.values()) {
    const total = [...ofLetter.values()].reduce((sum, count) => sum + count, 0);
    for (const [part, count] of ofLetter) ofLetter.set(part, Math.log(count / total));
  }
  return (letter, part) => counts.get(letter)?.get(part) ?? firstGuess(letter, part);
}

/** The likeliest alignment (Viterbi), letter by letter; null where there is none. */
function alignWord({ word, phones }: Entry, score: Score): Aligned | null {
  let best = phones.map(() => Number.NEGATIVE_INFINITY);
  best.unshift(0);
  const taken: number[][] = [];
  for (const letter of word) {
    const next: number[] = [];
    const took: number[] = [];
    for (let said = 0; said <= phones.length; said++) {
      let [highest, count] = [Number.NEGATIVE_INFINITY, 0];
      for (let k = 0; k <= Math.min(maxPhonesPerLetter, said); k++) {
        const total = (best[said - k] ?? Number.NEGATIVE_INFINITY) + score(letter, phones.slice(said - k, said).join(" "));
        if (total > highest) [highest, count] = [total, k];
      }
      next.push(highest);
      took.push(count);
    }
    best = next;
    taken.push(took);
  }
  return (best.at(-1) ?? Number.NEGATIVE_INFINITY) === Number.NEGATIVE_INFINITY
    ? null
    : { word, parts: traceBack(taken, phones) };
}

function traceBack(taken: readonly number[][], phones: readonly string[]): string[] {
  const parts: string[] = [];
  let said = phones.length;
  for (const took of taken.toReversed()) {
    const count = took[said] ?? 0;
    parts.unshift(phones.slice(said - count, said).join(" "));
    said -= count;
  }
  return parts;
}
