import { endsClause, endsSentence } from "@viralclaw/captions/punctuation";
import type { Word } from "@viralclaw/contracts/transcript";
import { doubleMetaphone } from "double-metaphone";
import { distance } from "fastest-levenshtein";

/** Whether a word, in small letters, is one of the language's own; null where no dictionary of it is at hand. */
export type Lexicon = ((word: string) => boolean) | null;

/**
 * Spells names and brands as the customer does, where a recogniser heard them nearly so: "viral claw" becomes ViralClaw, with the
 * time of both words. It is conservative: ordinary words stay as they are unless they spell a name letter by letter.
 */
export function spellNames(words: readonly Word[], glossary: readonly string[], lexicon: Lexicon): Word[] {
  const names = glossary.map(nameOf).filter(({ letters }) => letters.length >= 2);
  const spelt: Word[] = [];
  for (let i = 0; i < words.length; ) {
    const found = bestMatch(words, i, names, lexicon);
    if (found) spelt.push(...written(words.slice(i, i + found.count), found.name));
    else spelt.push(...words.slice(i, i + 1));
    i += found?.count ?? 1;
  }
  return spelt;
}

interface Name {
  /** As it is written, a word each. */
  parts: string[];
  letters: string;
  sound: string;
  /** Only its first letter tells it from a word of the language: Notion, Apple. */
  isPlain: boolean;
}

function nameOf(term: string): Name {
  const parts = term.split(/\s+/);
  const letters = lettersOf(term);
  const isPlain = parts.length === 1 && /^\p{Lu}?\p{Ll}+$/u.test(term);
  return { parts, letters, sound: soundOf(letters), isPlain };
}

/** Small letters and figures without accents and whatever stands between them. */
const lettersOf = (text: string) =>
  text
    .normalize("NFKD")
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]/gu, "");

const soundOf = (letters: string) => doubleMetaphone(letters)[0];

/** Names are heard as so many words more than they have, at most: "chat g p t". */
const mostExtraWords = 3;
/** Words with a longer silence between are not one name. */
const longestGapMs = 500;

interface Match {
  name: Name;
  count: number;
  /** Letters that differ. */
  errors: number;
}

/** The name that the words from `at` on are: with the fewest errors, and of such the one that takes the most words. */
function bestMatch(words: readonly Word[], at: number, names: readonly Name[], lexicon: Lexicon): Match | undefined {
  const most = mostExtraWords + Math.max(0, ...names.map(({ parts }) => parts.length));
  const runs = Array.from({ length: most }, (_, i) => heardAt(words, at, i + 1, lexicon));
  const matches = names.flatMap((name) =>
    runs.slice(0, name.parts.length + mostExtraWords).flatMap((heard, i): Match[] => {
      const errors = heard && errorsOf(heard, name, lexicon);
      return errors === undefined ? [] : [{ name, count: i + 1, errors }];
    }),
  );
  return matches.sort((a, b) => a.errors - b.errors || b.count - a.count)[0];
}

/** Some words side by side, as they are compared with each name. */
interface Heard {
  cores: string[];
  letters: string;
  sound: string;
  someAreStrange: boolean;
}

/** Undefined where there are not so many words, or they do not belong together. */
function heardAt(words: readonly Word[], at: number, count: number, lexicon: Lexicon): Heard | undefined {
  const heard = words.slice(at, at + count);
  if (heard.length < count || !belongTogether(heard)) return undefined;
  const cores = heard.map(({ text }) => split(text).core);
  const letters = lettersOf(cores.join(""));
  const isOrdinary = (core: string, i: number) => (lexicon ? lexicon(core.toLowerCase()) : !isCapitalised(words, at + i));
  return { cores, letters, sound: soundOf(letters), someAreStrange: cores.some((core, i) => !isOrdinary(core, i)) };
}

function errorsOf({ cores, letters, sound, someAreStrange }: Heard, name: Name, lexicon: Lexicon): number | undefined {
  if (letters === name.letters) {
    // "the notion of it" is not about Notion, nor "now here" about Nowhere.
    const isWord = name.isPlain && lexicon?.(name.letters);
    return isWord ? undefined : 0;
  }
  const isLong =
    name.letters.length >= shortestNear && (cores.length === 1 || cores.every((core) => core.length >= shortestPart));
  if (!someAreStrange || !isLong) return undefined;
  const errors = distance(letters, name.letters);
  const near =
    sound === name.sound
      ? errors <= Math.max(1, Math.floor(name.letters.length / 4))
      : errors <= 1 && name.letters.length >= longName;
  return near ? errors : undefined;
}

/** Under so many letters, words that sound alike are too many. */
const shortestNear = 5;
/** "a", "of", "is": they would be swallowed by the name beside them. */
const shortestPart = 3;
/** So long a name may differ in a letter that is heard. */
const longName = 8;

/** One after the other, in one clause. */
function belongTogether(words: readonly Word[]): boolean {
  return words.slice(1).every((word, i) => {
    const before = words[i];
    return before && word.start_ms - before.end_ms <= longestGapMs && !endsClause(before.text) && !endsSentence(before.text);
  });
}

/** Where no dictionary tells: recognisers write a name with a capital, which at the beginning of a sentence says nothing. */
function isCapitalised(words: readonly Word[], at: number): boolean {
  const before = words[at - 1];
  return before !== undefined && !endsSentence(before.text) && /^\P{L}*\p{Lu}/u.test(words[at]?.text ?? "");
}

/** What stands around a word's letters; an 's is not part of the name. */
function split(text: string): { opening: string; core: string; closing: string } {
  const [, opening = "", core = text, closing = ""] =
    /^([^\p{L}\p{N}]*)([\p{L}\p{N}].*?)((?:['’]s)?[^\p{L}\p{N}]*)$/su.exec(text) ?? [];
  return { opening, core, closing };
}

/** The name in place of the words, with what stood around them; where it has another number of words, these share the time by length. */
function written(heard: readonly Word[], { parts }: Name): Word[] {
  const [first, last] = [heard[0], heard.at(-1)];
  if (!first || !last) return [];
  const { opening } = split(first.text);
  const { closing } = split(last.text);
  const texts = parts.map((part, i) => `${i === 0 ? opening : ""}${part}${i === parts.length - 1 ? closing : ""}`);
  if (texts.length === heard.length) return heard.map((word, i) => ({ ...word, text: texts[i] ?? word.text }));
  const confidence = Math.min(...heard.map((word) => word.confidence));
  const all = parts.join("").length;
  const timeAt = (letters: number) => Math.round(first.start_ms + ((last.end_ms - first.start_ms) * letters) / all);
  let before = 0;
  return texts.map((text, i) => {
    const start_ms = timeAt(before);
    before += parts[i]?.length ?? 0;
    return { text, start_ms, end_ms: timeAt(before), confidence };
  });
}
