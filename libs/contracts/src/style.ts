import * as z from "zod";
import { type FontFamily, fontFamilies, fontWeights, nearestWeight } from "./fonts.ts";
import { limits } from "./limits.ts";

/**
 * What a caption style is: data that a designer, or a bot, can write without a line of code.
 * Lengths are in em (the font's own size), so that a style looks the same on any frame; `size` says what an em is.
 * It refuses what would not be legible or would leave the frame, not what is ugly.
 */

const Colour = z.string().regex(/^#[0-9a-f]{6}$/i, "must be a colour such as #ffd60a");
const share = () => z.number().min(0).max(1);
const em = (min: number, max: number) => z.number().min(min).max(max);

/** How a word's letters are filled. */
const Paint = z.strictObject({ color: Colour, opacity: share().default(1) });
export type Paint = z.infer<typeof Paint>;

/** A rounded box behind letters: how far it reaches beyond them, and how round it is. */
const Box = z.strictObject({
  color: Colour,
  opacity: share().default(1),
  pad_x: em(0, 2),
  pad_y: em(0, 2),
  radius: em(0, 2),
});
export type Box = z.infer<typeof Box>;

/** A word swells to `peak` and settles at `rest` times its size, so that the eye follows it. */
const Pop = z.strictObject({
  peak: z.number().min(1).max(1.5),
  rest: z.number().min(1).max(1.5),
  rise_ms: z.number().int().min(0).max(500),
  settle_ms: z.number().int().min(0).max(500),
});
export type Pop = z.infer<typeof Pop>;

const Font = z.strictObject({
  family: z.enum(fontFamilies),
  weight: z.number().int().min(100).max(900).meta({ description: "400 is regular, 700 bold, 900 black" }),
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
  upcoming: Paint.meta({ description: "A word not yet said" }),
  active: Paint.meta({ description: "The word being said" }),
  said: Paint.meta({ description: "A word said already" }),
  pop: Pop.nullable().meta({ description: "How the word being said grows" }),
  stroke: z
    .strictObject({ color: Colour, width: em(0, 0.3), opacity: share().default(1) })
    .nullable()
    .meta({ description: "Around every letter; width is how far it reaches outside of it, em" }),
  shadow: z.strictObject({ color: Colour, opacity: share(), x: em(-0.5, 0.5), y: em(-0.5, 0.5), blur: em(0, 0.5) }).nullable(),
  word_box: Box.nullable().meta({ description: "Behind the word being said" }),
  cue_box: Box.nullable().meta({ description: "Behind all the words that are on the screen together" }),
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

type Partial<T> = T extends readonly unknown[] ? T : T extends object ? { [K in keyof T]?: Partial<T[K]> } : T;
export type StyleOverrides = Partial<z.infer<typeof Look>>;

/** Any part of a look, at any depth: what it leaves out stays as the style has it. Whether the whole is valid is asked of `Style`. */
export const StyleOverrides = (partly(Look) as z.ZodType<StyleOverrides>).refine(
  (value) => Buffer.byteLength(JSON.stringify(value)) <= limits.maxStyleOverridesBytes,
  `must have at most ${limits.maxStyleOverridesBytes} bytes as JSON`,
);

/**
 * A style with some of its fields overridden, to be checked by `Style`. Objects are merged; lists, null and all else replace. A
 * family alone takes the weight on offer that is nearest to the style's.
 */
export function overridden(style: Style, overrides: StyleOverrides | null): unknown {
  if (!overrides) return style;
  const { font } = overrides;
  const weight = font?.family && font.weight === undefined ? nearestWeight(font.family, style.font.weight) : undefined;
  return merged(style, weight ? { ...overrides, font: { ...font, weight } } : overrides);
}

function merged(base: unknown, over: unknown): unknown {
  if (over === undefined) return base;
  if (!isRecord(over)) return over;
  const under = isRecord(base) ? base : {};
  return { ...under, ...Object.fromEntries(Object.entries(over).map(([key, value]) => [key, merged(under[key], value)])) };
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** The same schema with nothing demanded, at any depth, and nothing filled in. */
function partly(schema: z.ZodType): z.ZodType {
  const described = (made: z.ZodType) => (schema.meta() ? made.meta(schema.meta() ?? {}) : made);
  if (schema instanceof z.ZodObject) {
    const fields = Object.entries<z.ZodType>(schema.shape).map(([name, field]) => [name, partly(field).optional()] as const);
    return described(z.strictObject(Object.fromEntries(fields)));
  }
  if (schema instanceof z.ZodNullable) return described(partly(schema.unwrap() as z.ZodType).nullable());
  if (schema instanceof z.ZodDefault) return partly(schema.unwrap() as z.ZodType);
  return schema;
}

/** The most a word grows while it is said, as a factor of its size. */
export function peakOf({ pop }: Pick<Style, "pop">): number {
  return pop ? Math.max(pop.peak, pop.rest) : 1;
}
