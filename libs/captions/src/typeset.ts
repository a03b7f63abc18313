import type { Style } from "@viralclaw/contracts/style";
import type { Font } from "./fonts.ts";
import { type Measured, measure } from "./measure.ts";
import { type Run, runsOf } from "./runs.ts";
import type { Han } from "./scripts.ts";

/** Text as it will be drawn: its runs in the order in which they are read, and the room they take, in em of the style's font. */
export interface Typeset {
  runs: TypesetRun[];
  width: number;
  /** How far runs in other fonts, and pictures, reach above and below the foot of the letters: the style's own font is known to its style. */
  above: number;
  below: number;
  /** What no font and no picture has, and is left out. */
  missing: string[];
}

/** How far ink reaches above and below the foot of the letters and beyond their width, em of the style's font. */
export type Ink = Pick<Measured, "above" | "below" | "beside">;

export type TypesetRun =
  | (Extract<Run, { font: Font }> & { scale: number; width: number; ink: Ink } & Pick<Measured, "from" | "to">)
  | (Extract<Run, { emoji: string }> & { width: number });

/** Sets text in a style's font and, for what that lacks, in the fonts of its script, with pictures of `side` em; the same text is set once. */
export function typesetter(style: Font, han: Han, side: number): (text: string) => Typeset {
  const known = new Map<string, Typeset>();
  return (text) => {
    const set = known.get(text) ?? typeset(text, style, han, side);
    known.set(text, set);
    return set;
  };
}

/** The text without its pictures. Of a key's picture the digit stays: it is part of what is said. */
export const withoutEmoji = ({ runs }: Typeset): string =>
  runs
    .map((run) => ("font" in run ? run.text : (keycap.exec(run.text)?.[1] ?? "")))
    .join("")
    .trim();

const keycap = /^([0-9#*])\uFE0F?\u20E3$/u;

/** A picture's side, em. By itself it stands a little out of capitals, as beside any text. */
export const emojiSide = ({ metrics }: Font, { emoji }: Pick<Style, "emoji">) => metrics.capHeight * emoji.size;
/** On each side of a picture, em. */
const emojiMargin = 0.1;

function typeset(text: string, style: Font, han: Han, side: number): Typeset {
  const { runs, missing } = runsOf(text, style, han);
  const extents: { above: number; below: number }[] = [];
  const set = runs.map((run): TypesetRun => {
    if ("emoji" in run) {
      const overhang = (side - style.metrics.capHeight) / 2;
      extents.push({ above: side - overhang, below: overhang });
      return { ...run, width: side + 2 * emojiMargin };
    }
    const scale = run.font === style ? 1 : scaleBeside(style, run.font);
    const { width, above, below, beside, from, to } = measure(run.font, run.text);
    const ink = { above: above * scale, below: below * scale, beside: beside * scale };
    if (run.font !== style) extents.push(ink);
    return { ...run, scale, width: width * scale, from: from * scale, to: to * scale, ink };
  });
  return sumOf(set, extents, missing);
}

function sumOf(runs: TypesetRun[], extents: readonly { above: number; below: number }[], missing: string[]): Typeset {
  return {
    runs,
    missing,
    width: runs.reduce((sum, { width }) => sum + width, 0),
    above: Math.max(0, ...extents.map(({ above }) => above)),
    below: Math.max(0, ...extents.map(({ below }) => below)),
  };
}

/** Letters of two fonts look alike in size when their capitals are; other scripts in Noto are drawn to go with its capitals. A narrow display face must not blow them up. */
const scaleBeside = (style: Font, other: Font) =>
  Math.min(largest, Math.max(smallest, style.metrics.capHeight / other.metrics.capHeight));
const [smallest, largest] = [0.9, 1.15];
