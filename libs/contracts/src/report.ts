import * as z from "zod";
import { TimingSource } from "./transcript.ts";

/** A job's report, as its customer may read it: what may be hard to read, and why the video looks as it does. */

/** From and to when it is seen, ms. */
const When = { at_ms: z.number(), until_ms: z.number() };
const Px = z.number().meta({ description: "Pixels of the frame" });

export const legibilityLimits = {
  /** Netflix, English Timed Text Style Guide: adult programmes. */
  max_characters_per_second: 20,
  /** Netflix, Timed Text Style Guide, general requirements: 5/6 of a second. */
  min_cue_ms: 833,
  /** Below it a word is more probably wrong than right, by the recogniser's own probability. */
  min_confidence: 0.5,
} as const;

const Finding = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("reads_too_fast"), ...When, text: z.string(), characters_per_second: z.number() }),
  z.object({ kind: z.literal("cue_too_short"), ...When, text: z.string(), lasts_ms: z.number() }),
  z.object({ kind: z.literal("outside_safe_zone"), ...When, text: z.string(), by_px: Px }),
  z.object({ kind: z.literal("drawn_smaller"), ...When, text: z.string(), scale: z.number() }),
  z.object({ kind: z.literal("other_font"), ...When, text: z.string(), word: z.string(), font: z.string() }),
  z.object({ kind: z.literal("left_out"), ...When, text: z.string(), word: z.string(), reason: z.string() }),
  z.object({ kind: z.literal("low_confidence"), ...When, text: z.string(), confidence: z.number() }),
  z.object({ kind: z.literal("not_heard"), ...When, text: z.string(), shown: z.boolean() }).meta({
    description: "Words of your text that nobody was heard to say; not shown where there was no room between their neighbours",
  }),
]);
export type Finding = z.infer<typeof Finding>;

const Area = z.object({ left: Px, top: Px, right: Px, bottom: Px });

export const Legibility = z.object({
  limits: z.object({ max_characters_per_second: z.number(), min_cue_ms: z.number(), min_confidence: z.number() }).meta({
    description: "Of Netflix's Timed Text Style Guide: 20 characters a second and 5/6 s; a word less probable than one half",
  }),
  average_characters_per_second: z.number(),
  safe_zone: Area.meta({ description: "Where no app draws over the video" }),
  closest_to_edge_px: Px.nullable().meta({ description: "Between a caption and the edge of that zone, at the least" }),
  findings: z.array(Finding).meta({ description: "In order of time" }),
});
export type Legibility = z.infer<typeof Legibility>;

export const Report = z
  .looseObject({
    version: z.literal(1),
    job_id: z.string(),
    style: z.string(),
    language: z.string(),
    timing_source: TimingSource,
    transcript_version: z.number().int(),
    legibility: Legibility,
  })
  .meta({ id: "Report", description: "More is in it: the source, the result, the fonts, and how long each part took" });
