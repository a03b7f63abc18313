import llama from "llama-tokenizer-js";
import type { Token } from "./beams.ts";

/** A word as it is written, with its punctuation, and how probable it was: 0 to 1. */
export type WrittenWord = { text: string; probability: number };

/**
 * Joins tokens to words. A word's probability is the geometric mean of those of its tokens that hold a letter or figure: long words
 * are not the less probable for it, and a doubtful comma is no doubtful word. Punctuation that stands alone goes to the word
 * before it, or to the first word.
 */
export function joinTokens(tokens: readonly Token[]): WrittenWord[] {
  const groups: Token[][] = [];
  for (const token of tokens) {
    if (groups.length === 0 || piece(token).startsWith(wordStart)) groups.push([]);
    groups.at(-1)?.push(token);
  }
  return attachPunctuation(groups.map((group) => ({ text: textOf(group), probability: probabilityOf(group) })));
}

/** Llama's sign, within a token, for the space before it. */
const wordStart = "\u2581";

function piece({ id }: Token): string {
  return llama.vocabById[id] ?? "";
}

/** Together, for a rare character is several tokens of a byte each. */
function textOf(tokens: readonly Token[]): string {
  const ids = tokens.map(({ id }) => id);
  return llama.decode(ids, false, false).replace(/\s+/g, "");
}

function probabilityOf(tokens: readonly Token[]): number {
  const lettered = tokens.filter((token) => /[\p{L}\p{N}]/u.test(piece(token)));
  const counted = lettered.length > 0 ? lettered : tokens;
  return Math.exp(counted.reduce((sum, { probability }) => sum + Math.log(probability), 0) / counted.length);
}

function attachPunctuation(words: readonly WrittenWord[]): WrittenWord[] {
  const attached: WrittenWord[] = [];
  let opening = "";
  for (const { text, probability } of words) {
    const before = attached.at(-1);
    if (isSaid.test(text)) {
      attached.push({ text: opening + text, probability });
      opening = "";
    } else if (before) before.text += text;
    else opening += text;
  }
  return attached;
}

/** A letter, a figure, or a sign that has a name. */
const isSaid = /[\p{L}\p{N}$£€&+=@%#°]/u;
