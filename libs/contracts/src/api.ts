import * as z from "zod";
import { errorCodes } from "./errors.ts";
import { Priority, Quality } from "./facts.ts";
import { JobId } from "./ids.ts";
import { limits } from "./limits.ts";
import { stageNames } from "./pipeline.ts";
import { TimingSource } from "./transcript.ts";

/** What the HTTP API answers, and the addresses and queries it reads: openapi.json is made from them. What is posted: requests.ts. */

export const jobStatuses = ["queued", "processing", "done", "failed", "cancelled"] as const;
export const JobStatus = z.enum(jobStatuses);
export type JobStatus = z.infer<typeof JobStatus>;

export const Accepted = z
  .object({
    job_id: JobId,
    status: z.literal("queued"),
    position: z.number().int().positive().meta({ description: "1 is served next" }),
    status_url: z.string().meta({ description: "Ask here; add ?wait=30 to be answered when the job ends" }),
    trace_id: z.string(),
  })
  .meta({ id: "Accepted" });

/** Why a job failed: a stable code, a sentence, and what to change. */
const Failure = z.object({
  code: z.enum(errorCodes),
  title: z.string(),
  detail: z.string(),
  fix: z.string(),
  retryable: z.boolean().meta({ description: "Whether the same request may succeed later" }),
});

const Timing = z.object({
  waited_ms: z.number().int().meta({ description: "From being ready for this stage to its start" }),
  ran_ms: z.number().int(),
});

export const Job = z
  .object({
    job_id: JobId,
    status: JobStatus,
    stage: z.enum(stageNames).nullable().meta({ description: "What is being done, or was when the job failed" }),
    progress: z.number().min(0).max(1).meta({ description: "How far that stage is; 1 when the job is done" }),
    position: z.number().int().positive().nullable().meta({ description: "Place in the queue while queued" }),
    result_url: z.string().nullable().meta({ description: "The captioned video, once done" }),
    result_expires_at: z.iso
      .datetime()
      .nullable()
      .meta({ description: "When result_url stops working; asking again gives a new one" }),
    transcript_urls: z.partialRecord(z.enum(["json", "srt", "vtt", "ass"]), z.string()).nullable(),
    files_expire_at: z.iso.datetime().nullable().meta({
      description:
        "When the video and the transcripts are removed, once the job has ended: from then on there are no addresses of them",
    }),
    error: Failure.nullable().meta({ description: "Why it failed" }),
    last_error: Failure.extend({ attempt: z.number().int() }).nullable().meta({
      description: "While a stage is tried again: which attempt failed last, and why. Nothing needs to be done; the job goes on",
    }),
    style: z.string(),
    style_overrides: z.record(z.string(), z.unknown()).nullable().meta({ description: "As asked for" }),
    quality: Quality,
    max_bytes: z.number().int().nullable().meta({ description: "The most bytes that the captioned video may have, where asked" }),
    language: z.string().meta({ description: "As asked for; as heard once transcribed" }),
    priority: Priority,
    timing_source: TimingSource.nullable().meta({
      description:
        "Where the times of the words come from, once known: recognised; customer (your own); aligned (your words laid on the speech; of text, most of those that are said); spread (by length)",
    }),
    restyled_from: JobId.nullable().meta({ description: "The job whose video this one renders again" }),
    duration_ms: z.number().int().nullable().meta({ description: "Length of the video, once known" }),
    metadata: z.record(z.string(), z.unknown()).nullable(),
    timings: z.partialRecord(z.enum(stageNames), Timing),
    attempts: z.partialRecord(z.enum(stageNames), z.number().int()),
    created_at: z.iso.datetime(),
    ended_at: z.iso.datetime().nullable(),
    trace_id: z.string(),
  })
  .meta({ id: "Job" });
export type Job = z.infer<typeof Job>;

export const JobList = z
  .object({
    jobs: z.array(Job),
    next_cursor: JobId.nullable().meta({ description: "Give it as ?cursor= for the next, older page; null on the last" }),
  })
  .meta({ id: "JobList" });

export const JobParams = z.object({ id: JobId });
export const JobQuery = z.object({
  wait: z.coerce
    .number()
    .int()
    .min(0)
    .max(limits.maxWaitSeconds)
    .default(0)
    .meta({ description: "Answer when the job has ended, or after so many seconds" }),
});
export const JobListQuery = z.object({
  status: JobStatus.optional(),
  limit: z.coerce.number().int().min(1).max(limits.maxPageSize).default(limits.defaultPageSize),
  cursor: JobId.optional().meta({ description: "The next_cursor of an earlier answer" }),
});

export const Health = z.object({ status: z.literal("ok"), timestamp: z.iso.datetime() }).meta({ id: "Health" });

const Part = z.enum(["ok", "down"]);
export const DeepHealth = z
  .object({
    status: z.enum(["ok", "degraded"]),
    timestamp: z.iso.datetime(),
    api: z.literal("ok"),
    database: Part,
    nats: Part,
    storage: Part,
    groq: z.enum(["ok", "failing", "not_configured", "unknown"]).meta({ description: "As the transcribers last saw it" }),
    workers: z.record(z.string(), z.number().int()).meta({ description: "Live workers by service" }),
    queue: z
      .record(z.string(), z.number().int())
      .meta({ description: "Jobs that have not ended: queued, and by stage those in work" }),
  })
  .meta({ id: "DeepHealth" });

/** An error of the API: RFC 9457 problem details, with a stable code and what to change. */
export const Problem = z
  .object({
    type: z.string().meta({ description: "Where this error is documented" }),
    title: z.string(),
    status: z.number().int(),
    code: z.enum(errorCodes),
    detail: z.string(),
    fix: z.string().meta({ description: "What to change" }),
    retryable: z.boolean(),
    instance: z.string().optional().meta({ description: "The address that was asked; not there where it could not be read" }),
    trace_id: z.string().optional(),
    errors: z.array(z.object({ field: z.string(), message: z.string() })).optional(),
  })
  .meta({ id: "Problem" });
export type Problem = z.infer<typeof Problem>;
