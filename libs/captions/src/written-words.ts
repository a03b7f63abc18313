import { spaceBetweenWords } from "@viralclaw/contracts/languages";

/**
 * The words of a written text, each with its punctuation: parted at spaces, or, in a language that has none, where its dictionary
 * parts them. A mark that stands alone stays with the word before it ("Quoi ?"), or with the first one.
 */
export function wordsOf(text: string, language: string): string[] {
  const parts = spaceBetweenWords(language) === "" ? segments(text, language) : text.split(/\s+/);
  const space = spaceBetweenWords(language);
  const words: string[] = [];
  let opening = "";
  for (const part of parts.filter((one) => one.trim() !== "")) {
    const before = words.at(-1);
    if (isSaid.test(part)) {
      words.push(opening + part);
      opening = "";
    } else if (before === undefined) opening += part + space;
    else words[words.length - 1] = before + space + part;
  }
  return words;
}

/** A letter, a figure, an emoji, or a sign that has a name. */
const isSaid = /[\p{L}\p{N}\p{Extended_Pictographic}$£€&+=@%#°]/u;

/** Latin words within such a text are parted by spaces of their own. */
function segments(text: string, language: string): string[] {
  const segmenter = segmenters.get(language) ?? new Intl.Segmenter(language, { granularity: "word" });
  segmenters.set(language, segmenter);
  return Array.from(segmenter.segment(text), ({ segment }) => segment);
}

/** To make one takes as long as a hundred sentences, and a file may have thousands of cues. */
const segmenters = new Map<string, Intl.Segmenter>();
