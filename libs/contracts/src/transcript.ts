import * as z from "zod";
import { limits } from "./limits.ts";

/** One emoji, whatever it is made of. A refinement: no pattern of JSON schema can say it, and its format is a name of ours. */
export const Emoji = z
  .string()
  .max(64)
  .refine((text) => /^\p{RGI_Emoji}$/v.test(text), "must be one emoji")
  .meta({ format: "emoji" });

/** One spoken word as it is shown, with the time it is said. Times are ms from the start of the video. */
export const Word = z.object({
  text: z.string().min(1).max(limits.maxWordLength),
  start_ms: z.number().int().nonnegative(),
  end_ms: z.number().int().nonnegative(),
  /** 0 to 1: the recogniser's probability of this word, or of its sentence where it tells no more; 1 for a customer's own. */
  confidence: z.number().min(0).max(1),
  /** Shown as a key word, where the style has a look for these. */
  emphasis: z.boolean().optional(),
  /** Shown with the word. */
  emoji: Emoji.optional(),
});
export type Word = z.infer<typeof Word>;

/**
 * Where the times of the words come from: from the recogniser with the words; from the customer; from the customer's words
 * laid on the speech; or from those spread by length over the time in which somebody speaks, or over the customer's cues.
 * Where a transcript has several, that of most words that are said.
 */
export const TimingSource = z.enum(["recognised", "customer", "aligned", "spread"]);
export type TimingSource = z.infer<typeof TimingSource>;

/** Words of a customer's text, side by side, that nobody was heard to say. `shown`: they are among the words, between `at_ms` and `until_ms`. */
export const NotHeard = z.object({ text: z.string(), at_ms: z.number().int(), until_ms: z.number().int(), shown: z.boolean() });
export type NotHeard = z.infer<typeof NotHeard>;

/** What was said in a video. Words are in order of time and do not overlap. */
export const Transcript = z.object({
  /** Counts the edits: 1 is what the transcriber made. */
  version: z.number().int().positive(),
  /** ISO 639-1. */
  language: z.string().min(2).max(3),
  /** Who heard the words; null for a customer's own. */
  engine: z.enum(["groq", "local"]).nullable(),
  model: z.string().nullable(),
  timing_source: TimingSource,
  duration_ms: z.number().int().positive(),
  text: z.string(),
  words: z.array(Word),
  /** Of the customer's text, where it was compared with what is said; until it is edited. */
  not_heard: z.array(NotHeard).optional(),
});
export type Transcript = z.infer<typeof Transcript>;
