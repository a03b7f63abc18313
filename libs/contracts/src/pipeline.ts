import * as z from "zod";
import {
  type FactData,
  type FactName,
  facts,
  IngestResult,
  JobError,
  type Priority,
  RenderResult,
  TranscribeResult,
} from "./facts.ts";
import { ExecutionId, FactId, JobId } from "./ids.ts";

/**
 * The pipeline on one screen. A worker is a function from a fact to a result; the gateway's `advance` takes each result,
 * decides once what it means, and publishes the next fact.
 * Topology, handler types, retries, the trace edges a test expects and the diagram in docs/ derive from this table.
 */
export const pipeline = {
  ingest: {
    service: "transcriber",
    takes: "job.requested",
    gives: IngestResult,
    leadsTo: "job.ingested",
    /** Runs before the job fails; the delays between them, ms. What refuses is often there again in a minute, so the last run comes after that. */
    attempts: 4,
    retryDelaysMs: [2_000, 15_000, 60_000],
    /** 500 MB at the slowest speed allowed, with room to probe and store it. */
    longestRunMs: 6 * 60_000,
  },
  transcribe: {
    service: "transcriber",
    takes: "job.ingested",
    gives: TranscribeResult,
    leadsTo: "job.transcribed",
    attempts: 4,
    retryDelaysMs: [1_000, 15_000, 60_000],
    /** 5 minutes of speech on the local engine at 10x real time, four times over. */
    longestRunMs: 4 * 60_000,
  },
  render: {
    service: "renderer",
    takes: "job.transcribed",
    gives: RenderResult,
    leadsTo: "job.completed",
    attempts: 4,
    retryDelaysMs: [1_000, 15_000, 60_000],
    /** 5 minutes of 4K at 60 frames a second on one slow core. */
    longestRunMs: 30 * 60_000,
  },
} as const satisfies Record<string, StageDeclaration>;

interface StageDeclaration {
  service: string;
  takes: FactName;
  gives: z.ZodObject;
  leadsTo: FactName;
  attempts: number;
  retryDelaysMs: readonly number[];
  longestRunMs: number;
}

export type Stage = keyof typeof pipeline;
export type StageService = (typeof pipeline)[Stage]["service"];
export type StagesOf<S extends StageService> = { [K in Stage]: (typeof pipeline)[K]["service"] extends S ? K : never }[Stage];
export type Taken<K extends Stage> = FactData<(typeof pipeline)[K]["takes"]>;
export type Given<K extends Stage> = z.infer<(typeof pipeline)[K]["gives"]>;

export const stageNames = Object.keys(pipeline) as [Stage, ...Stage[]];

/** The stages of a service, in the order of the table. */
export function stagesOf<S extends StageService>(service: S): StagesOf<S>[] {
  return stageNames.filter((stage): stage is StagesOf<S> => pipeline[stage].service === service);
}

/** Delivery timing of JetStream for every worker stage. */
export const delivery = {
  /** A worker that says nothing for this long has lost the message: JetStream's ack_wait. What LEASE_MS is where it is not set. */
  leaseMs: 30_000,
  /** Two of them may be lost. */
  heartbeatsALease: 3,
} as const;

/** FACTS is what happened, kept a week for any subscriber; RESULTS is work for the gateway, kept until taken. */
export const streams = {
  FACTS: {
    subjects: ["viralclaw.job.>"],
    retention: "limits",
    discard: "old",
    maxAgeMs: 7 * 86_400_000,
    maxBytes: 2 * 1024 ** 3,
  },
  RESULTS: { subjects: ["viralclaw.result.>"], retention: "workqueue", discard: "new", maxAgeMs: 0, maxBytes: 512 * 1024 ** 2 },
} as const;
export type StreamName = keyof typeof streams;

/** `viralclaw.job.captions.requested.3.job_…`: what a subscriber filters by, most general first. */
export function factSubject(name: FactName, job: { kind: string; priority: Priority; job_id: string }): string {
  return `viralclaw.job.${job.kind}.${shortName(name)}.${job.priority}.${job.job_id}`;
}

/** The subjects of a fact for any job: of one kind or all, at one priority or all. */
export function factFilter(
  name: FactName,
  { kind = "*", priority = "*" }: { kind?: string; priority?: Priority | "*" } = {},
): string {
  return `viralclaw.job.${kind}.${shortName(name)}.${priority}.>`;
}

/** What a fact's subject says of it; undefined for a subject that is none. */
export function readFactSubject(subject: string): { name: FactName; jobId: string } | undefined {
  const [, , , short, , jobId] = subject.split(".");
  const name = factNames.find((one) => shortName(one) === short);
  return name && jobId ? { name, jobId } : undefined;
}

/** A fact in its subject: `requested` for `job.requested`. */
const shortName = (name: FactName) => name.slice("job.".length);
const factNames = Object.keys(facts) as FactName[];

export function resultSubject(stage: Stage, jobId: string): string {
  return `viralclaw.result.${stage}.${jobId}`;
}

export const progressSubject = (jobId: string) => `viralclaw.progress.${jobId}`;
export const progressFilter = "viralclaw.progress.*";

/** How a run of a stage ended. `execution_id` names the run and its folder in the store. */
export const Result = z.object({
  job_id: JobId,
  run: z.number().int().positive(),
  stage: z.enum(stageNames),
  fact_id: FactId,
  execution_id: ExecutionId,
  attempt: z.number().int().positive(),
  /** From the fact's writing to the start of this run, and the run itself, ms. */
  waited_ms: z.number().int().nonnegative(),
  ran_ms: z.number().int().nonnegative(),
  outcome: z.discriminatedUnion("ok", [
    z.object({ ok: z.literal(true), data: z.record(z.string(), z.unknown()) }),
    z.object({ ok: z.literal(false), error: JobError }),
  ]),
});
export type Result = z.infer<typeof Result>;

/** Sent on plain NATS while a stage runs: may be lost, never stored. */
export const Progress = z.object({
  job_id: JobId,
  run: z.number().int().positive(),
  stage: z.enum(stageNames),
  execution_id: ExecutionId,
  attempt: z.number().int().positive(),
  /** 0 to 1. */
  progress: z.number().min(0).max(1),
  /** Why this attempt is over, where another follows. */
  error: JobError.optional(),
});
export type Progress = z.infer<typeof Progress>;
