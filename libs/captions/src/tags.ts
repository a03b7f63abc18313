import type { PlacedCue } from "./layout.ts";
import type { Point } from "./shapes.ts";

/** Tags of ASS that several events share. */

/** All styles are anchored at their middle, so that growth and turning go to all sides. ASS turns anticlockwise. */
export function placeTags({ x, y }: Point, { turn }: PlacedCue): string {
  return `\\pos(${px(x)},${px(y)})${turn === 0 ? "" : `\\frz${px((-turn * 180) / Math.PI)}`}`;
}

/** Two decimals: libass places glyphs on eighths of a pixel. */
export const px = (value: number) => `${Math.round(value * 100) / 100}`;
