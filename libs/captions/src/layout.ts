import { peakOf, type Style } from "@viralclaw/contracts/style";
import type { Word } from "@viralclaw/contracts/transcript";
import { type Cue, makeCues } from "./cues.ts";
import { type Font, openFont } from "./fonts.ts";
import { type Area, type Frame, safeArea, shapeOf } from "./frame.ts";
import { measure } from "./measure.ts";
import { boxReach, lettersOf, overhang, tallestEm, turnOf } from "./reach.ts";
import { shownWords } from "./words.ts";

/**
 * Spoken words laid out on a frame: which are shown when, and where each of them stands. Pure: words in, positions out.
 * Every word has its own place, from the first to the last moment of its cue, so nothing moves but the word that grows.
 */
export interface Layout {
  frame: Frame;
  /** An em in px. */
  emPx: number;
  cues: PlacedCue[];
  /** Words too wide for the frame, and how much smaller they are drawn. */
  shrunk: { text: string; scale: number }[];
  /** Characters that the style's font lacks. */
  missing: string[];
}

export interface PlacedCue {
  startMs: number;
  endMs: number;
  /** An em of this cue in px: smaller than the layout's where a word had to shrink. */
  emPx: number;
  words: PlacedWord[];
  /** The letters of all its words at rest, without strokes and boxes and before all is turned, px. */
  letters: Area;
  /** The same of each line. */
  lines: Area[];
  /** How far all of it is turned around its middle, radians clockwise. */
  turn: number;
  readsRightToLeft: boolean;
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
}

export interface LayoutOptions {
  style: Style;
  frame: Frame;
  /** ISO 639-1. */
  language: string;
  /** When the picture is over, ms. */
  endMs: number;
}

/** Lays words out. The result lies inside the frame's safe area, its cues do not overlap and none outlives the video. */
export function layOut(words: readonly Word[], { style, frame, language, endMs }: LayoutOptions): Layout {
  const font = openFont(style.font);
  const emPx = emSize(style, font, frame);
  const shown = shownWords(words, { style, language, endMs });
  const measured = shown.map(({ text }) => measure(font, text));
  const cues = makeCues(
    shown,
    measured.map(({ width }) => width),
    { ...rulesOf(style), maxWidth: widestEm(style, font, frame, emPx), endMs },
  );
  return {
    frame,
    emPx,
    cues: cues.map((cue) => place(cue, { style, font, frame, emPx: emPx * cue.scale })),
    shrunk: cues.flatMap(({ words, scale }) => (scale < 1 ? words.map(({ text }) => ({ text, scale })) : [])),
    missing: [...new Set(measured.flatMap(({ missing }) => missing))],
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
    peak: peakOf(style),
  };
}

const clearOfBoxEm = 0.06;

/** The style's size, or less where its lines would be higher than the safe area of a flat frame, or its boxes leave no room for a word. */
function emSize(style: Style, font: Font, frame: Frame): number {
  const area = safeArea(frame);
  const [width, height] = [area.right - area.left, area.bottom - area.top];
  const turn = Math.abs(turnOf(style, frame));
  const [cos, sin, tallest] = [Math.cos(turn), Math.sin(turn), tallestEm(style, font)];
  return Math.min(
    style.size * Math.min(frame.width, frame.height),
    (height - sin * width) / (tallest * cos),
    width / ((2 * overhang(style).x + leastRoomEm) * cos + sin * tallest),
  );
}

/** For the letters of a line: a short word. */
const leastRoomEm = 2;

/** The most that a line may be wide, grown words included, for its cue to be in the safe area when it is turned, em. */
function widestEm(style: Style, font: Font, frame: Frame, emPx: number): number {
  const area = safeArea(frame);
  const turn = Math.abs(turnOf(style, frame));
  const width = ((area.right - area.left) / emPx - Math.sin(turn) * tallestEm(style, font)) / Math.cos(turn);
  return width - 2 * overhang(style).x;
}

interface Setting {
  style: Style;
  font: Font;
  frame: Frame;
  emPx: number;
}

function place(cue: Cue, { style, font, frame, emPx }: Setting): PlacedCue {
  const { above, below } = lettersOf(style, font);
  const lineHeightPx = style.line_height * emPx;
  const height = (above + below) * emPx + (cue.lines.length - 1) * lineHeightPx;
  const widest = Math.max(...cue.lines.map(({ width }) => width)) * emPx;
  const top = topOf({ height, width: widest }, { style, font, frame, emPx });
  const isRightToLeft = readsRightToLeft(cue);
  const around = (width: number, top: number, height: number): Area => {
    const left = (frame.width - width) / 2;
    return { left, right: left + width, top, bottom: top + height };
  };

  const words = cue.lines.flatMap((line, row) => {
    const inOrder = cue.words.slice(line.from, line.to).map((word, i) => ({ word, i: line.from + i }));
    let x = (frame.width - line.width * emPx) / 2;
    const placed = (isRightToLeft ? inOrder.toReversed() : inOrder).map(({ word, i }): PlacedWord => {
      const width = measure(font, word.text).width * emPx;
      const middle = x + width / 2;
      x += width + line.gap * emPx;
      const litToMs = cue.words[i + 1]?.startMs ?? cue.endMs;
      return {
        text: word.text,
        isKeyword: word.isKeyword,
        litFromMs: word.startMs,
        litToMs,
        saidToMs: Math.min(word.endMs, litToMs),
        x: middle,
        footY: top + above * emPx + row * lineHeightPx,
        width,
      };
    });
    return isRightToLeft ? placed.toReversed() : placed;
  });

  return {
    startMs: cue.startMs,
    endMs: cue.endMs,
    emPx,
    words,
    letters: around(widest, top, height),
    lines: cue.lines.map(({ width }, row) => around(width * emPx, top + row * lineHeightPx, (above + below) * emPx)),
    turn: turnOf(style, frame),
    readsRightToLeft: isRightToLeft,
  };
}

/** Where the style wants the letters to begin, moved as far as needed to keep them and all that is drawn around them in the safe area. */
function topOf({ height, width }: { height: number; width: number }, { style, font, frame, emPx }: Setting): number {
  const area = safeArea(frame);
  const letters = lettersOf(style, font);
  const wanted = style.position[shapeOf(frame)] * frame.height - height / 2;
  const { x, y } = overhang(style);
  // Turned, one end of a line is as much higher as the other one is lower.
  const lifted = (width / 2 + (x + ((peakOf(style) - 1) / 2) * (width / emPx)) * emPx) * Math.sin(Math.abs(turnOf(style, frame)));
  const around = y * emPx + lifted;
  const lowest = area.bottom - height - around - (font.metrics.descender - letters.below) * emPx;
  const highest = area.top + around + (font.metrics.ascender - letters.above) * emPx;
  return Math.max(highest, Math.min(wanted, lowest));
}

/** By the first letter of the cue, as the Unicode bidirectional algorithm finds a paragraph's direction (UAX 9, rule P2). */
function readsRightToLeft({ words }: Cue): boolean {
  return /^[^\p{L}]*[\p{Script=Arabic}\p{Script=Hebrew}\p{Script=Syriac}\p{Script=Thaana}]/u.test(
    words.map(({ text }) => text).join(" "),
  );
}
