import type { Box } from "@viralclaw/contracts/style";
import type { Area } from "./frame.ts";

/** A filled outline as an ASS drawing, to be drawn with `\p${drawingScale}`, centred on `middle` (px). */
export interface Drawing {
  path: string;
  middle: Point;
  /** px. */
  covers: Area;
}

export interface Point {
  x: number;
  y: number;
}

/** What a box needs to know of its shape; the radius in px. */
export type Form = Pick<Box, "shape" | "radius">;

/** Draws boxes of one shape around areas, as one outline: where two of them overlap nothing is drawn twice. Sizes in px. */
export function drawing(areas: readonly Area[], { shape, radius }: Form): Drawing {
  const outlines = areas.map((area) => outline[shape](area, radius));
  const points = outlines.flat().flatMap(({ points }) => points);
  const [xs, ys] = [points.map(({ x }) => x), points.map(({ y }) => y)];
  const [left, right, top, bottom] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
  // libass places a drawing by the box around its points: it is drawn from that box's corner, so that its middle is known.
  const at = ({ x, y }: Point) => `${units(x - left)} ${units(y - top)}`;
  return {
    path: outlines.flatMap((steps) => steps.map(({ to, points }) => `${to} ${points.map(at).join(" ")}`)).join(" "),
    middle: { x: (left + right) / 2, y: (top + bottom) / 2 },
    covers: { left, right, top, bottom },
  };
}

/** ASS drawings have whole coordinates, of 1/2^(scale-1) px each: here an eighth. */
export const drawingScale = 4;
const units = (px: number) => Math.round(px * 2 ** (drawingScale - 1));

/** A step of an outline, as ASS names it: move, line, Bézier curve. */
interface Step {
  to: "m" | "l" | "b";
  points: Point[];
}

const outline: Record<Box["shape"], (area: Area, radius: number) => Step[]> = { rounded, rough, marker, underline: rounded };

/** A rectangle with round corners; the radius is cut to half of the shorter side. */
function rounded({ left, top, right, bottom }: Area, radius: number): Step[] {
  const r = Math.min(radius, (right - left) / 2, (bottom - top) / 2);
  const k = r * (1 - circle);
  const p = (x: number, y: number) => ({ x, y });
  return [
    { to: "m", points: [p(left + r, top)] },
    { to: "l", points: [p(right - r, top)] },
    { to: "b", points: [p(right - k, top), p(right, top + k), p(right, top + r)] },
    { to: "l", points: [p(right, bottom - r)] },
    { to: "b", points: [p(right, bottom - k), p(right - k, bottom), p(right - r, bottom)] },
    { to: "l", points: [p(left + r, bottom)] },
    { to: "b", points: [p(left + k, bottom), p(left, bottom - k), p(left, bottom - r)] },
    { to: "l", points: [p(left, top + r)] },
    { to: "b", points: [p(left, top + k), p(left + k, top), p(left + r, top)] },
  ];
}

/** Where a cubic curve's handle lies to follow a quarter of a circle: 4/3 (sqrt 2 - 1). */
const circle = 0.5523;

/** A rectangle cut out by hand: its straight cuts of about four radii stray inwards by up to a radius. */
function rough(area: Area, radius: number): Step[] {
  const { left, top, right, bottom } = area;
  const stray = strays(area);
  const corners = [
    { x: left, y: top },
    { x: right, y: top },
    { x: right, y: bottom },
    { x: left, y: bottom },
  ];
  const points = corners.flatMap((from, i) => {
    const to = corners[(i + 1) % corners.length] ?? from;
    const length = Math.hypot(to.x - from.x, to.y - from.y);
    const cuts = Math.max(2, Math.round(length / Math.max(4 * radius, 1)));
    const [alongX, alongY] = [(to.x - from.x) / length, (to.y - from.y) / length];
    return Array.from({ length: cuts }, (_, cut) => {
      const along = ((cut + (cut === 0 ? 0 : stray() - 0.5) * 0.6) * length) / cuts;
      const inward = stray() * radius;
      return { x: from.x + alongX * along - alongY * inward, y: from.y + alongY * along + alongX * inward };
    });
  });
  return polygon(points);
}

/** A stroke of a broad pen: ends slanted by a radius, edges that waver by a fifth of one. */
function marker(area: Area, radius: number): Step[] {
  const { left, top, right, bottom } = area;
  const stray = strays(area);
  const waver = () => (stray() * radius) / 5;
  const slant = radius / 2;
  const middle = (left + right) / 2;
  return polygon([
    { x: left + slant, y: top + waver() },
    { x: middle, y: top + waver() },
    { x: right + slant, y: top + waver() },
    { x: right - slant, y: bottom - waver() },
    { x: middle, y: bottom - waver() },
    { x: left - slant, y: bottom - waver() },
  ]);
}

const polygon = ([first, ...rest]: Point[]): Step[] =>
  first
    ? [
        { to: "m", points: [first] },
        { to: "l", points: rest },
      ]
    : [];

/** Numbers from 0 to 1 that look random and are the same for the same area, so that nothing trembles from frame to frame (mulberry32). */
function strays({ left, top, right, bottom }: Area): () => number {
  let state = Math.round((right - left) * 8) * 7919 + Math.round((bottom - top) * 8) * 104_729 + Math.round(left + top);
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
