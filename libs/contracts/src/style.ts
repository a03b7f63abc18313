import * as z from "zod";
import { type FontFamily, fontFamilies, fontWeights } from "./fonts.ts";
import { UploadId } from "./ids.ts";

/**
 * What a caption style is: data that a designer, or a bot, can write without a line of code.
 * Lengths are in em (the font's own size), so that a style looks the same on any frame; `size` says what an em is.
 * It refuses what would not be legible or would leave the frame, not what is ugly.
 */

const Colour = z.string().regex(/^#[0-9a-f]{6}$/i, "must be a colour such as #ffd60a");
const share = () => z.number().min(0).max(1);
const em = (min: number, max: number) => z.number().min(min).max(max);
const opaque = () => share().default(1).meta({ description: "From 0 (not to be seen) to 1" });

/** Light that letters give off. */
const Glow = z.strictObject({
  color: Colour,
  opacity: opaque(),
  size: em(0.02, 0.6).meta({ description: "How far the light reaches, em" }),
});

/** How a word's letters are filled. */
const Paint = z.strictObject({
  color: Colour,
  opacity: opaque(),
  blur: em(0, 0.3)
    .default(0)
    .meta({ description: "Out of focus by so much, em: the letters, or their stroke where they have one" }),
  glow: Glow.nullable().default(null),
});
export type Paint = z.infer<typeof Paint>;

const Stroke = z.strictObject({
  color: Colour,
  width: em(0, 0.3).meta({ description: "How far it reaches outside of the letters, em" }),
  opacity: opaque(),
});

const Shadow = z.strictObject({
  color: Colour,
  opacity: share(),
  x: em(-0.5, 0.5),
  y: em(-0.5, 0.5),
  blur: em(0, 0.5),
});

/** A ground behind letters. */
const Box = z.strictObject({
  color: Colour,
  opacity: opaque(),
  pad_x: em(0, 2).meta({ description: "How far it reaches beyond the letters to each side, em" }),
  pad_y: em(0, 2).meta({ description: "How far above and below, em; of an underline its thickness" }),
  radius: em(0, 2).meta({
    description: "Of round corners, em; of a rough edge how far it strays, of a marker how slanted its ends are",
  }),
  shape: z.enum(["rounded", "rough", "marker", "underline"]).default("rounded"),
  border: z
    .strictObject({ color: Colour, width: em(0, 0.3) })
    .nullable()
    .default(null),
});
export type Box = z.infer<typeof Box>;

const WordBox = Box.extend({
  behind: z.enum(["active", "spoken", "all"]).default("active").meta({
    description: "Behind the word being said, the words said so far, or every word",
  }),
  sweep: z.boolean().default(false).meta({ description: "Whether it is drawn along the word while that is said" }),
});

/** A word begins at `from` times its size, swells to `peak` and settles at `rest`, so that the eye follows it. */
const Pop = z.strictObject({
  from: z.number().min(0.3).max(1).default(1),
  peak: z.number().min(1).max(1.5),
  rest: z.number().min(1).max(1.5),
  rise_ms: z.number().int().min(0).max(500),
  settle_ms: z.number().int().min(0).max(500),
});
export type Pop = z.infer<typeof Pop>;

const Font = z.strictObject({
  family: z.enum(fontFamilies),
  weight: z.number().int().min(100).max(900).meta({ description: "400 is regular, 700 bold, 900 black" }),
  upload_id: UploadId.optional().meta({
    description:
      "A font of your own in place of the family: the upload of a TTF or OTF, begun with POST /api/uploads and kind font",
  }),
});

const Emoji = z.strictObject({
  place: z.enum(["beside", "above", "none"]).meta({
    description:
      "Where a word's own emoji is: behind the word, or above the caption, from when the word is said until another comes or the caption goes. none leaves out every emoji, those in the text too",
  }),
  size: z.number().min(0.8).max(3).meta({ description: "Of every emoji: how often as high as the capitals" }),
});

/** All that a request may override. */
export const Look = z.strictObject({
  font: Font.refine(({ family, weight }) => (fontWeights[family] as readonly number[]).includes(weight), {
    error: ({ input }) => {
      const { family } = input as { family: FontFamily };
      return `must be one of ${fontWeights[family].join(", ")} for ${family}`;
    },
    path: ["weight"],
  }),
  size: z.number().min(0.02).max(0.2).meta({ description: "An em, as a share of the frame's shorter side" }),
  text_case: z.enum(["spoken", "upper", "lower"]),
  punctuation: z.enum(["spoken", "expressive"]).meta({
    description: "expressive keeps ? and ! only: commas and full stops are noise in a three-word caption",
  }),
  word_gap: em(0.05, 2).meta({
    description: "From the end of a word to the start of the next, em; more is added where a word grows or has a box",
  }),
  line_height: em(0.8, 2).meta({ description: "From one line's foot to the next one's, em" }),
  max_words_per_cue: z.number().int().min(1).max(12),
  max_words_per_line: z.number().int().min(1).max(12),
  max_lines: z.number().int().min(1).max(3),
  reveal: z.enum(["all", "as_said"]).meta({ description: "Whether words are there before they are said" }),
  upcoming: Paint.meta({ description: "A word not yet said" }),
  active: Paint.meta({ description: "The word being said" }),
  said: Paint.meta({ description: "A word said already" }),
  fill: z
    .enum(["at_once", "sweep"])
    .meta({ description: "How the word being said takes on its colour: whole, or along with the voice" }),
  keywords: z
    .array(z.string().min(1).max(40))
    .max(50)
    .default([])
    .meta({ description: "Words that are drawn in the colour of emphasis, in any case and without their punctuation" }),
  emphasis: z
    .strictObject({ color: Colour, glow: Glow.nullable().default(null) })
    .meta({ description: "How keywords are drawn, whether said or not" }),
  emoji: Emoji.default({ place: "beside", size: 1.3 }).meta({ description: "Whether, where and how large emoji are shown" }),
  pop: Pop.nullable().meta({ description: "How the word being said grows" }),
  stroke: Stroke.nullable().meta({ description: "Around every letter" }),
  shadow: Shadow.nullable(),
  word_box: WordBox.nullable(),
  line_box: Box.nullable().meta({ description: "Behind each line of words" }),
  cue_box: Box.nullable().meta({ description: "Behind all the words that are on the screen together" }),
  tilt: z.number().min(-10).max(10).meta({ description: "By how much all is turned, degrees clockwise" }),
  position: z.strictObject({ vertical: share(), square: share(), wide: share() }).meta({
    description: "Where the middle of the captions is, as a share of the frame's height from its top, by the frame's shape",
  }),
});

export const Style = z.strictObject({
  id: z.string().regex(/^[a-z][a-z0-9-]{1,31}$/),
  title: z.string(),
  description: z.string(),
  ...Look.shape,
});
export type Style = z.infer<typeof Style>;

/** The most a word grows while it is said, as a factor of its size. */
export function peakOf({ pop }: Pick<Style, "pop">): number {
  return pop ? Math.max(pop.peak, pop.rest) : 1;
}
