/**
 * A rectangle with round corners as an ASS drawing, its left top corner at 0,0. To be drawn with `\p${drawingScale}`.
 * Sizes in px; the radius is cut to half of the shorter side.
 */
export function roundedBox(width: number, height: number, radius: number): string {
  const [w, h] = [units(width), units(height)];
  const r = Math.min(units(radius), Math.floor(w / 2), Math.floor(h / 2));
  const k = Math.round(r * (1 - circle));
  return [
    `m ${r} 0 l ${w - r} 0`,
    `b ${w - k} 0 ${w} ${k} ${w} ${r} l ${w} ${h - r}`,
    `b ${w} ${h - k} ${w - k} ${h} ${w - r} ${h} l ${r} ${h}`,
    `b ${k} ${h} 0 ${h - k} 0 ${h - r} l 0 ${r}`,
    `b 0 ${k} ${k} 0 ${r} 0`,
  ].join(" ");
}

/** ASS drawings have whole coordinates, of 1/2^(scale-1) px each: here an eighth. */
export const drawingScale = 4;
const units = (px: number) => Math.round(px * 2 ** (drawingScale - 1));

/** Where a cubic curve's handle lies to follow a quarter of a circle: 4/3 (sqrt 2 - 1). */
const circle = 0.5523;
