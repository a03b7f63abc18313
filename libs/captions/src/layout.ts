import { peakOf, type Style } from "@viralclaw/contracts/style";
import type { TimingSource, Word } from "@viralclaw/contracts/transcript";
import { type Direction, directionOf, fromLeft } from "./bidi.ts";
import { type Cue, makeCues } from "./cues.ts";
import { type EmojiAbove, emojiAbove, roomAbove } from "./emoji-above.ts";
import { type Font, openFont } from "./fonts.ts";
import { type Area, type Frame, safeArea, shapeOf } from "./frame.ts";
import type { Line } from "./lines.ts";
import { phrased } from "./phrases.ts";
import { boxReach, lettersOf, lineHeightOf, overhang, type Reach, tallestEm, turnOf } from "./reach.ts";
import { hanOf } from "./scripts.ts";
import { emojiSide, type Typeset, type TypesetRun, typesetter } from "./typeset.ts";
import { type Findings, typesetWords } from "./typeset-words.ts";
import { shownWords } from "./words.ts";

/**
 * Spoken words laid out on a frame: which are shown when, and where each of them stands. Pure: words in, positions out.
 * Every word has its own place, from the first to the last moment of its cue, so nothing moves but the word that grows.
 */
export interface Layout {
  frame: Frame;
  /** The style's, or the customer's own. */
  font: Font;
  /** An em in px. */
  emPx: number;
  cues: PlacedCue[];
  /** What letters and pictures take up above and below their foot, em. */
  reach: Reach;
  /** Words too wide for the frame, and how much smaller they are drawn. */
  shrunk: { text: string; scale: number }[];
  /** Every font that draws a word, and what was drawn in another font than the style's, as a picture or not at all. */
  found: Findings;
}

export interface PlacedCue {
  startMs: number;
  endMs: number;
  /** An em of this cue in px: smaller than the layout's where a word had to shrink. */
  emPx: number;
  words: PlacedWord[];
  /** Emoji over the words. */
  above: EmojiAbove[];
  /** The letters of all its words at rest, without strokes and boxes and before all is turned, px. */
  letters: Area;
  /** The same of each line. */
  lines: Area[];
  /** How far all of it is turned around its middle, radians clockwise. */
  turn: number;
}

export interface PlacedWord {
  text: string;
  /** While it is lit: until the next word of its cue is, the last one until the cue ends. */
  litFromMs: number;
  litToMs: number;
  /** When its voice ends, which may be before it goes out. */
  saidToMs: number;
  /** Whether it is one of the style's keywords. */
  isKeyword: boolean;
  /** Its middle and the foot of its letters before all is turned, px. */
  x: number;
  footY: number;
  width: number;
  /** One, but for a word of both directions that other words stand between. */
  parts: PlacedPart[];
}

/** What libass is given at once: what of a word stands side by side. */
export interface PlacedPart {
  /** Its middle, px. */
  x: number;
  /** em. */
  width: number;
  /** In which it is swept over. */
  direction: Direction;
  /** From left to right; the runs of each are in the order in which they are read. One, but for a word of both directions. */
  groups: { direction: Direction; runs: TypesetRun[] }[];
}

export interface LayoutOptions {
  style: Style;
  /** In place of the style's. */
  font?: Font;
  frame: Frame;
  /** ISO 639-1. */
  language: string;
  /** When the picture is over, ms. */
  endMs: number;
  /** Whose times the words have; recognised ones, unless it is said. */
  timing?: TimingSource;
}

/** Lays words out. The result lies inside the frame's safe area, its cues do not overlap and none outlives the video. */
export function layOut(words: readonly Word[], options: LayoutOptions): Layout {
  const { style, font = openFont(style.font), frame, language, endMs, timing } = options;
  const typeset = typesetter(font, hanOf(language, words.map(({ text }) => text).join("")), emojiSide(font, style));
  const { shown, sets, found } = typesetWords(
    shownWords(phrased(words, language, timing), { style, language, endMs }),
    style,
    font,
    typeset,
  );
  const reach = { ...lettersOf(style, font, sets), over: roomAbove(shown, style, font) };
  const emPx = emSize(style, font, reach, frame);
  const cues = makeCues(
    shown,
    sets.map(({ width }) => width),
    { ...rulesOf(style), maxWidth: widestEm(style, font, reach, frame, emPx), endMs },
  );
  return {
    frame,
    font,
    emPx,
    reach,
    cues: cues.map((cue) => place(cue, { style, font, reach, frame, language, typeset, emPx: emPx * cue.scale })),
    shrunk: cues.flatMap(({ words, scale }) => (scale < 1 ? words.map(({ text }) => ({ text, scale })) : [])),
    found,
  };
}

/** A style's part of the rules by which words become cues and lines. A box behind one word stays clear of the next one, and of its box. */
function rulesOf(style: Style) {
  const { word_box: box } = style;
  const boxed = box && { active: 1, spoken: 0, all: 2 }[box.behind] * boxReach(box).x + clearOfBoxEm;
  return {
    maxWordsPerCue: style.max_words_per_cue,
    maxWordsPerLine: style.max_words_per_line,
    maxLines: style.max_lines,
    wordGap: Math.max(style.word_gap, boxed ?? 0),
    joinedGap: boxed ?? 0,
    peak: peakOf(style),
    rest: style.pop?.rest ?? 1,
  };
}

const clearOfBoxEm = 0.06;

