import { styleOf } from "@viralclaw/captions/styles";
import { DeclaredError } from "@viralclaw/contracts/errors";
import { facts } from "@viralclaw/contracts/facts";
import type { restyleJson } from "@viralclaw/contracts/requests";
import { Style } from "@viralclaw/contracts/style";
import { overridden } from "@viralclaw/contracts/style-overrides";
import type { Storage } from "@viralclaw/storage/storage";
import type * as z from "zod";
import type { NewJob } from "./accept.ts";
import type { Database } from "./database.ts";
import { filesExpired, hasEnded, type JobRow } from "./job.ts";
import { fontOfJob } from "./own-font.ts";
import { parse } from "./problems.ts";
import { readVersion, versionOf } from "./transcripts.ts";

export type RestyleRequest = z.infer<ReturnType<typeof restyleJson>>;

/**
 * What a restyle of a job asks for, and what is known of it from the start: the original's video, untouched by captions, and a
 * version of its words. So it enters where rendering begins, and a restyle of a restyle starts from the original as well.
 * A font of the customer's own is copied into `newFolder`, the new job's.
 * Throws restyle_not_ready, restyle_not_possible, transcript_version_not_found, files_expired, what fontOfJob throws, or
 * invalid_request for a style that is not valid with what is overridden.
 */
export async function restyled(
  origin: JobRow,
  given: RestyleRequest,
  deps: { db: Database; storage: Storage; workDir: string; retentionDays: number },
  newFolder: string,
): Promise<Required<Pick<NewJob, "asked" | "entry">>> {
  const { id: job_id, status, stage } = origin;
  if (!hasEnded(origin)) throw new DeclaredError("restyle_not_ready", { job_id, status });
  if (status !== "done" && !(status === "failed" && stage === "render"))
    throw new DeclaredError("restyle_not_possible", { job_id, status, stage });
  const style = given.style ?? origin.request.style;
  const kept = given.style === undefined ? origin.request.style_overrides : null;
  const style_overrides = given.style_overrides === undefined ? kept : given.style_overrides;
  parse(Style, overridden(styleOf(style), style_overrides), "style_overrides");

  const known = facts["job.transcribed"].data.partial().parse(origin.known);
  const isKept = !filesExpired(origin, deps.retentionDays) && (await deps.storage.sizeOf(known.source_key ?? "")) !== undefined;
  if (!isKept) throw new DeclaredError("files_expired", { job_id, days: deps.retentionDays });
  const version = await versionOf(deps.db, origin, given.transcript_version);
  const { words, timing_source } = await readVersion(origin, version, deps.storage);
  const { max_duration_ms: _, max_bytes: __, ...request } = origin.request;
  const {
    priority = origin.priority,
    webhook_url = request.webhook_url,
    metadata = request.metadata,
    quality = request.quality,
  } = given;
  const max_result_bytes = given.max_bytes === undefined ? request.max_result_bytes : given.max_bytes;
  const wanted = { customerId: origin.customer_id, overrides: style_overrides, job: origin };
  const font_key = await fontOfJob(deps, wanted, `${newFolder}/font`);
  const look = { style, style_overrides, font_key, quality, max_result_bytes, restyled_from: origin.id };
  const asked = { ...request, ...look, priority, webhook_url, metadata };
  return {
    asked,
    entry: {
      stage: "render",
      known: {
        ...known,
        ...look,
        ...{ transcript_key: version.key, transcript_version: version.version, timing_source, words: words.length },
      },
    },
  };
}
