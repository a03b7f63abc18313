import * as z from "zod";
import { nearestWeight } from "./fonts.ts";
import { limits } from "./limits.ts";
import { Look, type Style } from "./style.ts";

/** What a request wants otherwise than the style has it. */

type Partly<T> = T extends readonly unknown[] ? T : T extends object ? { [K in keyof T]?: Partly<T[K]> } : T;
export type StyleOverrides = Partly<z.infer<typeof Look>>;

/** Any part of a look, at any depth. Whether the style is valid as a whole, with it, is asked of `Style`. */
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
  if (schema instanceof z.ZodDefault) return described(partly(schema.unwrap() as z.ZodType));
  return schema;
}
