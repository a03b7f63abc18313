import type { Job } from "@viralclaw/contracts/api";
import { explain } from "@viralclaw/contracts/errors";
import { limits } from "@viralclaw/contracts/limits";
import type { TimingSource } from "@viralclaw/contracts/transcript";
import { sql } from "kysely";
import { addressOf } from "./address.ts";
import type { Database } from "./database.ts";
import { filesExpireAt, filesExpired, hasEnded, type JobRow } from "./job.ts";
import type { GatewayDeps } from "./server.ts";

/** A job as its customer sees it: the row, what was last heard of its progress, and fresh URLs. */
export async function viewJob(
  job: JobRow,
  {
    db,
    storage,
    follower,
    retentionDays,
    publicUrl,
  }: Pick<GatewayDeps, "db" | "storage" | "follower" | "retentionDays" | "publicUrl">,
): Promise<Job> {
  const heard = hasEnded(job) ? undefined : follower.progressOf(job.id);
  const known = job.known as {
    result_key?: string;
    transcript_key?: string;
    ass_key?: string;
    language?: string;
    timing_source?: TimingSource;
    duration_ms?: number;
  };
  const expired = filesExpired(job, retentionDays);
  const done = job.status === "done" && !expired && known.result_key;
  // A queued job whose start was heard and is not yet noted in the row.
  const status = job.status === "queued" && heard ? "processing" : job.status;
  const failed = heard?.stage === job.stage ? heard.failed : undefined;
  return {
    job_id: job.id,
    status,
    stage: status === "queued" ? null : job.stage,
    progress: job.status === "done" ? 1 : heard?.stage === job.stage ? heard.progress : 0,
    position: status === "queued" ? await positionOf(db, job) : null,
    result_url: done ? await storage.urlOf(done, limits.resultUrlTtlSeconds) : null,
    result_expires_at: done && !storage.isPublic ? new Date(Date.now() + limits.resultUrlTtlSeconds * 1000).toISOString() : null,
    transcript_urls: expired ? null : transcriptUrls(job.id, known, publicUrl),
    files_expire_at: filesExpireAt(job, retentionDays)?.toISOString() ?? null,
    error: job.error && failureOf(job.error),
    last_error: failed?.error ? { ...failureOf(failed.error), attempt: failed.attempt } : null,
    style: job.request.style,
    style_overrides: job.request.style_overrides ?? null,
    quality: job.request.quality,
    max_bytes: job.request.max_result_bytes,
    language: known.language ?? job.request.language,
    priority: job.priority,
    timing_source: known.timing_source ?? null,
    restyled_from: job.request.restyled_from,
    duration_ms: known.duration_ms ?? null,
    metadata: job.request.metadata,
    timings: Object.fromEntries(Object.entries(job.runs).map(([stage, { waited_ms, ran_ms }]) => [stage, { waited_ms, ran_ms }])),
    attempts: {
      ...(heard ? { [heard.stage]: heard.attempt } : {}),
      ...Object.fromEntries(Object.entries(job.runs).map(([stage, { attempts }]) => [stage, attempts])),
    },
    created_at: job.created_at.toISOString(),
    ended_at: job.ended_at?.toISOString() ?? null,
    trace_id: job.trace_id,
  };
}

function failureOf({ code, params }: NonNullable<JobRow["error"]>): NonNullable<Job["error"]> {
  const { status: _, ...failure } = explain(code, params);
  return failure;
}

/** 1 for the job that is served next: by priority, then by age (ids sort by time). */
export async function positionOf(db: Database, job: Pick<JobRow, "id" | "priority">): Promise<number> {
  const { ahead } = await db
    .selectFrom("jobs")
    .select(sql<number>`count(*)::int`.as("ahead"))
    .where("status", "=", "queued")
    .where(sql<boolean>`(priority, id) < (${job.priority}, ${job.id})`)
    .executeTakeFirstOrThrow();
  return ahead + 1;
}

function transcriptUrls(
  jobId: string,
  known: { transcript_key?: string; ass_key?: string },
  publicUrl?: string,
): Job["transcript_urls"] {
  if (!known.transcript_key) return null;
  const formats = ["json", "srt", "vtt", "ass"];
  return Object.fromEntries(
    formats.map((format) => [format, addressOf(`/api/jobs/${jobId}/transcript.${format}`, { publicUrl })]),
  ) as Job["transcript_urls"];
}
