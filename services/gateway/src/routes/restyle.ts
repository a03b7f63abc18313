import { styleIds } from "@viralclaw/captions/styles";
import { Accepted, JobParams } from "@viralclaw/contracts/api";
import { idPrefixes, jobFolder } from "@viralclaw/contracts/ids";
import { restyleJson } from "@viralclaw/contracts/requests";
import type { FastifyInstance } from "fastify";
import type { ZodTypeProvider } from "fastify-type-provider-zod";
import { typeidUnboxed } from "typeid-js";
import { acceptJob } from "../accept.ts";
import { fingerprintOf } from "../idempotency.ts";
import { once, RepeatHeaders, sendAccepted } from "../once.ts";
import { allButBody, bodyErrors, keyErrors, parse, problemResponses } from "../problems.ts";
import { restyled } from "../restyle.ts";
import type { GatewayDeps } from "../server.ts";
import { uploadErrors } from "../uploads.ts";
import { findJob } from "./jobs.ts";

const Body = restyleJson(styleIds);

/** POST /api/jobs/{id}/restyle: a new job that renders a video again, with other words or another style. */
export async function restyleRoutes(app: FastifyInstance, deps: GatewayDeps): Promise<void> {
  app.withTypeProvider<ZodTypeProvider>().route({
    method: "POST",
    url: "/api/jobs/:id/restyle",
    validatorCompiler: allButBody,
    onRequest: (request, reply) => deps.limits.count(request, reply),
    schema: {
      tags: ["captions"],
      operationId: "restyleJob",
      summary: "Render a job's video again",
      description:
        "A new job from the original video, with other words (an edited transcript) or another style. Nothing is recognised again, and no caption is drawn over another: a restyle of a restyle starts from the original as well.",
      security: [{ apiKey: [] }],
      headers: RepeatHeaders,
      params: JobParams,
      body: Body,
      response: {
        202: Accepted.describe("Accepted"),
        ...problemResponses(
          ...keyErrors,
          ...bodyErrors,
          "invalid_request",
          "job_not_found",
          "transcript_version_not_found",
          "restyle_not_ready",
          "restyle_not_possible",
          "files_expired",
          ...uploadErrors,
          "font_invalid",
          "idempotency_in_progress",
          "idempotency_key_reused",
          "too_many_requests",
          "store_unavailable",
          "disk_full",
        ),
      },
    },
    handler: async (request, reply) => {
      const { caller, params } = request;
      const read = () => {
        const given = parse(Body, request.body ?? {});
        return { given, fingerprint: fingerprintOf({ restyle: params.id, ...given }) };
      };
      const body = await once(deps.db, request, {
        again: async () => read().fingerprint,
        async first(repeatable) {
          const { given, fingerprint } = read();
          const origin = await findJob(deps.db, caller.customerId, params.id);
          const id = typeidUnboxed(idPrefixes.job);
          const job = await restyled(origin, given, deps, jobFolder(id, "upload", typeidUnboxed(idPrefixes.execution)));
          return acceptJob(deps, { id, caller, ...job, repeatable, fingerprint });
        },
      });
      return sendAccepted(reply, body);
    },
  });
}
