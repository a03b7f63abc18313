import * as z from "zod";
import { StoreKey } from "./facts.ts";

/** How captions look. */
const Look = z.object({
  style: z.string(),
  style_overrides: z.record(z.string(), z.unknown()).nullable(),
  /** The customer's own font, where these name one. */
  font_key: StoreKey.nullable().default(null),
});

/** What a renderer is asked to draw: one still, as it would be in the video. Asked over NATS, answered with a PNG. */
export const PreviewRequest = Look.extend({
  /** ISO 639-1: capitals differ. */
  language: z.string(),
  /** What is being said; null for the job's own words. */
  text: z.string().nullable(),
  /** The longer side of the picture, px. */
  size: z.number().int().positive(),
  on: z.discriminatedUnion("type", [
    z.object({ type: z.literal("ground"), shape: z.enum(["vertical", "square", "wide"]) }),
    z.object({
      type: z.literal("job"),
      source_key: StoreKey,
      source_bytes: z.number().int().nonnegative(),
      transcript_key: StoreKey.nullable(),
      at_ms: z.number().int().nonnegative(),
    }),
  ]),
});
export type PreviewRequest = z.infer<typeof PreviewRequest>;

/** What a renderer is asked to lay out: a version of a job's words on its video. Asked over NATS, answered with the ASS script. */
export const ScriptRequest = Look.extend({
  source_key: StoreKey,
  source_bytes: z.number().int().nonnegative(),
  transcript_key: StoreKey,
});
export type ScriptRequest = z.infer<typeof ScriptRequest>;

/** Where renderers listen; one of them answers. */
export const previewSubject = "viralclaw.ask.preview";
export const scriptSubject = "viralclaw.ask.script";
