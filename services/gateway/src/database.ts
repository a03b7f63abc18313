import type { JobStatus } from "@viralclaw/contracts/api";
import type { FactData, FactName, JobError, Priority, Quality, SourceRef } from "@viralclaw/contracts/facts";
import type { Stage } from "@viralclaw/contracts/pipeline";
import type { StyleOverrides } from "@viralclaw/contracts/style-overrides";
import type { UploadKind } from "@viralclaw/contracts/uploads";
import { type ColumnType, type Generated, type Kysely, sql } from "kysely";
import type * as z from "zod";

/** The gateway's tables, in its own schema. Times are of the database's clock. */
export const schema = "gateway";

export interface Tables {
  customers: {
    id: string;
    email: string;
    name: string;
    plan: string;
    created_at: Generated<Date>;
  };
  api_keys: {
    id: string;
    customer_id: string;
    name: string;
    /** The public start of the key, by which it is found. */
    prefix: string;
    /** HMAC-SHA256 of the whole key under SECRET_KEY. */
    hash: Buffer;
    mode: "live" | "test";
    is_active: Generated<boolean>;
    rate_limit_per_minute: Generated<number>;
    last_used_at: Date | null;
    created_at: Generated<Date>;
  };
  jobs: {
    id: string;
    customer_id: string;
    key_id: string;
    kind: "captions";
    mode: "live" | "test";
    priority: Priority;
    status: JobStatus;
    /** The stage whose result is awaited, or the last one. */
    stage: Stage;
    run: number;
    /** Counts the facts of the job. */
    sequence: number;
    request: Json<JobRequest>;
    /** The request and every accepted result so far, from which each next fact takes its part. */
    known: Json<Record<string, unknown>>;
    runs: Json<StageRuns>;
    error: Json<z.infer<typeof JobError>> | null;
    trace_id: string;
    created_at: Generated<Date>;
    ended_at: Date | null;
    /** Since when the sweep has seen that nobody works on the job; null while somebody may. */
    lost_since: Date | null;
    /** Since when nothing but what accepted results name is stored for it; and since when nothing at all. */
    trimmed_at: Date | null;
    removed_at: Date | null;
  };
  /** Outbox, feed, audit and webhook ids in one: the row's id is the message's id. */
  facts: {
    id: string;
    job_id: string;
    run: number;
    sequence: number;
    name: FactName;
    version: number;
    data: Json<Record<string, unknown>>;
    traceparent: string | null;
    created_at: Generated<Date>;
    published_at: Date | null;
    /** Its number on the stream FACTS, once published. */
    stream_seq: ColumnType<string | null, number | null, number | null>;
  };
  /** Files that customers send straight to the store. */
  uploads: {
    id: string;
    customer_id: string;
    kind: z.infer<typeof UploadKind>;
    filename: string | null;
    bytes: number;
    /** The store's id of an upload in parts. */
    parts_id: string | null;
    /** When a job was first made of it, or a font. */
    used_at: Date | null;
    created_at: Generated<Date>;
    expires_at: Date;
  };
  /** How far retention has walked through a folder of the store. */
  store_walks: {
    folder: string;
    /** The last key or folder that was looked at. */
    after: string | null;
    ended_at: Date | null;
  };
  /** The edits of a job's transcript, which are never changed; the first version is in what is known of the job. */
  transcripts: {
    job_id: string;
    version: number;
    /** In the store. */
    key: string;
    created_at: Generated<Date>;
  };
  /** Answers that are given again to the same request. */
  idempotency_keys: {
    customer_id: string;
    key: string;
    /** Of the request's fields and file; null, as the response, until it is answered. */
    fingerprint: string | null;
    /** The body of the 202, byte for byte. */
    response: string | null;
    /** Until when the gateway that works on the first request has it; renewed while that goes on. */
    claimed_until: Date;
    created_at: Generated<Date>;
  };
}

/** What the customer asked for, as it goes into the first fact and the last. */
export interface JobRequest {
  language: string;
  style: string;
  style_overrides: StyleOverrides | null;
  /** The copy of the customer's own font that is this job's; jobs of before there were any have none. */
  font_key: string | null;
  quality: Quality;
  /** Of the captioned video; max_bytes is the source's. */
  max_result_bytes: number | null;
  source: z.infer<typeof SourceRef>;
  max_duration_ms: number;
  max_bytes: number;
  wording: FactData<"job.requested">["wording"];
  /** The job whose video this one renders again. */
  restyled_from: string | null;
  webhook_url: string | null;
  metadata: Record<string, unknown> | null;
}

export type StageRuns = Partial<Record<Stage, { attempts: number; waited_ms: number; ran_ms: number }>>;
export type Database = Kysely<Tables>;

/** So many ms before now, by the database's clock. */
export const ago = (ms: number) => sql<Date>`now() - make_interval(secs => ${ms / 1000})`;

/** A jsonb column: read as a value, written as text. */
type Json<T> = ColumnType<T, string, string>;
