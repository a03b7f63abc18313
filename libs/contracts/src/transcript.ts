import * as z from "zod";

/** One spoken word as it is shown, with the time it is said. Times are ms from the start of the video. */
export const Word = z.object({
  text: z.string().min(1).max(200),
  start_ms: z.number().int().nonnegative(),
  end_ms: z.number().int().nonnegative(),
  /** 0 to 1: the recogniser's probability of this word, or of its sentence where it tells no more. */
  confidence: z.number().min(0).max(1),
});
export type Word = z.infer<typeof Word>;

/** What was said in a video. Words are in order of time and do not overlap. */
export const Transcript = z.object({
  version: z.literal(1),
  /** ISO 639-1. */
  language: z.string().min(2).max(3),
  engine: z.enum(["groq", "local"]),
  model: z.string(),
  duration_ms: z.number().int().positive(),
  text: z.string(),
  words: z.array(Word),
});
export type Transcript = z.infer<typeof Transcript>;
