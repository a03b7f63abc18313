import { Accepted } from "@viralclaw/contracts/api";
import { idPrefixes, jobFolder } from "@viralclaw/contracts/ids";
import { limits } from "@viralclaw/contracts/limits";
import type { FastifyInstance, FastifyReply } from "fastify";
import type { ZodTypeProvider } from "fastify-type-provider-zod";
import { typeidUnboxed } from "typeid-js";
import * as z from "zod";
import { type Asked, acceptJob } from "../accept.ts";
import type { FileSink } from "../form.ts";
import { answerAgain, claim, idempotencyKeyShape, readIdempotencyKey } from "../idempotency.ts";
import type { Caller } from "../keys.ts";
import { bodyErrors, keyErrors, problemResponses } from "../problems.ts";
import { Form, Json, readRequest, type Source } from "../read-request.ts";
import type { GatewayDeps } from "../server.ts";
import { openSpool, type Spool } from "../spool.ts";
import { copyUpload } from "../uploads.ts";

const Headers = z.looseObject({
  "idempotency-key": z
    .string()
    .optional()
    .meta({
      pattern: idempotencyKeyShape.source,
      description: `Send the same request again with the same key within ${limits.idempotencyHours} h, and it gets the same answer: no second job`,
    }),
});

/** POST /api/add-captions: a video by its URL, the file itself, or one that was uploaded before. */
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
      body: { content: { "application/json": { schema: Json }, "multipart/form-data": { schema: Form } } },
      response: {
        202: Accepted.describe("Accepted"),
        ...problemResponses(
          ...keyErrors,
          ...bodyErrors,
          "invalid_request",
          "upload_not_found",
          "upload_unfinished",
          "upload_expired",
          "idempotency_in_progress",
          "idempotency_key_reused",
          "too_many_requests",
          "store_unavailable",
          "disk_full",
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
        const { fingerprint } = await readRequest(request, drain);
        return send(reply, await answerAgain(deps.db, repeatable, fingerprint));
      }
      try {
        await using spool = openSpool(request, id, deps.workDir);
        const { options, source, fingerprint } = await readRequest(request, spool.write);
        const asked: Asked = { ...options, source: await sourceOf(source, { key, caller, spool }, deps) };
        // Where this fails, the job may have been accepted all the same: what has no job is left to retention.
        return send(reply, await acceptJob(deps, { id, caller, asked, repeatable, fingerprint }));
      } finally {
        await claimed?.letGo().catch(() => undefined);
      }
    },
  });
}

/** The source as the job will have it: a posted file, or what was uploaded before, goes to the job's own `key` in the store. */
async function sourceOf(
  source: Source,
  { key, caller, spool }: { key: string; caller: Caller; spool: Spool },
  deps: GatewayDeps,
): Promise<Asked["source"]> {
  if (source.type === "url") return source;
  const { bytes } =
    source.type === "file"
      ? await deps.storage.uploadFrom(key, spool.file, "application/octet-stream", {})
      : { bytes: await copyUpload(deps, caller.customerId, source.uploadId, key) };
  return { type: "upload", key, bytes };
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
