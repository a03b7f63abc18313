import { type StyleId, styleIds, styles } from "@viralclaw/captions/styles";
import { Accepted, addCaptionsForm, addCaptionsJson } from "@viralclaw/contracts/api";
import { idPrefixes, jobFolder } from "@viralclaw/contracts/ids";
import { limits } from "@viralclaw/contracts/limits";
import { overridden, Style, type StyleOverrides } from "@viralclaw/contracts/style";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { ZodTypeProvider } from "fastify-type-provider-zod";
import { typeidUnboxed } from "typeid-js";
import * as z from "zod";
import { type Asked, acceptJob } from "../accept.ts";
import { answerAgain, claim, fingerprintOf, readIdempotencyKey } from "../idempotency.ts";
import { keyErrors, parse, problemResponses } from "../problems.ts";
import type { GatewayDeps } from "../server.ts";
import { type FileSink, receiveForm } from "../upload.ts";

const Json = addCaptionsJson(styleIds);
const Form = addCaptionsForm(styleIds);
const FormWithFile = Form.extend({
  file: z.string().meta({ format: "binary", description: `The video, up to ${limits.maxVideoBytes} bytes` }),
});
const Headers = z.looseObject({
  "idempotency-key": z
    .string()
    .optional()
    .meta({
      description: `Send the same request again with the same key within ${limits.idempotencyHours} h, and it gets the same answer: no second job`,
    }),
});

/** POST /api/add-captions: a video by its URL, or the file itself. */
export async function captionRoutes(app: FastifyInstance, deps: GatewayDeps): Promise<void> {
  app.withTypeProvider<ZodTypeProvider>().route({
    method: "POST",
    url: "/api/add-captions",
    // The body is checked below, by its content type.
    validatorCompiler: () => (value) => ({ value }),
    onRequest: (request, reply) => deps.limits.count(request, reply),
    schema: {
      tags: ["captions"],
      operationId: "addCaptions",
      summary: "Caption a video",
      description: "Answers at once. 202 means that the job cannot be lost: it will end as done, failed or cancelled.",
      security: [{ apiKey: [] }],
      headers: Headers,
      body: { content: { "application/json": { schema: Json }, "multipart/form-data": { schema: FormWithFile } } },
      response: {
        202: Accepted.describe("Accepted"),
        ...problemResponses(
          ...keyErrors,
          "invalid_request",
          "malformed_body",
          "body_too_large",
          "unsupported_content_type",
          "idempotency_in_progress",
          "idempotency_key_reused",
          "too_many_requests",
          "store_unavailable",
        ),
      },
    },
    handler: async (request, reply) => {
      const { caller } = request;
      const id = typeidUnboxed(idPrefixes.job);
      const key = `${jobFolder(id, "upload", typeidUnboxed(idPrefixes.execution))}/source`;
      const repeatable = readIdempotencyKey(caller.customerId, request.headers);
      const claimed = repeatable && (await claim(deps.db, repeatable));
      if (repeatable && !claimed) {
        const { fingerprint } = await readRequest(request, key, drain);
        return send(reply, await answerAgain(deps.db, repeatable, fingerprint));
      }
      const store: FileSink = (file, signal) => deps.storage.uploadStream(key, file, "application/octet-stream", { signal });
      try {
        const { asked, fingerprint } = await readRequest(request, key, store);
        return send(reply, await acceptJob(deps, { id, caller, asked, repeatable, fingerprint }));
      } catch (error) {
        if (request.isMultipart()) await deps.storage.delete(key).catch(() => undefined);
        throw error;
      } finally {
        await claimed?.letGo().catch(() => undefined);
      }
    },
  });
}

/** What was asked for, checked. A posted file goes into the sink, which keeps it under `key`. */
async function readRequest(request: FastifyRequest, key: string, sink: FileSink): Promise<{ asked: Asked; fingerprint: string }> {
  if (!request.isMultipart()) {
    const { video_url, ...options } = parse(Json, request.body ?? {});
    const asked: Asked = { ...checked(options), source: { type: "url", url: video_url } };
    return { asked, fingerprint: fingerprintOf(asked) };
  }
  const { fields, bytes, sha256 } = await receiveForm(request, sink);
  const options = checked(parse(Form, fields));
  return { asked: { ...options, source: { type: "upload", key, bytes } }, fingerprint: fingerprintOf({ ...options, sha256 }) };
}

interface Options {
  style: StyleId;
  style_overrides?: StyleOverrides;
  webhook_url?: string;
  metadata?: Record<string, unknown>;
}

/** With null for what was left out. The style has to be valid as a whole, with what is overridden. */
function checked<O extends Options>(options: O) {
  const { style, style_overrides = null, webhook_url = null, metadata = null } = options;
  parse(Style, overridden(styles[style], style_overrides), "style_overrides");
  return { ...options, style_overrides, webhook_url, metadata };
}

const drain: FileSink = async (file) => {
  for await (const _ of file);
};

/** The body as it was first written: a repeat is answered byte for byte. */
function send(reply: FastifyReply, body: string) {
  const { status_url } = JSON.parse(body) as z.infer<typeof Accepted>;
  return reply
    .code(202)
    .header("location", status_url)
    .type("application/json; charset=utf-8")
    .serializer((value: unknown) => String(value))
    .send(body);
}
