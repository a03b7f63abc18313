import { type Box, peakOf, type Style } from "@viralclaw/contracts/style";
import type { Font } from "./fonts.ts";
import type { Area, Frame } from "./frame.ts";
import { safeArea } from "./frame.ts";
import type { PlacedCue, PlacedWord } from "./layout.ts";
import type { Point } from "./shapes.ts";

/** How far a style draws beyond the letters of a cue at rest. */

/** In em, to each side, and above and below. */
export function overhang(style: Style): { x: number; y: number } {
  const { stroke, word_box, line_box, cue_box } = style;
  const reaches = [
    { x: stroke?.width ?? 0, y: stroke?.width ?? 0 },
    ...[word_box, line_box, cue_box].filter((box) => box !== null).map(boxReach),
  ];
  const growth = (peakOf(style) - 1) / 2;
  return { x: Math.max(...reaches.map(({ x }) => x)), y: Math.max(...reaches.map(({ y }) => y)) + growth };
}

/** How far a box reaches beyond its letters, em. */
export function boxReach({ shape, pad_x, pad_y, radius, border }: Box): { x: number; y: number } {
  const edge = border?.width ?? 0;
  return {
    x: pad_x + edge + (shape === "marker" ? radius / 2 : 0),
    y: edge + (shape === "underline" ? underlineDropEm + pad_y : pad_y),
  };
}

/** From the foot of the letters down to an underline, em: clear of a cedilla's hook would be a line of its own. */
export const underlineDropEm = 0.1;

/** How far letters reach above and below their foot, em. */
export interface Letters {
  above: number;
  below: number;
}

/** What letters take up, and what stands over all that is drawn around them, em. */
export interface Reach extends Letters {
  over: number;
}

/** What letters take up: capitals hang nowhere. Of other scripts, and pictures, what they reach in these texts: the same in all cues of a video, so that no line jumps. */
export function lettersOf(style: Pick<Style, "text_case">, { metrics }: Font, sets: readonly Letters[] = []): Letters {
  return {
    above: Math.max(metrics.capHeight, ...sets.map(({ above }) => above)),
    below: Math.max(style.text_case === "upper" ? 0 : metrics.tail, ...sets.map(({ below }) => below)),
  };
}

/** From foot to foot, em: as the style says, or more where its lines would touch, as those of Devanagari and Thai do. */
export const lineHeightOf = ({ line_height }: Style, { above, below }: Letters): number =>
  Math.max(line_height, above + below + clearOfLineEm);
const clearOfLineEm = 0.08;

/** The most lines that a style sets, from the top of the font's to its bottom, with all that is drawn around them, em. */
export function tallestEm(style: Style, { metrics }: Font, letters: Reach): number {
  const [above, below] = [Math.max(metrics.ascender, letters.above + letters.over), Math.max(metrics.descender, letters.below)];
  return above + below + (style.max_lines - 1) * lineHeightOf(style, letters) + 2 * overhang(style).y;
}

/** How far the captions are turned, radians clockwise: as the style says, but on a flat frame less, or they would leave it at the top. */
export function turnOf({ tilt }: Style, frame: Frame): number {
  const area = safeArea(frame);
  const most = Math.asin(Math.min(1, (area.bottom - area.top) / (4 * (area.right - area.left))));
  return Math.max(-most, Math.min((tilt * Math.PI) / 180, most));
}

/** Where a point of a cue is once the cue has been turned around its middle. */
export function turned({ x, y }: Point, { letters, turn }: Pick<PlacedCue, "letters" | "turn">): Point {
  if (turn === 0) return { x, y };
  const [middleX, middleY] = [(letters.left + letters.right) / 2, (letters.top + letters.bottom) / 2];
  const [dx, dy, cos, sin] = [x - middleX, y - middleY, Math.cos(turn), Math.sin(turn)];
  return { x: middleX + dx * cos - dy * sin, y: middleY + dx * sin + dy * cos };
}

/** The most that a cue covers: all its words grown, stroked, boxed and turned, and the emoji above them, px. */
export function reachOf(cue: PlacedCue, style: Style): Area {
  const { words, above, letters, emPx } = cue;
  const { x, y } = overhang(style);
  const half = ({ width }: PlacedWord) => (width * peakOf(style)) / 2 + x * emPx;
  const [left, right] = [
    Math.min(...words.map((word) => word.x - half(word)), ...above.map(({ area }) => area.left)),
    Math.max(...words.map((word) => word.x + half(word)), ...above.map(({ area }) => area.right)),
  ];
  const [top, bottom] = [Math.min(letters.top - y * emPx, ...above.map(({ area }) => area.top)), letters.bottom + y * emPx];
  return aroundTurned({ left, right, top, bottom }, cue);
}

/** The area around another one that is turned with its cue. */
export function aroundTurned({ left, right, top, bottom }: Area, cue: Pick<PlacedCue, "letters" | "turn">): Area {
  const corners = [left, right].flatMap((x) => [top, bottom].map((y) => turned({ x, y }, cue)));
  const [xs, ys] = [corners.map(({ x }) => x), corners.map(({ y }) => y)];
  return { left: Math.min(...xs), right: Math.max(...xs), top: Math.min(...ys), bottom: Math.max(...ys) };
}
