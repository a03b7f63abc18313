import { Job, JobList, JobListQuery, JobParams, JobQuery } from "@viralclaw/contracts/api";
import { DeclaredError } from "@viralclaw/contracts/errors";
import type { FastifyInstance } from "fastify";
import type { ZodTypeProvider } from "fastify-type-provider-zod";
import { cancelJob } from "../cancel.ts";
import type { Database } from "../database.ts";
import { filesExpired, hasEnded, type JobRow, noSuchJob } from "../job.ts";
import { bodyErrors, keyErrors, problemResponses } from "../problems.ts";
import type { GatewayDeps } from "../server.ts";
import { viewJob } from "../view.ts";

/** GET /api/jobs/{id}, with waiting, and GET /api/jobs, page by page. */
export async function jobRoutes(app: FastifyInstance, deps: GatewayDeps): Promise<void> {
  const api = app.withTypeProvider<ZodTypeProvider>();

  api.route({
    method: "GET",
    url: "/api/jobs/:id",
    schema: {
      tags: ["jobs"],
      operationId: "getJob",
      summary: "One job",
      description: "With `?wait=30` it answers when the job has ended, or after 30 seconds as it then is.",
      security: [{ apiKey: [] }],
      params: JobParams,
      querystring: JobQuery,
      response: { 200: Job, ...problemResponses(...keyErrors, "invalid_request", "job_not_found") },
    },
    handler: async (request) => {
      const { id } = request.params;
      const gone = new AbortController();
      request.raw.once("close", () => gone.abort());
      // Listening begins before the row is read, so an end between the two is not missed.
      const ended = request.query.wait > 0 ? deps.follower.untilEnded(id, request.query.wait * 1000, gone.signal) : undefined;
      let job = await findJob(deps.db, request.caller.customerId, id).catch((error) => {
        gone.abort();
        throw error;
      });
      if (ended && !hasEnded(job)) {
        await ended;
        job = await findJob(deps.db, request.caller.customerId, id);
      }
      gone.abort();
      return viewJob(job, deps);
    },
  });

  api.route({
    method: "POST",
    url: "/api/jobs/:id/cancel",
    schema: {
      tags: ["jobs"],
      operationId: "cancelJob",
      summary: "Cancel a job",
      description: "Stops it wherever it is. A job that has ended cannot be cancelled: 409.",
      security: [{ apiKey: [] }],
      params: JobParams,
      response: {
        200: Job,
        ...problemResponses(...keyErrors, ...bodyErrors, "invalid_request", "job_not_found", "job_already_ended"),
      },
    },
    handler: async ({ params, caller }) => viewJob(await cancelJob(deps, caller.customerId, params.id), deps),
  });

  api.route({
    method: "GET",
    url: "/api/jobs",
    schema: {
      tags: ["jobs"],
      operationId: "listJobs",
      summary: "Your jobs, newest first",
      security: [{ apiKey: [] }],
      querystring: JobListQuery,
      response: { 200: JobList, ...problemResponses(...keyErrors, "invalid_request") },
    },
    handler: async ({ query: { status, limit, cursor }, caller }) => {
      const rows = await deps.db
        .selectFrom("jobs")
        .selectAll()
        .where("customer_id", "=", caller.customerId)
        .$if(status !== undefined, (select) => select.where("status", "=", status ?? "queued"))
        .$if(cursor !== undefined, (select) => select.where("id", "<", cursor ?? ""))
        .orderBy("id", "desc")
        .limit(limit + 1)
        .execute();
      const page = rows.slice(0, limit);
      return {
        jobs: await Promise.all(page.map((job) => viewJob(job, deps))),
        next_cursor: rows.length > limit ? (page.at(-1)?.id ?? null) : null,
      };
    },
  });
}

/** A customer's own job. Throws job_not_found for any other. */
export async function findJob(db: Database, customerId: string, id: string): Promise<JobRow> {
  const job = await db
    .selectFrom("jobs")
    .selectAll()
    .where("id", "=", id)
    .where("customer_id", "=", customerId)
    .executeTakeFirst();
  if (!job) throw noSuchJob(id);
  return job;
}

/** A customer's own job, whose files are still kept. Throws job_not_found or files_expired. */
export async function findKept(
  { db, retentionDays }: Pick<GatewayDeps, "db" | "retentionDays">,
  customerId: string,
  id: string,
): Promise<JobRow> {
  const job = await findJob(db, customerId, id);
  if (filesExpired(job, retentionDays)) throw new DeclaredError("files_expired", { job_id: id, days: retentionDays });
  return job;
}
