import bidiFactory from "bidi-js";

/** Where the parts of a line stand, by the Unicode bidirectional algorithm (UAX 9). libass is given each part alone and orders nothing. */

export type Direction = "ltr" | "rtl";

/** A part of a line that is read in one direction, and which of the line's texts it is a part of. */
export interface Part {
  of: number;
  text: string;
  direction: Direction;
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
  const line = texts.map((text, i) => text + (spaces[i] && i < texts.length - 1 ? " " : "")).join("");
  if (direction === "ltr" && !rightToLeftLetter.test(line)) return texts.map((text, of) => ({ of, text, direction: "ltr" }));
  const levels = levelsOf(line, direction);
  const parts: (Part & { level: number })[] = [];
  let start = 0;
  for (const [of, text] of texts.entries()) {
    for (const [from, to] of evenRuns(levels, start, start + text.length)) {
      const level = levels[from] ?? 0;
      parts.push({ of, text: line.slice(from, to), level, direction: level % 2 === 1 ? "rtl" : "ltr" });
    }
    start += text.length;
    // A space is a part too as long as parts are being ordered: two numbers in an Arabic sentence stand from right to left for its level.
    if (line[start] === " ") parts.push({ of: space, text: " ", level: levels[start++] ?? 0, direction });
  }
  return reordered(parts)
    .filter(({ of }) => of !== space)
    .map(({ of, text, direction }) => ({ of, text, direction }));
}

const space = -1;
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
