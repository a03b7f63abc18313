import type { Area } from "./frame.ts";
import type { PlacedCue, PlacedPart } from "./layout.ts";
import type { Part } from "./parts.ts";
import { aroundTurned, turned } from "./reach.ts";
import type { Point } from "./shapes.ts";

/**
 * Where an event draws. libass hands ffmpeg bitmaps with margins of nothing, up to 31 px to fill its tiles and four and a half deviations
 * of a blur to each side, and ffmpeg blends every pixel of them: a fifth to a third of all drawing, if they are not clipped away.
 */

/** The ink of a part of a word at rest, before all is turned, px. */
export function inkOf({ x, width, groups }: PlacedPart, footY: number, emPx: number): Area {
  const inks = groups.flatMap(({ runs }) => runs.flatMap((run) => ("ink" in run ? [run.ink] : [])));
  const most = (of: "above" | "below" | "beside") => Math.max(...inks.map((ink) => ink[of])) * emPx;
  const half = (width * emPx) / 2 + most("beside");
  return { left: x - half, right: x + half, top: footY - most("above"), bottom: footY + most("below") };
}

/** What a part draws of ink that is placed at, and grows from, `anchor`: in whole px of the frame, and no pixel that could be seen is outside. */
export function drawnArea(
  ink: Area,
  anchor: Point,
  { edge, blur, shift }: Pick<Part, "edge" | "blur" | "shift">,
  growth: number,
  cue: PlacedCue,
): Area {
  const grown = (at: number, middle: number) => middle + (at - middle) * growth;
  const { left, right, top, bottom } = aroundTurned(
    {
      left: Math.min(ink.left, grown(ink.left, anchor.x)),
      right: Math.max(ink.right, grown(ink.right, anchor.x)),
      top: Math.min(ink.top, grown(ink.top, anchor.y)),
      bottom: Math.max(ink.bottom, grown(ink.bottom, anchor.y)),
    },
    cue,
  );
  const [x, y] = [shift.x * cue.emPx, shift.y * cue.emPx];
  const around = (edge.width + blur * blurReach) * cue.emPx + roundingPx;
  return {
    left: Math.floor(left + x - around),
    right: Math.ceil(right + x + around),
    top: Math.floor(top + y - around),
    bottom: Math.ceil(bottom + y + around),
  };
}

/**
 * ASS's \blur of 1 is a Gaussian one of 2 / sqrt(ln 256) px (ass_render.c), of which less than 1/256 lies beyond 2.7 deviations: less than
 * 8 bits show.
 */
const blurReach = (2.7 * 2) / Math.sqrt(Math.log(256));

/** Of a measured edge, libass's places, growth and blur. */
const roundingPx = 2;

/**
 * The largest upright area that a turned one, whose edge strays inwards or whose corners are round, certainly covers. In even px: pixels
 * share their colour two by two, and of two bitmaps that meet within such a pair each would blend a half.
 */
export function coveredArea({ left, right, top, bottom }: Area, radius: number, cue: PlacedCue): Area {
  const inset = radius + roundingPx;
  const corner = (x: number, y: number) => turned({ x, y }, cue);
  const [l, r, t, b] = [left + inset, right - inset, top + inset, bottom - inset];
  return {
    left: even(Math.ceil, Math.max(corner(l, t).x, corner(l, b).x)),
    right: even(Math.floor, Math.min(corner(r, t).x, corner(r, b).x)),
    top: even(Math.ceil, Math.max(corner(l, t).y, corner(r, t).y)),
    bottom: even(Math.floor, Math.min(corner(l, b).y, corner(r, b).y)),
  };
}

const even = (round: (value: number) => number, value: number) => 2 * round(value / 2);

export const clipTag = ({ left, right, top, bottom }: Area) => `\\clip(${left},${top},${right},${bottom})`;
/** All but an area is drawn. */
export const holeTag = ({ left, right, top, bottom }: Area) => `\\iclip(${left},${top},${right},${bottom})`;
