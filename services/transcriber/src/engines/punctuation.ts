/** A word with the time it is said, in any unit. */
export interface TimedWord {
  text: string;
  start: number;
  end: number;
}

/**
 * Gives words the spelling that they have in the text: Whisper's words come without the punctuation and sometimes in parts
 * ("guarda", "-chuva"), its text comes with it. Words are found in the text in order, by their letters and digits alone; what
 * stands between two of them goes to the left one up to the space, and to the right one after it ("¿Qué?", "(sim)").
 * Parts that are one word in the text become one; a word that the text does not have stays as it is; one that is nothing but
 * punctuation is left out.
 */
export function punctuate(words: readonly TimedWord[], text: string): TimedWord[] {
  const spoken = spokenCharacters(text);
  const found = locate(words, spoken);
  const result: { word: TimedWord; from?: number; to?: number }[] = [];
  for (const { word, first, last } of found) {
    const [from, to] = [spoken[first ?? -1]?.from, spoken[last ?? -1]?.to];
    const before = result.at(-1);
    if (from !== undefined && before?.to !== undefined && isOneWord(text, before.to, from)) {
      before.word = { ...before.word, end: Math.max(before.word.end, word.end) };
      before.to = to;
    } else {
      result.push({ word, from, to });
    }
  }
  let leftEnd = 0;
  return result.map(({ word, from, to }, i) => {
    if (from === undefined || to === undefined) return { ...word, text: word.text.trim() };
    const rightStart = result.find((other, j) => j > i && other.from !== undefined)?.from ?? text.length;
    const spelling = text.slice(reachLeft(text, from, leftEnd), reachRight(text, to, rightStart));
    leftEnd = to;
    return { ...word, text: spelling };
  });
}

/** Letters, digits, and the signs that are read aloud. */
const isSpoken = /[\p{L}\p{N}\p{Sc}%&@#+=°§]/u;
/** Scripts that put no space between words. */
const isUnspaced =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/u;

interface SpokenCharacter {
  /** Without case and accents: the two may be in different Unicode forms. */
  folded: string;
  /** Where it stands in the text. */
  from: number;
  to: number;
}

function spokenCharacters(text: string): SpokenCharacter[] {
  const characters: SpokenCharacter[] = [];
  let at = 0;
  for (const character of text) {
    const to = at + character.length;
    if (isSpoken.test(character)) {
      const letters = character.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
      for (const folded of letters) characters.push({ folded, from: at, to });
    }
    at = to;
  }
  return characters;
}

interface Located {
  word: TimedWord;
  /** Indexes of its first and last spoken character in the text; none where the text does not have it. */
  first?: number;
  last?: number;
}

/** How far a word is looked for behind the last one found, in spoken characters: a sentence that the words lack. */
const reach = 200;

function locate(words: readonly TimedWord[], spoken: readonly SpokenCharacter[]): Located[] {
  const letters = spoken.map(({ folded }) => folded);
  let next = 0;
  return words.flatMap((word) => {
    const wanted = spokenCharacters(word.text).map(({ folded }) => folded);
    if (wanted.length === 0) return [];
    // A short word is everywhere: looked for far ahead, it would swallow the text of those between.
    const farthest = Math.min(next + Math.min(reach, wanted.length * 8), letters.length - wanted.length);
    for (let at = next; at <= farthest; at++) {
      if (wanted.every((letter, i) => letters[at + i] === letter)) {
        next = at + wanted.length;
        return { word, first: at, last: next - 1 };
      }
    }
    return { word };
  });
}

/** "d'água", "guarda-chuva", "1.250,50"; but not "sim…não", and not in scripts where the space tells nothing. */
function isOneWord(text: string, leftEnd: number, rightStart: number): boolean {
  const between = text.slice(leftEnd, rightStart);
  const [left, right] = [text.slice(0, leftEnd).at(-1) ?? "", text.slice(rightStart).at(0) ?? ""];
  if (isUnspaced.test(left) || isUnspaced.test(right)) return false;
  const inNumber = /^[.,:/]$/.test(between) && /\p{N}/u.test(left) && /\p{N}/u.test(right);
  return inNumber || /^['’‐‑-]?$/.test(between);
}

/** Punctuation up to the next space belongs to the word before it. */
function reachRight(text: string, to: number, ceiling: number): number {
  let end = to;
  while (end < ceiling && !/\s/.test(text.charAt(end)) && !opens.test(text.charAt(end))) end++;
  return end;
}

function reachLeft(text: string, from: number, floor: number): number {
  let start = from;
  while (start > floor && !/\s/.test(text.charAt(start - 1))) start--;
  // Without a space the neighbour on the left has what does not open something.
  while (start > 0 && start < from && start === floor && !opens.test(text.charAt(start))) start++;
  return start;
}

const opens = /[\p{Ps}\p{Pi}¿¡]/u;