/** The style's size, or less where its lines would be higher than the safe area of a flat frame, or its boxes leave no room for a word. */
function emSize(style: Style, font: Font, reach: Reach, frame: Frame): number {
  const area = safeArea(frame);
  const [width, height] = [area.right - area.left, area.bottom - area.top];
  const turn = Math.abs(turnOf(style, frame));
  const [cos, sin, tallest] = [Math.cos(turn), Math.sin(turn), tallestEm(style, font, reach)];
  return Math.min(
    style.size * Math.min(frame.width, frame.height),
    (height - sin * width) / (tallest * cos),
    width / ((2 * overhang(style).x + Math.max(leastRoomEm, reach.over)) * cos + sin * tallest),
  );
}

/** For the letters of a line: a short word. */
const leastRoomEm = 2;

/** The most that a line may be wide, grown words included, for its cue to be in the safe area when it is turned, em. */
function widestEm(style: Style, font: Font, reach: Reach, frame: Frame, emPx: number): number {
  const area = safeArea(frame);
  const turn = Math.abs(turnOf(style, frame));
  const width = ((area.right - area.left) / emPx - Math.sin(turn) * tallestEm(style, font, reach)) / Math.cos(turn);
  return width - 2 * overhang(style).x;
}

export interface Setting {
  style: Style;
  font: Font;
  reach: Reach;
  frame: Frame;
  language: string;
  typeset: (text: string) => Typeset;
  emPx: number;
}

function place(cue: Cue, setting: Setting): PlacedCue {
  const { style, reach, frame, emPx } = setting;
  const { above, below } = reach;
  const lineHeightPx = lineHeightOf(style, reach) * emPx;
  const height = (above + below) * emPx + (cue.lines.length - 1) * lineHeightPx;
  const widest = Math.max(...cue.lines.map(({ width }) => width)) * emPx;
  const top = topOf({ height, width: widest }, setting);
  const direction = directionOf(cue.words.map(({ text }) => text).join(" "), setting.language);
  const around = (width: number, top: number, height: number): Area => {
    const left = (frame.width - width) / 2;
    return { left, right: left + width, top, bottom: top + height };
  };
  const parts = cue.lines.map((line) => placeLine(cue, line, direction, setting));
  const words = cue.lines.flatMap((line, row) =>
    cue.words.slice(line.from, line.to).map((word, i): PlacedWord => {
      const own = parts[row]?.[i] ?? [];
      const left = Math.min(...own.map((part) => part.x - (part.width * emPx) / 2));
      const right = Math.max(...own.map((part) => part.x + (part.width * emPx) / 2));
      const litToMs = cue.words[line.from + i + 1]?.startMs ?? cue.endMs;
      return {
        text: word.text,
        isKeyword: word.isKeyword,
        litFromMs: word.startMs,
        litToMs,
        saidToMs: Math.min(word.endMs, litToMs),
        x: (left + right) / 2,
        footY: top + above * emPx + row * lineHeightPx,
        width: right - left,
        parts: own,
      };
    }),
  );
  const letters = around(widest, top, height);
  return {
    startMs: cue.startMs,
    endMs: cue.endMs,
    emPx,
    words,
    above: emojiAbove(cue, words, letters, setting),
    letters,
    lines: cue.lines.map(({ width }, row) => around(width * emPx, top + row * lineHeightPx, (above + below) * emPx)),
    turn: turnOf(style, frame),
  };
}

/** The parts of each word of a line, where they stand. */
function placeLine(cue: Cue, line: Line, direction: Direction, { frame, typeset, emPx }: Setting): PlacedPart[][] {
  const words = cue.words.slice(line.from, line.to);
  const parts: PlacedPart[][] = words.map(() => []);
  let x = (frame.width - line.width * emPx) / 2;
  let last = -1;
  const texts = words.map(({ text }) => text);
  const spaces = words.map(({ isJoined }) => !isJoined);
  for (const { of, text, isGap, direction: own } of fromLeft(texts, spaces, direction)) {
    const { width, runs } = isGap ? { width: line.gaps[of] ?? 0, runs: [] } : typeset(text);
    const before = last === of ? parts[of]?.at(-1) : undefined;
    const group = { direction: own, runs };
    if (before && runs.length > 0) {
      before.groups.push(group);
      before.x += (width * emPx) / 2;
      before.width += width;
      before.direction = direction;
    } else if (runs.length > 0) parts[of]?.push({ x: x + (width * emPx) / 2, width, direction: own, groups: [group] });
    last = isGap ? -1 : of;
    x += width * emPx;
  }
  return parts;
}

/** Where the style wants the letters to begin, moved as far as needed to keep them and all that is drawn around them in the safe area. */
function topOf({ height, width }: { height: number; width: number }, { style, font, reach, frame, emPx }: Setting): number {
  const area = safeArea(frame);
  const wanted = style.position[shapeOf(frame)] * frame.height - height / 2;
  const { x, y } = overhang(style);
  // Turned, one end of a line is as much higher as the other one is lower.
  const lifted = (width / 2 + (x + ((peakOf(style) - 1) / 2) * (width / emPx)) * emPx) * Math.sin(Math.abs(turnOf(style, frame)));
  const around = y * emPx + lifted;
  const lowest = area.bottom - height - around - Math.max(0, font.metrics.descender - reach.below) * emPx;
  const highest = area.top + around + Math.max(reach.over, font.metrics.ascender - reach.above) * emPx;
  return Math.max(highest, Math.min(wanted, lowest));
}
