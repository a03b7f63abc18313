import * as z from "zod";
import { limits } from "./limits.ts";
import { Emoji, Word } from "./transcript.ts";

/** What a customer may give of the words of a video, in a request and as it is then kept in the store. */

const wordMeta = {
  description: "A word with its time in ms from the start of the video",
  examples: [{ text: "Stop", start_ms: 200, end_ms: 520 }],
};

/** A word as a customer gives it. */
export const GivenWord = z
  .strictObject({
    text: z.string().min(1).max(limits.maxWordLength),
    start_ms: z.number().int().nonnegative(),
    end_ms: z.number().int().nonnegative(),
    emphasis: Word.shape.emphasis.meta({ description: "Shown as a key word" }),
    emoji: Emoji.optional().meta({ description: "One emoji, shown with the word", examples: ["🔥"] }),
    confidence: Word.shape.confidence.optional().meta({ description: "As a transcript gave it; 1 where it is left out" }),
  })
  .meta(wordMeta);
export type GivenWord = z.infer<typeof GivenWord>;

/** Words in order of time, none over another. The first that is not is named; where one is, those after it often are as well. */
export const GivenWords = z
  .array(GivenWord)
  .min(1, "must have at least one word")
  .max(limits.maxWords, `must have at most ${limits.maxWords} words`)
  .refine((words) => words.reduce((sum, { text }) => sum + text.length, 0) <= limits.maxWordsCharacters, {
    error: `must have at most ${limits.maxWordsCharacters} characters in all`,
  })
  .superRefine((words, context) => {
    for (const [i, { start_ms, end_ms }] of words.entries()) {
      const before = words[i - 1];
      if (end_ms <= start_ms)
        context.addIssue({ code: "custom", path: [i, "end_ms"], message: `must be after start_ms, ${start_ms}` });
      else if (before && start_ms < before.end_ms)
        context.addIssue({
          code: "custom",
          path: [i, "start_ms"],
          message: `is ${start_ms}, before the word before it ends (${before.end_ms}); words must be in order and must not overlap`,
        });
      else continue;
      return;
    }
  });

/** Names and brands as they are to be spelt. */
export const Glossary = z
  .array(z.string().trim().min(2, "must have at least 2 characters").max(limits.maxGlossaryTermLength))
  .max(limits.maxGlossaryTerms, `must have at most ${limits.maxGlossaryTerms} entries`);

/** The object that a job's `wording` leads to. */
export const Wording = z.object({
  words: z
    .discriminatedUnion("kind", [
      z.object({ kind: z.literal("words"), words: z.array(Word) }),
      /** Of an SRT or WebVTT file; `line` is where the cue stands in it, from 1. */
      z.object({
        kind: z.literal("cues"),
        cues: z.array(
          z.object({ line: z.number().int(), start_ms: z.number().int(), end_ms: z.number().int(), words: z.array(z.string()) }),
        ),
      }),
      z.object({ kind: z.literal("text"), words: z.array(z.string()) }),
    ])
    .nullable(),
  glossary: z.array(z.string()),
});
export type Wording = z.infer<typeof Wording>;
