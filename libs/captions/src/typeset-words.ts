import type { Style } from "@viralclaw/contracts/style";
import { emojiPicture } from "./emoji.ts";
import type { Font } from "./fonts.ts";
import { type Typeset, withoutEmoji } from "./typeset.ts";
import type { ShownWord } from "./words.ts";

/** What was not drawn in the style's own font, each with the word that it is in and when that is said, ms. */
export interface Findings {
  /** Every font that draws something, the style's first. */
  fonts: Font[];
  fallbacks: { font: string; text: string; word: string; atMs: number }[];
  emoji: { text: string; atMs: number }[];
  /** What no font and no picture has, and pictures over the limit: it is left out. */
  leftOut: { text: string; word: string; atMs: number; reason: "no_font" | "too_many_emoji" }[];
}

/** Sets each word, and drops those of which nothing is left to show; what they ended is ended by the word before. */
export function typesetWords(
  words: readonly ShownWord[],
  { emoji: { place } }: Pick<Style, "emoji">,
  font: Font,
  typeset: (text: string) => Typeset,
) {
  const found: Findings = { fonts: [font], fallbacks: [], emoji: [], leftOut: [] };
  const shown: ShownWord[] = [];
  const sets: Typeset[] = [];
  let points = 0;
  for (const word of words) {
    const at = { word: word.text, atMs: Math.round(word.startMs) };
    const whole = typeset(word.text);
    const runs = [...whole.runs, ...(word.emoji ? typeset(word.emoji).runs : [])];
    const weight = place === "none" ? 0 : runs.reduce((sum, run) => sum + ("emoji" in run ? pointsOf(run.emoji) : 0), 0);
    const isTooMuch = weight > 0 && points + weight > mostEmojiPoints;
    const text = isTooMuch || place === "none" ? withoutEmoji(whole) : word.text;
    const set = typeset(text);
    if (!isTooMuch) points += weight;
    for (const text of whole.missing) found.leftOut.push({ text, ...at, reason: "no_font" });
    for (const run of runs) {
      if ("font" in run) {
        if (!found.fonts.includes(run.font)) found.fonts.push(run.font);
        if (run.font !== font) found.fallbacks.push({ font: run.font.fullName, text: run.text, ...at });
      } else if (isTooMuch) found.leftOut.push({ text: run.text, ...at, reason: "too_many_emoji" });
      else if (place !== "none") found.emoji.push({ text: run.text, atMs: at.atMs });
    }
    if (set.runs.length > 0) {
      shown.push({ ...word, text, ...(isTooMuch ? { emoji: undefined } : {}) });
      sets.push(set);
    } else if (word.ends !== "nothing") {
      const last = shown.at(-1);
      if (last && last.ends !== "sentence") last.ends = word.ends;
    }
  }
  return { shown, sets, found };
}

/**
 * The most points that all pictures of a video may have, so that nobody's words become a script of a hundred megabytes: about 500
 * emoji as most are, 30 of the most intricate flags. A point takes some 4 bytes in each of a word's three states.
 */
const mostEmojiPoints = 400_000;

const pointsOf = (name: string) =>
  emojiPicture(name).reduce((sum, { segments }) => sum + segments.reduce((all, { length }) => all + length, 0), 0);
