import { styleIds } from "@viralclaw/captions/styles";
import { Accepted, addCaptionsForm, addCaptionsJson } from "@viralclaw/contracts/api";
import { idPrefixes } from "@viralclaw/contracts/ids";
import { limits } from "@viralclaw/contracts/limits";
import type { FastifyInstance, FastifyRequest } from "fastify";
import type { ZodTypeProvider } from "fastify-type-provider-zod";
import { typeidUnboxed } from "typeid-js";
import * as z from "zod";
import { acceptJob } from "../accept.ts";
import type { JobRequest } from "../database.ts";
import { keyErrors, parse, problemResponses } from "../problems.ts";
import type { GatewayDeps } from "../server.ts";
import { receiveForm } from "../upload.ts";
import { positionOf } from "../view.ts";

const Json = addCaptionsJson(styleIds);
const Form = addCaptionsForm(styleIds);
const FormWithFile = Form.extend({
  file: z.string().meta({ format: "binary", description: `The video, up to ${limits.maxVideoBytes} bytes` }),
});

/** POST /api/add-captions: a video by its URL, or the file itself. */
export async function captionRoutes(app: FastifyInstance, deps: GatewayDeps): Promise<void> {
  app.withTypeProvider<ZodTypeProvider>().route({
    method: "POST",
    url: "/api/add-captions",
    // The body is checked below, by its content type.
    validatorCompiler: () => (value) => ({ value }),
    schema: {
      tags: ["captions"],
      operationId: "addCaptions",
      summary: "Caption a video",
      description: "Answers at once. 202 means that the job cannot be lost: it will end as done or failed.",
      security: [{ apiKey: [] }],
      body: { content: { "application/json": { schema: Json }, "multipart/form-data": { schema: FormWithFile } } },
      response: {
        202: Accepted.describe("Accepted"),
        ...problemResponses(
          ...keyErrors,
          "invalid_request",
          "malformed_body",
          "body_too_large",
          "unsupported_content_type",
          "store_unavailable",
        ),
      },
    },
    handler: async (request, reply) => {
      const id = typeidUnboxed(idPrefixes.job);
      const { priority, ...wanted } = request.isMultipart() ? await fromForm(request, id, deps) : fromJson(request.body);
      const caps = { max_duration_ms: limits.maxVideoMs, max_bytes: limits.maxVideoBytes };
      const { traceId } = await acceptJob(deps, { id, caller: request.caller, priority, request: { ...wanted, ...caps } }).catch(
        async (error) => {
          if (wanted.source.type === "upload") await deps.storage.delete(wanted.source.key).catch(() => undefined);
          throw error;
        },
      );
      const status_url = `/api/jobs/${id}`;
      reply.code(202).header("location", status_url);
      return {
        job_id: id,
        status: "queued" as const,
        position: await positionOf(deps.db, { id, priority }),
        status_url,
        trace_id: traceId,
      };
    },
  });
}

type Wanted = Omit<JobRequest, "max_duration_ms" | "max_bytes"> & { priority: z.infer<typeof Json>["priority"] };

function fromJson(body: unknown): Wanted {
  const { video_url, style, language, priority, webhook_url, metadata } = parse(Json, body ?? {});
  return {
    source: { type: "url", url: video_url },
    style,
    language,
    priority,
    webhook_url: webhook_url ?? null,
    metadata: metadata ?? null,
  };
}

async function fromForm(request: FastifyRequest, jobId: string, { storage }: GatewayDeps): Promise<Wanted> {
  const key = `jobs/${jobId}/upload/${typeidUnboxed(idPrefixes.execution)}/source`;
  const { fields, upload } = await receiveForm(request, storage, key);
  try {
    const { style, language, priority, webhook_url, metadata } = parse(Form, fields);
    return {
      source: { type: "upload", ...upload },
      style,
      language,
      priority,
      webhook_url: webhook_url ?? null,
      metadata: metadata ?? null,
    };
  } catch (error) {
    await storage.delete(key).catch(() => undefined);
    throw error;
  }
}
