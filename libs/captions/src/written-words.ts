import { spaceBetweenWords } from "@viralclaw/contracts/languages";
import { segmentsOf } from "./segments.ts";

/**
 * The words of a written text, each with its punctuation: parted at spaces, or, in a language that has none, where its dictionary
 * parts them; Latin words within such a text are parted by spaces of their own. A mark that stands alone stays with the word before it ("Quoi ?"), or with the first one.
 */
export function wordsOf(text: string, language: string): string[] {
  const parts = spaceBetweenWords(language) === "" ? segmentsOf(text, language) : text.split(/\s+/);
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
