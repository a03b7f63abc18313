import { peakOf, type Style } from "@viralclaw/contracts/style";
import type { Cue } from "./cues.ts";
import type { Font } from "./fonts.ts";
import type { Area } from "./frame.ts";
import type { PlacedPart, PlacedWord, Setting } from "./layout.ts";
import { overhang } from "./reach.ts";
import { emojiSide } from "./typeset.ts";
import type { ShownWord } from "./words.ts";

/** An emoji over all the words of its cue, above its own word: from when that is lit until the next one comes or the cue ends, ms. */
export interface EmojiAbove {
  fromMs: number;
  toMs: number;
  /** As if it were a word with this foot, px. */
  part: PlacedPart;
  footY: number;
  /** All that it covers, grown, before it is turned, px. */
  area: Area;
}

/** What such emoji take up over all that is drawn around the letters, em: the same in all cues of a video, so that nothing jumps. */
export function roomAbove(words: readonly ShownWord[], style: Style, font: Font): number {
  return words.some(({ emoji }) => emoji !== undefined) ? gapEm + emojiSide(font, style) * peakOf(style) : 0;
}

/** Between the words, or their box, and an emoji, em. */
const gapEm = 0.15;

/** Those of a cue whose words, placed, have these letters. They stay between the ends of its longest line. */
export function emojiAbove(
  cue: Cue,
  words: readonly PlacedWord[],
  letters: Area,
  { style, font, typeset, emPx }: Setting,
): EmojiAbove[] {
  const side = emojiSide(font, style) * emPx;
  const grown = side * peakOf(style);
  const bottom = letters.top - (overhang(style).y + gapEm) * emPx;
  const own = cue.words.flatMap(({ emoji }, i) => {
    const [word, set] = [words[i], emoji === undefined ? undefined : typeset(emoji)];
    return word && set && set.runs.length > 0 ? [{ word, set }] : [];
  });
  return own.map(({ word, set: { runs, width } }, i) => {
    const half = Math.max(grown, width * emPx * peakOf(style)) / 2;
    const [least, most] = [letters.left + half, letters.right - half];
    const x = least > most ? (letters.left + letters.right) / 2 : Math.max(least, Math.min(word.x, most));
    return {
      fromMs: word.litFromMs,
      toMs: own[i + 1]?.word.litFromMs ?? cue.endMs,
      part: { x, width, direction: "ltr", groups: [{ direction: "ltr", runs }] },
      // A picture's middle is that of the capitals beside it.
      footY: bottom - grown / 2 + (font.metrics.capHeight / 2) * emPx,
      area: { left: x - half, right: x + half, top: bottom - grown, bottom },
    };
  });
}
