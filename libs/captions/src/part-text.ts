import type { Setting } from "./events.ts";
import { assFontSize, type Font } from "./fonts.ts";
import type { PlacedCue, PlacedPart } from "./layout.ts";
import type { Part } from "./parts.ts";
import { turned } from "./reach.ts";
import { drawingScale } from "./shapes.ts";
import { placeTags, px } from "./tags.ts";
import type { TypesetRun } from "./typeset.ts";

/**
 * A part of a word as the text of an ASS event: its runs in order, each in its font, all on one foot. Room is left for its pictures,
 * which have events of their own.
 */
export function partText(
  text: PlacedPart,
  footY: number,
  { edge, blur, shift }: Part,
  tags: string,
  cue: PlacedCue,
  { font, layout }: Setting,
): string {
  const { emPx } = cue;
  const place = turned({ x: text.x, y: footY - middleAboveFoot(text) * emPx }, cue);
  const at = { x: place.x + shift.x * emPx, y: place.y + shift.y * emPx };
  const isShrunk = emPx !== layout.emPx;
  const stroke = `\\bord${px(edge.width * emPx)}`;
  const head = `${placeTags(at, cue)}${isShrunk && edge.width > 0 ? stroke : ""}${blur > 0 ? `\\blur${px(blur * emPx)}` : ""}${tags}`;

  let last = { font, scale: 1 };
  const [first = "", ...rest] = text.runs.map((run) => {
    if ("emoji" in run) return room(run.width * emPx, edge.width > 0 ? stroke : "");
    const fontTag = run.font === last.font ? "" : `\\fn${run.font.fullName}`;
    const isSame = fontTag === "" && run.scale === last.scale;
    last = run;
    return `{${fontTag}${isSame ? "" : sizeTag(run.font, emPx * run.scale)}}${run.text}`;
  });
  // Only a cue that had to shrink differs from its ASS style.
  const size = isShrunk ? sizeTag(font, emPx) : "";
  const body = `{${head}${size}${first.slice(1)}${rest.join("").replaceAll("{}", "")}`;
  return text.direction === "rtl" ? isolated(body) : body;
}

const sizeTag = (font: Font, emPx: number) => `\\fs${px(assFontSize(font, emPx))}`;

/** Nothing is drawn, as wide as a picture. It has no outline: that would be. */
const room = (widthPx: number, stroke: string) =>
  `{\\bord0\\p${drawingScale}}m 0 0 l ${Math.round(widthPx * 2 ** (drawingScale - 1))} 0{\\p0${stroke}}`;

/** libass takes text for left to right and would put a sentence's full stop at its right: an override says that all of it is not (RLO, PDF). */
const isolated = (body: string) => `${body.replace("}", "}\u202e")}\u202c`;

/** libass centres the line it lays out, which reaches from the largest winAscent above the foot to the largest winDescent below, em. */
function middleAboveFoot({ runs }: PlacedPart): number {
  const reach = (of: "winAscent" | "winDescent") =>
    Math.max(...runs.map((run: TypesetRun) => ("font" in run ? run.font.metrics[of] * run.scale : 0)));
  return (reach("winAscent") - reach("winDescent")) / 2;
}
