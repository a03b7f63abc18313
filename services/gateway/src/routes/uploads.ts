import { NewUpload, Upload, UploadParams } from "@viralclaw/contracts/uploads";
import type { FastifyInstance } from "fastify";
import type { ZodTypeProvider } from "fastify-type-provider-zod";
import { allButBody, bodyErrors, keyErrors, parse, problemResponses } from "../problems.ts";
import type { GatewayDeps } from "../server.ts";
import { beginUpload, findUpload, viewUpload } from "../uploads.ts";

/** POST /api/uploads, and GET /api/uploads/{id}. */
export async function uploadRoutes(app: FastifyInstance, deps: GatewayDeps): Promise<void> {
  const api = app.withTypeProvider<ZodTypeProvider>();

  api.route({
    method: "POST",
    url: "/api/uploads",
    validatorCompiler: allButBody,
    onRequest: (request, reply) => deps.limits.count(request, reply, "upload"),
    schema: {
      tags: ["captions"],
      operationId: "beginUpload",
      summary: "Upload a video, or a font, straight to the store",
      description:
        "Answers where to PUT the file, whole or in parts, and the `upload_id` to give to POST /api/add-captions then: " +
        "a video's as `upload_id`, a font's in `style_overrides.font`. " +
        "Nothing is to be told when it has arrived.",
      security: [{ apiKey: [] }],
      body: NewUpload,
      response: {
        201: Upload,
        ...problemResponses(
          ...keyErrors,
          ...bodyErrors,
          "invalid_request",
          "too_many_requests",
          "too_many_uploads",
          "store_unavailable",
        ),
      },
    },
    handler: async ({ body, caller }, reply) => {
      const upload = await beginUpload(deps, caller.customerId, parse(NewUpload, body ?? {}));
      return reply.code(201).header("location", `/api/uploads/${upload.upload_id}`).send(upload);
    },
  });

  api.route({
    method: "GET",
    url: "/api/uploads/:id",
    schema: {
      tags: ["captions"],
      operationId: "getUpload",
      summary: "One upload",
      description: "What of it has arrived, and where the rest is to be sent: to go on after a connection broke.",
      security: [{ apiKey: [] }],
      params: UploadParams,
      response: { 200: Upload, ...problemResponses(...keyErrors, "invalid_request", "upload_not_found", "store_unavailable") },
    },
    handler: async ({ params, caller }) => viewUpload(await findUpload(deps.db, caller.customerId, params.id), deps.storage),
  });
}
