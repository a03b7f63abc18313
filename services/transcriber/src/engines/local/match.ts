import { distance } from "fastest-levenshtein";
import type { Timing } from "./align.ts";

/** A word as a recogniser heard it, in ms. */
export type HeardWord = Timing & { text: string };

export type Matched = {
  /** When each word of the text was heard; null for one that was not. */
  timings: (Timing | null)[];
  /** What was heard and is not in the text. `after` is the last word of the text that was heard before it, -1 if none was. */
  others: { text: string; after: number }[];
};

/**
 * Finds the words of a text among those that were heard, in order: each itself, or nearly so, as recognisers mishear. It is an
 * alignment of two sequences with affine gaps (Gotoh 1982, https://doi.org/10.1016/0022-2836(82)90398-9): to leave out a paragraph
 * costs hardly more than to leave out a word, while a lone "the" that both have amid what differs is not worth two gaps.
 * Pure. It takes a byte for each two words, and a second for the most that there may be of text and five minutes of speech: in Chinese,
 * where every character counts, three.
 */
export function matchWords(text: readonly string[], heard: readonly HeardWord[]): Matched {
  const wanted = text.flatMap((word, index) => lettersOf(word).map((letters) => ({ letters, index })));
  const found = heard.flatMap(unitsOf);
  const timings: (Timing | null)[] = text.map(() => null);
  const partners = new Map<number, number>();
  for (const [i, j] of bestPath(likenesses(wanted, found), wanted.length, found.length)) {
    const [{ index }, unit] = [wanted[i]!, found[j]!];
    timings[index] = { startMs: timings[index]?.startMs ?? unit.startMs, endMs: unit.endMs };
    partners.set(unit.index, index);
  }
  let after = -1;
  const others = heard.flatMap(({ text }, i) => {
    after = partners.get(i) ?? after;
    return partners.has(i) ? [] : [{ text, after }];
  });
  return { timings, others };
}

/** What is compared: a word, a part of it at a hyphen, or a character of a script without spaces. `index` is the word's. */
type Unit = { letters: string; index: number };

