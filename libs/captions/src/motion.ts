import { peakOf, type Style } from "@viralclaw/contracts/style";
import type { Direction } from "./bidi.ts";
import { clipTag } from "./drawn-area.ts";
import type { Area } from "./frame.ts";
import type { PlacedWord } from "./layout.ts";
import { px } from "./tags.ts";

/** What moves while an event is shown. */
export interface Motion {
  /** How it grows, as ASS tags, and to how much at most. */
  tags: string;
  growth: number;
  sweep?: Sweep | undefined;
}

/** Uncovers what is `width` px wide around `x`, in the direction in which it is read, while its word is said. */
export interface Sweep {
  word: Pick<PlacedWord, "litFromMs" | "saidToMs">;
  x: number;
  width: number;
  direction: Direction;
}

export const still: Motion = { tags: "", growth: 1 };

/** `\t` counts from the start of its event, which is the frame on which the word is lit. */
export function popping({ pop }: Pick<Style, "pop">): Motion {
  if (!pop) return still;
  const scale = (factor: number) => `\\fscx${px(factor * 100)}\\fscy${px(factor * 100)}`;
  const { from, rise_ms, settle_ms } = pop;
  const begin = from === 1 ? "" : scale(from);
  const tags = `${begin}\\t(0,${rise_ms},${scale(pop.peak)})\\t(${rise_ms},${rise_ms + settle_ms},${scale(pop.rest)})`;
  return { tags, growth: peakOf({ pop }) };
}

/** The tags of something that draws within an area. */
export const motionTags = ({ tags, sweep }: Motion, area: Area): string =>
  tags + (sweep ? sweepTags(sweep, area) : clipTag(area));

/** libass clips at whole pixels. */
export function sweepTags({ word, x, width, direction }: Sweep, area: Pick<Area, "top" | "bottom">): string {
  const [left, right] = [Math.floor(x - width / 2), Math.ceil(x + width / 2)];
  const clip = (from: number, to: number) => clipTag({ ...area, left: from, right: to });
  const begin = direction === "rtl" ? clip(right, right) : clip(left, left);
  return `${begin}\\t(0,${Math.max(1, word.saidToMs - word.litFromMs)},${clip(left, right)})`;
}
