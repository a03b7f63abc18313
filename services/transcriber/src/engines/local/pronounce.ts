import type { Speller } from "./g2p.ts";

/** What the pronouncing dictionary says of a word: its phones, parted by spaces, or null. */
export type LookUp = (word: string) => string | null;

/**
 * How a spoken word that the dictionary may lack is said: the phones, parted by spaces; null where it has no letter to say.
 * `speller` is asked last, for it guesses and has to learn first.
 */
export function pronounce(word: string, lookUp: LookUp, speller: () => Speller): string | null {
  const plain = word.replace(/^'+|'+$/g, "");
  const owner = /^(.+)'s$/.exec(plain)?.[1] ?? "";
  return (
    lookUp(word) ??
    lookUp(plain) ??
    possessive(owner ? lookUp(owner) : null) ??
    spelled(plain, lookUp) ??
    (speller()(plain).join(" ") || null)
  );
}

/** The ending is said after the last sound: Liz's, Pat's, Ann's. */
function possessive(owner: string | null): string | null {
  if (!owner) return null;
  if (/(S|Z|SH|ZH|CH|JH)$/.test(owner)) return `${owner} AH Z`;
  return /(P|T|K|F|TH)$/.test(owner) ? `${owner} S` : `${owner} Z`;
}

/** Without a vowel it is letters: "ngh". The dictionary has their names with a dot. */
function spelled(word: string, lookUp: LookUp): string | null {
  if (!/^[b-df-hj-np-tv-xz]+$/.test(word)) return null;
  const names = Array.from(word, (letter) => lookUp(`${letter}.`));
  return names.every((name) => name !== null) ? names.join(" ") : null;
}
