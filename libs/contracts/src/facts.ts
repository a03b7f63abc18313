import * as z from "zod";
import { errorCodes } from "./errors.ts";
import { CustomerId, JobId, KeyId } from "./ids.ts";
import { type Tier, tiers } from "./limits.ts";
import { TimingSource, Transcript } from "./transcript.ts";

/**
 * The fact catalogue. A fact is in the past tense and is declared once; it is checked when published and when consumed.
 * It carries ids, sizes and store keys, never words, and is at most `limits.maxFactBytes` long.
 *
 * What is known of a job only grows: each schema below keeps the part of it that its readers need (zod drops the rest), so
 * the next fact is `schema.parse({ ...request, ...every result so far })`.
 */

/** A key in the object store, made by us. */
export const StoreKey = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9/._-]{0,299}$/);
export const Priority = z.literal([1, 2, 3, 4, 5], { error: "must be a whole number from 1 to 5" });
export type Priority = z.infer<typeof Priority>;
export const priorities = [1, 2, 3, 4, 5] as const satisfies readonly Priority[];

const Ms = z.number().int().nonnegative();
const Bytes = z.number().int().nonnegative();
const tierNames = tiers.map(({ tier }) => tier) as [Tier, ...Tier[]];

/** The picture as a viewer sees it: after rotation and pixel aspect. */
export const VideoInfo = z.object({
  stream_index: z.number().int().nonnegative(),
  codec: z.string(),
  width: z.number().int().positive(),
  height: z.number().int().positive(),
  rotation: z.union([z.literal(0), z.literal(90), z.literal(180), z.literal(270)]),
  /** Average frames a second; the times of the single frames may vary. */
  fps: z.number().positive(),
  pixel_format: z.string(),
  /** The transfer function, such as bt709, arib-std-b67 (HLG) or smpte2084 (PQ). */
  color_transfer: z.string().nullable(),
  /** When the first frame is shown, ms. */
  start_ms: z.number().int(),
});
export type VideoInfo = z.infer<typeof VideoInfo>;

export const AudioInfo = z.object({
  stream_index: z.number().int().nonnegative(),
  codec: z.string(),
  start_ms: z.number().int(),
  duration_ms: Ms,
});
export type AudioInfo = z.infer<typeof AudioInfo>;

export const SourceRef = z.discriminatedUnion("type", [
  z.object({ type: z.literal("url"), url: z.string() }),
  z.object({ type: z.literal("upload"), key: StoreKey, bytes: Bytes }),
]);

const Job = z.object({
  job_id: JobId,
  /** Counts how often the job's last fact had to be sent again; a result of another run is dropped. */
  run: z.number().int().positive(),
  kind: z.literal("captions"),
  priority: Priority,
  customer_id: CustomerId,
  key_id: KeyId,
  mode: z.enum(["live", "test"]),
  /** The job whose video this one renders again with other words or another style. */
  restyled_from: JobId.nullable().default(null),
});

/** What the result has to look like: see api.ts for what each means. */
export const Quality = z.enum(["fast", "balanced", "best"], { error: "must be one of fast, balanced, best" });
export type Quality = z.infer<typeof Quality>;

/** Facts written before there was a choice have none of the last two. */
const Wanted = z.object({
  language: z.string(),
  style: z.string(),
  quality: Quality.default("balanced"),
  /** The most that the captioned video may have. */
  max_result_bytes: Bytes.nullable().default(null),
});

/** Checked at the door, by StyleOverrides; a job of before there were any has none. */
const Restyled = z.object({ style_overrides: z.record(z.string(), z.unknown()).nullable().default(null) });

/**
 * What the customer gave of the words: where it lies (a Wording), and whether these are the words themselves, in place of
 * recognition, or only a glossary for it.
 */
const Worded = z.object({ wording: z.object({ key: StoreKey, has_words: z.boolean() }).nullable().default(null) });

/** The customer's own font, as the style of this job names it: made by `ownFont` of what was uploaded. */
const Lettered = z.object({ font_key: StoreKey.nullable().default(null) });

const Source = z.object({
  source_key: StoreKey,
  source_bytes: Bytes,
  duration_ms: Ms,
  tier: z.enum(tierNames),
  video: VideoInfo,
  /** Null where there is no sound, which only a customer's own words can do without. */
  audio: AudioInfo.nullable(),
});

const Spoken = z.object({
  transcript_key: StoreKey,
  transcript_version: z.number().int().positive().default(1),
  timing_source: TimingSource.default("recognised"),
  /** What was heard: ISO 639-1, never `auto`. */
  language: z.string(),
  /** Null for a customer's own words. */
  engine: Transcript.shape.engine,
  model: Transcript.shape.model,
  words: z.number().int().positive(),
});

const Rendered = z.object({
  result_key: StoreKey,
  result_bytes: Bytes,
  ass_key: StoreKey,
  report_key: StoreKey,
});

/** For whoever tells the customer that a job has ended. */
const Told = z.object({ webhook_url: z.string().nullable(), metadata: z.record(z.string(), z.unknown()).nullable() });

export const JobError = z.object({
  code: z.enum(errorCodes),
  params: z.record(z.string(), z.union([z.string(), z.number()])),
});

export const facts = {
  "job.requested": {
    version: 1,
    data: Job.extend({
      ...Wanted.shape,
      ...Restyled.shape,
      ...Worded.shape,
      source: SourceRef,
      max_duration_ms: Ms,
      max_bytes: Bytes,
    }),
  },
  "job.ingested": { version: 1, data: Job.extend({ ...Wanted.shape, ...Restyled.shape, ...Worded.shape, ...Source.shape }) },
  "job.transcribed": {
    version: 1,
    data: Job.extend({ ...Wanted.shape, ...Restyled.shape, ...Lettered.shape, ...Source.shape, ...Spoken.shape }),
  },
  "job.completed": {
    version: 1,
    data: Job.extend({
      ...Wanted.shape,
      ...Source.omit({ video: true, audio: true }).shape,
      ...Spoken.shape,
      ...Rendered.shape,
      ...Told.shape,
    }),
  },
  "job.cancelled": { version: 1, data: Job.extend({ stage: z.string(), ...Told.shape }) },
  "job.failed": { version: 1, data: Job.extend({ stage: z.string(), error: JobError, ...Told.shape }) },
} as const;

export type FactName = keyof typeof facts;
/** A job has exactly one of them, as its last. */
export const endings = ["job.completed", "job.failed", "job.cancelled"] as const satisfies readonly FactName[];
export type FactData<F extends FactName> = z.infer<(typeof facts)[F]["data"]>;

/** A fact as it lies in the outbox and travels: `id` doubles as message id, event id and webhook id. */
export interface Fact<F extends FactName = FactName> {
  id: string;
  name: F;
  data: FactData<F>;
  /** W3C trace context under which it was written, so that a relay sends it in the same trace. */
  traceparent: string | null;
  createdAt: Date;
}

/** The results of the stages: what each adds to what is known of the job. */
export const IngestResult = Source;
export const TranscribeResult = Spoken.extend({ reused: z.boolean() });
export const RenderResult = Rendered;
