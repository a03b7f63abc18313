import * as z from "zod";
import { StoreKey } from "./facts.ts";

/** What a renderer is asked to draw: one still, as it would be in the video. Asked over NATS, answered with a PNG. */
export const PreviewRequest = z.object({
  style: z.string(),
  style_overrides: z.record(z.string(), z.unknown()).nullable(),
  /** The customer's own font, where these name one. */
  font_key: StoreKey.nullable().default(null),
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

/** Where renderers listen; one of them answers. */
export const previewSubject = "viralclaw.ask.preview";
