import { Accepted } from "@viralclaw/contracts/api";
import { idPrefixes, jobFolder } from "@viralclaw/contracts/ids";
import { limits } from "@viralclaw/contracts/limits";
import type { Wording } from "@viralclaw/contracts/wording";
import type { FastifyInstance } from "fastify";
import type { ZodTypeProvider } from "fastify-type-provider-zod";
import { typeidUnboxed } from "typeid-js";
import { type Asked, acceptJob } from "../accept.ts";
import type { FileSink } from "../form.ts";
import type { Caller } from "../keys.ts";
import { once, RepeatHeaders, sendAccepted } from "../once.ts";
import { fontOfJob } from "../own-font.ts";
import { allButBody, bodyErrors, keyErrors, problemResponses } from "../problems.ts";
import { Form, Json, readRequest, type Source } from "../read-request.ts";
import type { GatewayDeps } from "../server.ts";
import { openSpool, type Spool } from "../spool.ts";
import { copyUpload, uploadErrors } from "../uploads.ts";

/** POST /api/add-captions: a video by its URL, the file itself, or one that was uploaded before. */
export async function captionRoutes(app: FastifyInstance, deps: GatewayDeps): Promise<void> {
  app.withTypeProvider<ZodTypeProvider>().route({
    method: "POST",
    url: "/api/add-captions",
    validatorCompiler: allButBody,
    bodyLimit: limits.maxWordsBytes,
    onRequest: (request, reply) => deps.limits.count(request, reply),
    schema: {
      tags: ["captions"],
      operationId: "addCaptions",
      summary: "Caption a video",
      description: "Answers at once. 202 means that the job cannot be lost: it will end as done, failed or cancelled.",
      security: [{ apiKey: [] }],
      headers: RepeatHeaders,
      body: { content: { "application/json": { schema: Json }, "multipart/form-data": { schema: Form } } },
      response: {
        202: Accepted.describe("Accepted"),
        ...problemResponses(
          ...keyErrors,
          ...bodyErrors,
          "invalid_request",
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
      const { caller } = request;
      const id = typeidUnboxed(idPrefixes.job);
      const folder = jobFolder(id, "upload", typeidUnboxed(idPrefixes.execution));
      const body = await once(deps.db, request, {
        again: async () => (await readRequest(request, drain)).fingerprint,
        async first(repeatable) {
          await using spool = openSpool(request, id, deps.workDir);
          const { options, source, wording, fingerprint } = await readRequest(request, spool.write);
          const font = { customerId: caller.customerId, overrides: options.style_overrides };
          const asked: Asked = {
            ...options,
            font_key: await fontOfJob(deps, font, `${folder}/font`),
            source: await sourceOf(source, { key: `${folder}/source`, caller, spool }, deps),
            wording: await stored(wording, `${folder}/wording.json`, deps),
          };
          // Where this fails, the job may have been accepted all the same: what has no job is left to retention.
          // Awaited here: while the spool closes nobody would hear that it failed, and an error unheard ends the process.
          return await acceptJob(deps, { id, caller, asked, repeatable, fingerprint });
        },
      });
      return sendAccepted(reply, body);
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

/** The customer's own words as the job will have them: too many for a fact, which tells where they are. */
async function stored(wording: Wording | null, key: string, { storage }: GatewayDeps): Promise<Asked["wording"]> {
  if (!wording) return null;
  await storage.putText(key, JSON.stringify(wording), "application/json");
  return { key, has_words: wording.words !== null };
}

const drain: FileSink = async (file) => {
  for await (const _ of file);
};
