import { readFileSync } from "node:fs";
import type { Lexicon } from "./glossary.ts";

/**
 * The dictionary of a language, by which ordinary words are told from names: English has one, CMU's with 130,000 words, which the
 * aligner brings. It is read when it is first asked for.
 */
export function lexiconOf(language: string): Lexicon {
  return language === "en" ? (word) => english().has(word) : null;
}

let words: ReadonlySet<string> | undefined;

function english(): ReadonlySet<string> {
  words ??= new Set(readFileSync(file, "utf8").match(/^[a-z'.-]+(?= )/gm));
  return words;
}

const file = new URL("model/en-us/dict.txt", import.meta.resolve("soundswallower"));
