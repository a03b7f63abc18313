import { peakOf, type Style } from "@viralclaw/contracts/style";
import type { Word } from "@viralclaw/contracts/transcript";
import { type Cue, makeCues } from "./cues.ts";
import { type Font, openFont } from "./fonts.ts";
import { type Area, type Frame, safeArea, shapeOf } from "./frame.ts";
import { measure } from "./measure.ts";
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
  /** The letters of all its words at rest, without strokes and boxes, px. */
  letters: Area;
}

export interface PlacedWord {
  text: string;
  /** While it is lit: until the next word of its cue is, the last one until the cue ends. */
  litFromMs: number;
  litToMs: number;
  /** Its middle and the foot of its letters, px. */
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
  const area = safeArea(frame);
  const shown = shownWords(words, { style, language, endMs });
  const measured = shown.map(({ text }) => measure(font, text));
  const cues = makeCues(
    shown,
    measured.map(({ width }) => width),
    {
      ...rulesOf(style),
      maxWidth: (area.right - area.left) / emPx - 2 * overhang(style).x,
      endMs,
    },
  );
  return {
    frame,
    emPx,
    cues: cues.map((cue) => place(cue, { style, font, frame, emPx: emPx * cue.scale })),
    shrunk: cues.flatMap(({ words, scale }) => (scale < 1 ? words.map(({ text }) => ({ text, scale })) : [])),
    missing: [...new Set(measured.flatMap(({ missing }) => missing))],
  };
}

/** A style's part of the rules by which words become cues and lines. A box behind a word stays clear of the next word. */
function rulesOf(style: Style) {
  return {
    maxWordsPerCue: style.max_words_per_cue,
    maxWordsPerLine: style.max_words_per_line,
    maxLines: style.max_lines,
    wordGap: Math.max(style.word_gap, (style.word_box?.pad_x ?? 0) + clearOfBox),
    peak: peakOf(style),
  };
}

/** em. */
const clearOfBox = 0.06;

/** The most that a cue covers: all its words grown, stroked and boxed, px. */
export function reachOf({ words, letters, emPx }: PlacedCue, style: Style): Area {
  const { x, y } = overhang(style);
  const half = ({ width }: PlacedWord) => (width * peakOf(style)) / 2 + x * emPx;
  return {
    left: Math.min(...words.map((word) => word.x - half(word))),
    right: Math.max(...words.map((word) => word.x + half(word))),
    top: letters.top - y * emPx,
    bottom: letters.bottom + y * emPx,
  };
}

/** How far a style draws beyond its letters, em. */
function overhang({ stroke, word_box, cue_box, pop }: Style): { x: number; y: number } {
  const reaches = [stroke && { pad_x: stroke.width, pad_y: stroke.width }, word_box, cue_box].filter((reach) => reach !== null);
  const growth = (peakOf({ pop }) - 1) / 2;
  return {
    x: Math.max(0, ...reaches.map(({ pad_x }) => pad_x)),
    y: Math.max(0, ...reaches.map(({ pad_y }) => pad_y)) + growth,
  };
}

/** What letters take up above and below their foot, em: capitals hang nowhere. */
export function lettersOf(style: Pick<Style, "text_case">, { metrics }: Font): { above: number; below: number } {
  return { above: metrics.capHeight, below: style.text_case === "upper" ? 0 : metrics.tail };
}

/** The style's size, or less where its lines would be higher than the safe area of a flat frame. */
function emSize(style: Style, font: Font, frame: Frame): number {
  const area = safeArea(frame);
  const heightEm =
    font.metrics.ascender + font.metrics.descender + (style.max_lines - 1) * style.line_height + 2 * overhang(style).y;
  return Math.min(style.size * Math.min(frame.width, frame.height), (area.bottom - area.top) / heightEm);
}

interface Setting {
  style: Style;
  font: Font;
  frame: Frame;
  emPx: number;
}

function place(cue: Cue, { style, font, frame, emPx }: Setting): PlacedCue {
  const letters = lettersOf(style, font);
  const lineHeightPx = style.line_height * emPx;
  const height = (letters.above + letters.below) * emPx + (cue.lines.length - 1) * lineHeightPx;
  const top = topOf(height, { style, font, frame, emPx });
  const rightToLeft = readsRightToLeft(cue);
  const widestPx = Math.max(...cue.lines.map(({ width }) => width)) * emPx;

  const words = cue.lines.flatMap((line, row) => {
    const inOrder = cue.words.slice(line.from, line.to).map((word, i) => ({ word, i: line.from + i }));
    let x = (frame.width - line.width * emPx) / 2;
    const placed = (rightToLeft ? inOrder.toReversed() : inOrder).map(({ word, i }) => {
      const width = measure(font, word.text).width * emPx;
      const middle = x + width / 2;
      x += width + line.gap * emPx;
      return {
        text: word.text,
        litFromMs: word.startMs,
        litToMs: cue.words[i + 1]?.startMs ?? cue.endMs,
        x: middle,
        footY: top + letters.above * emPx + row * lineHeightPx,
        width,
      };
    });
    return rightToLeft ? placed.toReversed() : placed;
  });

  const left = (frame.width - widestPx) / 2;
  return {
    startMs: cue.startMs,
    endMs: cue.endMs,
    emPx,
    words,
    letters: { left, right: left + widestPx, top, bottom: top + height },
  };
}

/** Where the style wants the letters to begin, moved as far as needed to keep them and all that is drawn around them in the safe area. */
function topOf(height: number, { style, font, frame, emPx }: Setting): number {
  const area = safeArea(frame);
  const letters = lettersOf(style, font);
  const wanted = style.position[shapeOf(frame)] * frame.height - height / 2;
  const around = overhang(style).y * emPx;
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
