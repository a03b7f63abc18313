import { JobParams } from "@viralclaw/contracts/api";
import { Report } from "@viralclaw/contracts/report";
import type { FastifyInstance } from "fastify";
import type { ZodTypeProvider } from "fastify-type-provider-zod";
import { keyErrors, problemResponses } from "../problems.ts";
import type { GatewayDeps } from "../server.ts";
import { notThere } from "../transcripts.ts";
import { findKept } from "./jobs.ts";

/** GET /api/jobs/{id}/report: what may be hard to read in the captions, and why the video looks as it does. */
export async function reportRoutes(app: FastifyInstance, deps: GatewayDeps): Promise<void> {
  app.withTypeProvider<ZodTypeProvider>().route({
    method: "GET",
    url: "/api/jobs/:id/report",
    schema: {
      tags: ["jobs"],
      operationId: "getReport",
      summary: "What may be hard to read, with its time",
      description:
        "Captions that are read too fast or shown too short, glyphs from another font or left out, captions outside the safe zone, words that were hardly understood; and what was found, chosen and done.",
      security: [{ apiKey: [] }],
      params: JobParams,
      response: {
        200: Report,
        ...problemResponses(
          ...keyErrors,
          "invalid_request",
          "job_not_found",
          "transcript_not_ready",
          "transcript_not_made",
          "files_expired",
          "store_unavailable",
        ),
      },
    },
    handler: async ({ caller, params }) => {
      const job = await findKept(deps, caller.customerId, params.id);
      const key = job.known.report_key;
      const text = typeof key === "string" ? await deps.storage.getText(key) : undefined;
      if (text === undefined) throw notThere(job, "report");
      return Report.parse(JSON.parse(text));
    },
  });
}