/** A word's units, without case, accents and punctuation; none where there is nothing to say. */
export function lettersOf(word: string): string[] {
  const plain = word
    .normalize("NFKD")
    .replace(/\p{M}|['’]/gu, "")
    .toLowerCase();
  return plain.match(units) ?? [];
}

const unspaced = String.raw`\p{scx=Han}\p{scx=Hira}\p{scx=Kana}\p{scx=Bopo}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}\p{Script=Tibetan}`;
const units = new RegExp(`[[${unspaced}]&&[\\p{L}\\p{N}]]|[[\\p{L}\\p{N}]--[${unspaced}]]+`, "gv");

/** The units of a heard word share its time by their length. */
function unitsOf({ text, startMs, endMs }: HeardWord, index: number): (Unit & Timing)[] {
  const parts = lettersOf(text);
  const msEach = (endMs - startMs) / parts.join("").length;
  let at = startMs;
  return parts.map((letters) => {
    const from = at;
    at += letters.length * msEach;
    return { letters, index, startMs: from, endMs: at };
  });
}

/** What a match is worth: of "a", which is everywhere, half of what a long word is. */
const worth = (letters: string) => Math.min(1, 0.4 + 0.1 * letters.length);

/** What it costs to pair words that differ; to leave words out, of either side; and for each of them. */
const costs = { differ: 0.5, gap: 1, each: 0.02 };

/** Words that share so much of their letters may be one, misheard; shorter ones than these must be equal. */
const leastAlike = 0.6;
const shortestAlike = 4;

/** What it is worth to pair a unit of one side with each of the other: above 0 where they match. Words recur: each two are compared once. */
function likenesses(wanted: readonly Unit[], found: readonly Unit[]): (i: number, j: number) => number {
  const [rows, columns] = [numbered(wanted), numbered(found)];
  const width = columns.different.length;
  const table = new Float64Array(rows.different.length * width);
  for (const [row, one] of rows.different.entries())
    for (const [column, other] of columns.different.entries()) table[row * width + column] = likeness(one, other);
  return (i, j) => table[rows.numbers[i]! * width + columns.numbers[j]!]!;
}

function numbered(units: readonly Unit[]): { different: string[]; numbers: Int32Array } {
  const known = new Map<string, number>();
  for (const { letters } of units) if (!known.has(letters)) known.set(letters, known.size);
  return { different: [...known.keys()], numbers: Int32Array.from(units, ({ letters }) => known.get(letters)!) };
}

function likeness(one: string, other: string): number {
  if (one === other) return worth(one);
  const [short, long] = one.length < other.length ? [one, other] : [other, one];
  if (short.length < shortestAlike || short.length < leastAlike * long.length) return -costs.differ;
  const alike = 1 - distance(one, other) / long.length;
  return alike < leastAlike ? -costs.differ : alike * worth(short);
}

/** The steps of an alignment: it takes a unit of each side, or leaves out one of the first, or of the second. */
const [pair, leaveFirst, leaveSecond] = [0, 1, 2];
type Step = number;

/** The pairs that match on the path of the highest worth, in order. */
function bestPath(likeness: (i: number, j: number) => number, firsts: number, seconds: number): [number, number][] {
  const width = seconds + 1;
  // For each step to a cell, the one that is best before it, in two bits: the loop is plain, for it is run millions of times.
  const before = new Uint8Array((firsts + 1) * width);
  let above = emptyRow(width);
  let row = emptyRow(width);
  row.pair[0] = 0;
  for (let i = 0; i <= firsts; i++) {
    for (let j = 0; j < width; j++) {
      let steps = 0;
      if (i > 0 && j > 0) {
        const [p, f, s] = [above.pair[j - 1]!, above.leaveFirst[j - 1]!, above.leaveSecond[j - 1]!];
        steps |= largest(p, f, s);
        row.pair[j] = Math.max(p, f, s) + likeness(i - 1, j - 1);
      }
      if (i > 0) {
        const [p, f, s] = [above.pair[j]! - costs.gap, above.leaveFirst[j]!, above.leaveSecond[j]! - costs.gap];
        steps |= largest(p, f, s) << 2;
        row.leaveFirst[j] = Math.max(p, f, s) - costs.each;
      }
      if (j > 0) {
        const [p, f, s] = [row.pair[j - 1]! - costs.gap, row.leaveFirst[j - 1]! - costs.gap, row.leaveSecond[j - 1]!];
        steps |= largest(p, f, s) << 4;
        row.leaveSecond[j] = Math.max(p, f, s) - costs.each;
      }
      before[i * width + j] = steps;
    }
    [above, row] = [row, i === 0 ? emptyRow(width) : above];
    row.pair[0] = Number.NEGATIVE_INFINITY;
    row.leaveSecond[0] = Number.NEGATIVE_INFINITY;
  }
  const last = largest(above.pair[seconds]!, above.leaveFirst[seconds]!, above.leaveSecond[seconds]!);
  return matchesBack(last, before, likeness, [firsts, seconds]);
}

/** Follows the steps from the end. */
function matchesBack(
  last: Step,
  before: Uint8Array,
  likeness: (i: number, j: number) => number,
  [firsts, seconds]: [number, number],
): [number, number][] {
  const matches: [number, number][] = [];
  let [i, j, step] = [firsts, seconds, last];
  while (i > 0 || j > 0) {
    const next = (before[i * (seconds + 1) + j]! >> (2 * step)) & 3;
    if (step === pair && likeness(i - 1, j - 1) > 0) matches.push([i - 1, j - 1]);
    if (step !== leaveSecond) i--;
    if (step !== leaveFirst) j--;
    step = next;
  }
  return matches.reverse();
}

/** What the best path to each cell of a row is worth, by its last step. */
const emptyRow = (width: number) => ({
  pair: new Float64Array(width).fill(Number.NEGATIVE_INFINITY),
  leaveFirst: new Float64Array(width).fill(Number.NEGATIVE_INFINITY),
  leaveSecond: new Float64Array(width).fill(Number.NEGATIVE_INFINITY),
});

function largest(p: number, f: number, s: number): Step {
  if (p >= f && p >= s) return pair;
  return f >= s ? leaveFirst : leaveSecond;
}
