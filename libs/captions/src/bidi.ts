/// <reference path="./bidi-js.d.ts" />
import bidiFactory from "bidi-js";

/** Where the parts of a line stand, by the Unicode bidirectional algorithm (UAX 9). libass is given each part alone and orders nothing. */

export type Direction = "ltr" | "rtl";

/** A part of a line that is read in one direction, and which of the line's texts it is a part of; or the gap that follows that text. */
export interface Part {
  of: number;
  text: string;
  direction: Direction;
  isGap: boolean;
}

/** Which way a cue is read: from right to left in a language written so if there is any letter of it, else as its first letter is. */
export function directionOf(text: string, language: string): Direction {
  return (isRightToLeft(language) ? rightToLeftLetter : firstIsRightToLeft).test(text) ? "rtl" : "ltr";
}

/**
 * The parts of a line from left to right. `texts` are in the order in which they are read; `spaces[i]` is whether a space follows the
 * i-th. A text of both directions ("ב-YouTube") becomes parts, which need not stand side by side; any other is one part.
 */
export function fromLeft(texts: readonly string[], spaces: readonly boolean[], direction: Direction): Part[] {
  const items = texts.flatMap((text, of) => [
    { of, text, isGap: false },
    ...(of < texts.length - 1 ? [{ of, text: spaces[of] ? " " : "", isGap: true }] : []),
  ]);
  const line = items.map(({ text }) => text).join("");
  if (direction === "ltr" && !rightToLeftLetter.test(line)) return items.map((item) => ({ ...item, direction: "ltr" }));
  const levels = levelsOf(line, direction);
  let start = 0;
  // A space has a level too: two numbers in an Arabic sentence stand from right to left for its.
  const parts = items.flatMap(({ of, text, isGap }) => {
    const runs: [number, number][] = text === "" ? [[start, start]] : evenRuns(levels, start, start + text.length);
    start += text.length;
    return runs.map(([from, to]) => {
      const level = levels[Math.min(from, line.length - 1)] ?? 0;
      return { of, text: line.slice(from, to), isGap, level, direction: level % 2 === 1 ? ("rtl" as const) : ("ltr" as const) };
    });
  });
  return reordered(parts).map(({ of, text, isGap, direction }) => ({ of, text, isGap, direction }));
}

const bidi = bidiFactory();

const isRightToLeft = (language: string) =>
  ["Arab", "Hebr", "Syrc", "Thaa", "Nkoo"].includes(new Intl.Locale(language).maximize().script ?? "");

const letters = String.raw`\p{Script=Arabic}\p{Script=Hebrew}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}`;
const rightToLeftLetter = new RegExp(`(?=\\p{L})[${letters}]`, "u");
/** Rule P2. */
const firstIsRightToLeft = new RegExp(`^\\P{L}*(?=\\p{L})[${letters}]`, "u");

/** The library takes half a character for a letter: what is beyond the first plane is shown to it as a picture in the text. */
function levelsOf(line: string, direction: Direction): Uint8Array {
  return bidi.getEmbeddingLevels(line.replace(/[\u{10000}-\u{10FFFF}]/gu, "\ufffc\ufffc"), direction).levels;
}

function evenRuns(levels: Uint8Array, start: number, end: number): [number, number][] {
  const runs: [number, number][] = [];
  let from = start;
  for (let at = start + 1; at <= end; at++) {
    if (at < end && levels[at] === levels[from]) continue;
    runs.push([from, at]);
    from = at;
  }
  return runs;
}

/** Rule L2: from the highest level down to the lowest odd one, all that is at that level or above is reversed. */
function reordered<T extends { level: number }>(parts: readonly T[]): T[] {
  const order = [...parts];
  const highest = Math.max(...parts.map(({ level }) => level));
  for (let level = highest; level > 0; level--) {
    for (let from = 0; from < order.length; from++) {
      let to = from;
      while ((order[to]?.level ?? -1) >= level) to++;
      order.splice(from, to - from, ...order.slice(from, to).reverse());
      from = Math.max(from, to);
    }
  }
  return order;
}
