/** Sets words into lines. Widths are in any one unit; nothing here knows of fonts or time. */

export interface LineRules {
  /** The most that a line may be wide. */
  maxWidth: number;
  maxLines: number;
  maxWordsPerLine: number;
  /** Between words at rest. */
  wordGap: number;
  /** Between two that are written without a space. */
  joinedGap: number;
  /** How large a word gets while it is said; 1 is no growth. */
  peak: number;
  /** The size that it settles at: words without spaces between them have no more room than this needs, and are covered for a moment. */
  rest: number;
}

/** A line: which words, from `from` up to but not including `to`, the gap after each but the last, and its width with all the room it may need. */
export interface Line {
  from: number;
  to: number;
  gaps: number[];
  /** From the start of the first word to the end of the last, both at rest. */
  width: number;
  /** `width` and what the outermost words need while they are grown. */
  reach: number;
}

/**
 * The fewest lines that hold the words, and of those the most even ones; undefined where they do not fit.
 * `joined` says of each word whether it is written without a space before the next.
 * Room for a grown word is kept in the gaps, so that no word ever moves: one grows by half of its growth on each side.
 */
export function breakLines(widths: readonly number[], rules: LineRules, joined: readonly boolean[] = []): Line[] | undefined {
  for (let lines = 1; lines <= Math.min(rules.maxLines, widths.length); lines++) {
    const best = evenest({ widths, joined }, 0, lines, rules);
    if (best) return best;
  }
  return undefined;
}

interface Words {
  widths: readonly number[];
  joined: readonly boolean[];
}

/** The line of the words `from` to `to`, whether it fits or not. */
function lineOf({ widths, joined }: Words, from: number, to: number, { wordGap, joinedGap, peak, rest }: LineRules): Line {
  const words = widths.slice(from, to);
  const widest = Math.max(...words);
  const growth = ((peak - 1) / 2) * widest;
  const settled = ((rest - 1) / 2) * widest;
  const gaps = words.slice(1).map((_, i) => (joined[from + i] ? joinedGap + settled : wordGap + growth));
  const width = [...words, ...gaps].reduce((sum, part) => sum + part, 0);
  return { from, to, gaps, width, reach: width + 2 * growth };
}

function evenest(words: Words, from: number, lines: number, rules: LineRules): Line[] | undefined {
  const count = words.widths.length;
  const fits = (line: Line) => line.reach <= rules.maxWidth && line.to - line.from <= rules.maxWordsPerLine;
  if (lines === 1) {
    const line = lineOf(words, from, count, rules);
    return fits(line) ? [line] : undefined;
  }
  let best: Line[] | undefined;
  for (let to = from + 1; to <= count - (lines - 1); to++) {
    const line = lineOf(words, from, to, rules);
    if (!fits(line)) break;
    const rest = evenest(words, to, lines - 1, rules);
    if (rest && (!best || longest([line, ...rest]) < longest(best))) best = [line, ...rest];
  }
  return best;
}

const longest = (lines: readonly Line[]) => Math.max(...lines.map(({ reach }) => reach));
