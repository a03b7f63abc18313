import * as z from "zod";

/**
 * What a caption style is: data that a designer can write, without a line of code.
 * Lengths are in em (the font's own size), so that a style looks the same on any frame; `size` says what an em is.
 * It refuses what would not be legible or would leave the frame, not what is ugly.
 */

const Colour = z.string().regex(/^#[0-9a-f]{6}$/i, "must be a colour such as #ffd60a");
const Share = z.number().min(0).max(1);

/** How a word's letters are filled. */
const Paint = z.strictObject({ colour: Colour, opacity: Share.default(1) });
export type Paint = z.infer<typeof Paint>;

/** A rounded box behind letters: how far it reaches beyond them, and how round it is. */
const Box = z.strictObject({
  colour: Colour,
  opacity: Share.default(1),
  padX: z.number().min(0).max(2),
  padY: z.number().min(0).max(2),
  radius: z.number().min(0).max(2),
});
export type Box = z.infer<typeof Box>;

/** A word swells to `peak` and settles at `rest` times its size, so that the eye follows it. */
const Pop = z.strictObject({
  peak: z.number().min(1).max(1.5),
  rest: z.number().min(1).max(1.5),
  riseMs: z.number().int().min(0).max(500),
  settleMs: z.number().int().min(0).max(500),
});
export type Pop = z.infer<typeof Pop>;

export const Style = z
  .strictObject({
    id: z.string().regex(/^[a-z][a-z0-9-]{1,31}$/),
    title: z.string(),
    description: z.string(),
    font: z.strictObject({
      family: z.string(),
      weight: z.number().int().min(100).max(900),
      /** The TTF, as a path below node_modules. */
      file: z.string().endsWith(".ttf"),
    }),
    /** An em, as a share of the frame's shorter side. */
    size: z.number().min(0.02).max(0.2),
    uppercase: z.boolean(),
    /** "spoken" keeps what the recogniser wrote; "expressive" keeps ? and ! only: commas and full stops are noise in a three-word caption. */
    punctuation: z.enum(["spoken", "expressive"]),
    /** From the end of a word to the start of the next; more is added where a word grows. */
    wordGap: z.number().min(0.05).max(2),
    /** From one line's foot to the next one's. */
    lineHeight: z.number().min(0.8).max(2),
    maxWordsPerCue: z.number().int().min(1).max(12),
    maxWordsPerLine: z.number().int().min(1).max(12),
    maxLines: z.number().int().min(1).max(3),
    /** A word not yet said, being said, and said already. */
    upcoming: Paint,
    active: Paint,
    said: Paint,
    pop: Pop.nullable(),
    /** Drawn around every letter; `width` is how far it reaches outside of it. */
    stroke: z.strictObject({ colour: Colour, width: z.number().min(0).max(0.3), opacity: Share.default(1) }).nullable(),
    shadow: z
      .strictObject({
        colour: Colour,
        opacity: Share,
        x: z.number().min(-0.5).max(0.5),
        y: z.number().min(-0.5).max(0.5),
        blur: z.number().min(0).max(0.5),
      })
      .nullable(),
    /** Behind the word being said. */
    activeBox: Box.nullable(),
    /** Behind the whole cue. */
    panel: Box.nullable(),
    /** Where the middle of the captions is, as a share of the frame's height from its top. */
    position: z.strictObject({ vertical: Share, square: Share, wide: Share }),
  })
  .refine(({ activeBox, wordGap }) => activeBox === null || wordGap > activeBox.padX, {
    error: "wordGap must be more than activeBox.padX, or the box covers the next word",
    path: ["wordGap"],
  });
export type Style = z.infer<typeof Style>;

/** The most a word grows while it is said, as a factor of its size. */
export function peakOf({ pop }: Pick<Style, "pop">): number {
  return pop ? Math.max(pop.peak, pop.rest) : 1;
}
