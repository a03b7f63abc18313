/** Sets words into lines. Widths are in any one unit; nothing here knows of fonts or time. */

export interface LineRules {
  /** The most that a line may be wide. */
  maxWidth: number;
  maxLines: number;
  maxWordsPerLine: number;
  /** Between words at rest. */
  wordGap: number;
  /** How large a word gets while it is said; 1 is no growth. */
  peak: number;
}

/** A line: which words, from `from` up to but not including `to`, the gap between them, and its width with all the room it may need. */
export interface Line {
  from: number;
  to: number;
  gap: number;
  /** From the start of the first word to the end of the last, both at rest. */
  width: number;
  /** `width` and what the outermost words need while they are grown. */
  reach: number;
}

/**
 * The fewest lines that hold the words, and of those the most even ones; undefined where they do not fit.
 * Room for a grown word is kept in the gaps, so that no word ever moves: one grows by half of its growth on each side.
 */
export function breakLines(widths: readonly number[], rules: LineRules): Line[] | undefined {
  for (let lines = 1; lines <= Math.min(rules.maxLines, widths.length); lines++) {
    const best = evenest(widths, 0, lines, rules);
    if (best) return best;
  }
  return undefined;
}

/** The line of the words `from` to `to`, whether it fits or not. */
export function lineOf(widths: readonly number[], from: number, to: number, { wordGap, peak }: LineRules): Line {
  const words = widths.slice(from, to);
  const growth = ((peak - 1) / 2) * Math.max(...words);
  const gap = wordGap + growth;
  const width = words.reduce((sum, word) => sum + word, 0) + gap * (words.length - 1);
  return { from, to, gap, width, reach: width + 2 * growth };
}

function evenest(widths: readonly number[], from: number, lines: number, rules: LineRules): Line[] | undefined {
  const fits = (line: Line) => line.reach <= rules.maxWidth && line.to - line.from <= rules.maxWordsPerLine;
  if (lines === 1) {
    const line = lineOf(widths, from, widths.length, rules);
    return fits(line) ? [line] : undefined;
  }
  let best: Line[] | undefined;
  for (let to = from + 1; to <= widths.length - (lines - 1); to++) {
    const line = lineOf(widths, from, to, rules);
    if (!fits(line)) break;
    const rest = evenest(widths, to, lines - 1, rules);
    if (rest && (!best || longest([line, ...rest]) < longest(best))) best = [line, ...rest];
  }
  return best;
}

const longest = (lines: readonly Line[]) => Math.max(...lines.map(({ reach }) => reach));
