import { drawnArea, inkOf } from "./drawn-area.ts";
import type { Setting } from "./events.ts";
import { assFontSize, type Font } from "./fonts.ts";
import type { PlacedCue, PlacedPart } from "./layout.ts";
import { type Motion, motionTags } from "./motion.ts";
import type { Part } from "./parts.ts";
import { turned } from "./reach.ts";
import { drawingScale } from "./shapes.ts";
import { placeTags, px } from "./tags.ts";
import type { TypesetRun } from "./typeset.ts";

/**
 * A part of a word as the text of an ASS event: its runs from left to right, each in its font, all on one foot. Room is left for its
 * pictures, which have events of their own.
 */
export function partText(
  text: PlacedPart,
  footY: number,
  part: Part,
  motion: Motion,
  cue: PlacedCue,
  { font, layout }: Setting,
): string {
  const { emPx } = cue;
  const { edge, blur, shift, asOne } = part;
  const anchor = { x: text.x + middleAside(text) * emPx, y: footY - middleAboveFoot(text) * emPx };
  const place = turned(anchor, cue);
  const at = { x: place.x + shift.x * emPx, y: place.y + shift.y * emPx };
  const stroke = edge.width > 0 ? `\\bord${px(edge.width * emPx)}` : "";
  // Only a cue that had to shrink differs from its ASS style.
  const size = emPx === layout.emPx ? "" : sizeTag(font, emPx) + stroke;
  const soft = blur > 0 ? `\\blur${px(blur * emPx)}` : "";
  const area = drawnArea(inkOf(text, footY, emPx), anchor, part, motion.growth, cue);
  const head = `{${placeTags(at, cue)}${size}${soft}${asOne ? filledShadow : ""}${motionTags(motion, area)}}`;

  let last: FontRun | { font: Font; scale: number } = { font, scale: 1 };
  const changeTo = (run: FontRun | undefined): string => {
    if (!run || (run.font === last.font && run.scale === last.scale)) return "";
    const name = run.font === last.font ? "" : `\\fn${run.font.fullName}`;
    last = run;
    return `{${name}${sizeTag(run.font, emPx * run.scale)}}`;
  };
  const groups = text.groups.map(({ direction, runs }) => {
    // An override is a character too: it is given to a font that knows it.
    const begin = direction === "rtl" ? `${changeTo(runs.find(isText))}${override}` : "";
    const drawn = runs.map((run) => (isText(run) ? changeTo(run) + run.text : room(run.width * emPx, stroke)));
    return `${begin}${drawn.join("")}${direction === "rtl" ? pop : ""}`;
  });
  return head + groups.join("");
}

/** Of letters and an edge that are not to be seen libass draws the shadow of the edge alone, unless they are karaoke's. */
export const filledShadow = "\\kf0";

type FontRun = Extract<TypesetRun, { font: Font }>;
const isText = (run: TypesetRun): run is FontRun => "font" in run;

/** libass takes text for left to right and would put a sentence's full stop at its right: RLO says that all that follows is not, PDF ends it. */
const [override, pop] = ["\u202e", "\u202c"] as const;

const sizeTag = (font: Font, emPx: number) => `\\fs${px(assFontSize(font, emPx))}`;

/** Nothing is drawn, as wide as a picture. It has no outline: that would be. */
const room = (widthPx: number, stroke: string) =>
  `{\\bord0\\p${drawingScale}}m 0 0 l ${Math.round(widthPx * 2 ** (drawingScale - 1))} 0{\\p0${stroke}}`;

/**
 * libass 0.17 centres a line between the first place of a cluster and the last end of one, and an Arabic letter's dot is its first glyph: how far
 * right of the middle of the letters that is, em. What turns the direction is a cluster too, at either end.
 */
function middleAside({ width, groups }: PlacedPart): number {
  let [x, from, to] = [0, Number.POSITIVE_INFINITY, 0];
  for (const { direction, runs } of groups) {
    const begin = x;
    for (const run of direction === "rtl" ? runs.toReversed() : runs) {
      from = Math.min(from, x + (isText(run) ? run.from : 0));
      to = Math.max(to, x + (isText(run) ? run.to : run.width));
      x += run.width;
    }
    if (direction === "rtl") [from, to] = [Math.min(from, begin), Math.max(to, x)];
  }
  return (from + to - width) / 2;
}

/** libass centres the line it lays out, which reaches from the largest winAscent above the foot to the largest winDescent below, em. */
function middleAboveFoot({ groups }: PlacedPart): number {
  const runs = groups.flatMap((group) => group.runs.filter(isText));
  const reach = (of: "winAscent" | "winDescent") => Math.max(0, ...runs.map(({ font, scale }) => font.metrics[of] * scale));
  return (reach("winAscent") - reach("winDescent")) / 2;
}
