import { breakLines, type Line, type LineRules } from "./lines.ts";
import { cheapestRuns } from "./partition.ts";
import type { ShownWord } from "./words.ts";

/** Words that are on the screen together, in lines, and from when to when, ms. */
export interface Cue {
  words: ShownWord[];
  lines: Line[];
  startMs: number;
  endMs: number;
  /** Under 1 where a word was too wide for the frame: all of the cue is drawn that much smaller. */
  scale: number;
}

export interface CueRules extends LineRules {
  maxWordsPerCue: number;
  /** When the picture is over, ms. */
  endMs: number;
}

/**
 * Groups words into cues: never across the end of a sentence or a pause, and within that so that cues are well filled,
 * end where speech takes a breath and not on a little word. `widths` are those of the words, in the unit of the rules.
 * A cue begins with its first word; it stays until the next one if that comes soon, else lingers a little.
 */
export function makeCues(words: readonly ShownWord[], widths: readonly number[], rules: CueRules): Cue[] {
  const starts: number[] = [];
  for (const [from, to] of phrases(words)) {
    starts.push(...cheapestRuns(from, to, (start, end) => cueCost(words, widths, start, end, to, rules)));
  }
  return starts.map((from, index) => {
    const to = starts[index + 1] ?? words.length;
    const own = words.slice(from, to);
    const { lines, scale } = setLines(widths.slice(from, to), rules, own);
    return { words: own, lines, scale, startMs: own[0]?.startMs ?? 0, endMs: cueEnd(own, words[to], rules.endMs) };
  });
}

/** A silence this long is heard as a break: the words after it are a thought of their own. */
export const pauseMs = 600;
/** A shorter silence after which a cue had better end, if it may. */
const breathMs = 220;
/** The next cue takes over without a gap if it comes this soon: a flash of bare picture between two cues is restless. */
export const holdMs = 1000;
/** Otherwise the words stay this long for who reads more slowly than the speaker speaks. Less than `holdMs`, so cues cannot overlap. */
export const lingerMs = 500;

function cueEnd(words: readonly ShownWord[], next: ShownWord | undefined, endMs: number): number {
  const spokenMs = words.at(-1)?.endMs ?? 0;
  if (next && next.startMs - spokenMs <= holdMs) return next.startMs;
  return Math.min(spokenMs + lingerMs, endMs);
}

/** Runs of words without a break that is heard: [from, to). */
function phrases(words: readonly ShownWord[]): [number, number][] {
  const runs: [number, number][] = [];
  let from = 0;
  for (const [index, word] of words.entries()) {
    const next = words[index + 1];
    if (next && word.ends !== "sentence" && next.startMs - word.endMs < pauseMs) continue;
    runs.push([from, index + 1]);
    from = index + 1;
  }
  return runs;
}

/** What speaks against a cue. Each is relative to an empty place, squared: two cues of two words are better than three and one. */
const costs = {
  /** Ending on a word of up to `littleLetters` letters (the, de, e) that belongs to what follows. */
  littleWord: 0.7,
  /** Running on over a comma or a breath. */
  overBreath: 0.7,
  /** A cue at all: fewer changes are calmer. */
  cue: 0.1,
} as const;
const littleLetters = 3;

/** Undefined where the words cannot be one cue. */
function cueCost(
  words: readonly ShownWord[],
  widths: readonly number[],
  start: number,
  end: number,
  phraseEnd: number,
  rules: CueRules,
): number | undefined {
  const { maxWordsPerCue } = rules;
  const own = words.slice(start, end);
  if (own.length > maxWordsPerCue || !breakLines(widths.slice(start, end), rules, own.map(isJoined))) return undefined;
  const empty = (maxWordsPerCue - (end - start)) / maxWordsPerCue;
  let cost = costs.cue + empty ** 2;
  for (let i = start; i < end - 1; i++) if (takesBreath(words, i)) cost += costs.overBreath;
  const last = words[end - 1];
  if (last && end < phraseEnd && !takesBreath(words, end - 1) && isLittle(last)) cost += costs.littleWord;
  return cost;
}

const isJoined = (word: ShownWord) => word.isJoined;

/** Phrases of a script without spaces are short, and none of them leans on the next. */
const isLittle = ({ text, isJoined }: ShownWord) => !isJoined && [...text].length <= littleLetters;

function takesBreath(words: readonly ShownWord[], index: number): boolean {
  const [word, next] = [words[index], words[index + 1]];
  if (!word || !next) return false;
  return word.ends !== "nothing" || next.startMs - word.endMs >= breathMs;
}

/** The lines of a cue; a word too wide for the frame is alone in its cue and shrinks to fit. */
function setLines(widths: readonly number[], rules: CueRules, words: readonly ShownWord[]): { lines: Line[]; scale: number } {
  const lines = breakLines(widths, rules, words.map(isJoined));
  if (lines) return { lines, scale: 1 };
  const reach = Math.max(...widths) * rules.peak;
  return { lines: [{ from: 0, to: 1, gaps: [], width: Math.max(...widths), reach }], scale: rules.maxWidth / reach };
}
