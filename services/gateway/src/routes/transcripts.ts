import { writeSrt } from "@viralclaw/captions/srt";
import { subtitlesOf } from "@viralclaw/captions/subtitles";
import { writeVtt } from "@viralclaw/captions/vtt";
import { JobParams } from "@viralclaw/contracts/api";
import { limits } from "@viralclaw/contracts/limits";
import { TranscriptQuery, transcriptEdit } from "@viralclaw/contracts/requests";
import { Transcript } from "@viralclaw/contracts/transcript";
import type { FastifyInstance } from "fastify";
import type { ZodTypeProvider } from "fastify-type-provider-zod";
import * as z from "zod";
import { allButBody, bodyErrors, InvalidRequest, keyErrors, parse, problemResponses } from "../problems.ts";
import type { GatewayDeps } from "../server.ts";
import { layOutVersion, readDrawn } from "../styled.ts";
import { editTranscript, readVersion, versionOf } from "../transcripts.ts";
import { findKept } from "./jobs.ts";

interface Format {
  type: string;
  title: string;
  write(transcript: Transcript): string;
}

/** The formats of a version of the transcript, by what the address ends with. */
const formats: Record<string, Format> = {
  "": { type: "application/json", title: "The words with their times, ms", write: (transcript) => JSON.stringify(transcript) },
  ".json": { type: "application/json", title: "The same", write: (transcript) => JSON.stringify(transcript) },
  ".srt": { type: "application/x-subrip", title: "Subtitles as SRT", write: (transcript) => writeSrt(subtitlesOf(transcript)) },
  ".vtt": { type: "text/vtt", title: "Subtitles as WebVTT", write: (transcript) => writeVtt(subtitlesOf(transcript)) },
};
const ass = { type: "text/x-ssa", title: "The words as styled captions, as this job's video shows them or a restyle would" };

const missing = ["job_not_found", "transcript_not_ready", "transcript_not_made", "files_expired", "store_unavailable"] as const;
/** Of captions that a renderer has to lay out first. */
const layoutErrors = ["too_many_requests", "not_a_video", "font_missing", "font_invalid", "disk_full"] as const;
const etagOf = (version: number) => `"${version}"`;
const etagShape = /^(?:W\/)?"(\d+)"$/;

/** GET /api/jobs/{id}/transcript, .json, .srt, .vtt and .ass; PUT /api/jobs/{id}/transcript. */
export async function transcriptRoutes(app: FastifyInstance, deps: GatewayDeps): Promise<void> {
  const api = app.withTypeProvider<ZodTypeProvider>();
  for (const [ending, { type, title, write }] of Object.entries(formats)) {
    api.route({
      method: "GET",
      url: `/api/jobs/:id/transcript${ending}`,
      schema: {
        ...described(ending, type, title, type === "application/json" ? Transcript : z.string()),
        querystring: TranscriptQuery,
      },
      handler: async ({ caller, params, query }, reply) => {
        const job = await findKept(deps, caller.customerId, params.id);
        const transcript = await readVersion(job, await versionOf(deps.db, job, query.version), deps.storage);
        return reply
          .header("etag", etagOf(transcript.version))
          .type(`${type}; charset=utf-8`)
          .serializer((value: unknown) => String(value))
          .send(write(transcript) as never);
      },
    });
  }

  api.route({
    method: "GET",
    url: "/api/jobs/:id/transcript.ass",
    schema: { ...described(".ass", ass.type, ass.title, z.string()), querystring: TranscriptQuery },
    handler: async (request, reply) => {
      const { caller, params, query } = request;
      const job = await findKept(deps, caller.customerId, params.id);
      const version = await versionOf(deps.db, job, query.version);
      const drawn = await readDrawn(job, version, deps.storage);
      if (drawn === undefined) await deps.limits.count(request, reply, "preview");
      const text = drawn ?? (await layOutVersion(job, version, deps.bus));
      return reply
        .header("etag", etagOf(version.version))
        .type(`${ass.type}; charset=utf-8`)
        .serializer((value: unknown) => String(value))
        .send(text as never);
    },
  });

  api.route({
    method: "PUT",
    url: "/api/jobs/:id/transcript",
    bodyLimit: limits.maxWordsBytes,
    validatorCompiler: allButBody,
    schema: {
      tags: ["jobs"],
      operationId: "putTranscript",
      summary: "Edit the words",
      description:
        "Keeps the words as a new version; earlier ones stay, at `?version=`. The video is as it was until `POST …/restyle` renders it with them.",
      security: [{ apiKey: [] }],
      params: JobParams,
      headers: z.looseObject({
        "if-match": z
          .string()
          .optional()
          .meta({ pattern: etagShape.source, description: "The ETag of the version that was edited, in place of version" }),
      }),
      body: transcriptEdit,
      response: {
        200: Transcript,
        ...problemResponses(...keyErrors, ...bodyErrors, "invalid_request", "transcript_conflict", ...missing),
      },
    },
    handler: async (request, reply) => {
      const { version, words } = parse(transcriptEdit, request.body ?? {});
      const base = baseOf(version, request.headers["if-match"]);
      const job = await findKept(deps, request.caller.customerId, request.params.id);
      const transcript = await editTranscript(job, { base, words }, deps);
      return reply.header("etag", etagOf(transcript.version)).send(transcript);
    },
  });
}

/** The version that was edited, by the body or by If-Match. */
function baseOf(version: number | undefined, ifMatch: string | undefined): number {
  const [, tag] = etagShape.exec(ifMatch ?? "") ?? [];
  if (ifMatch !== undefined && tag === undefined)
    throw new InvalidRequest([{ field: "If-Match", message: 'must be the ETag of a version, such as "1"' }]);
  if (version !== undefined && tag !== undefined && Number(tag) !== version)
    throw new InvalidRequest([{ field: "version", message: `is ${version}, but If-Match is ${ifMatch}` }]);
  const base = version ?? (tag === undefined ? undefined : Number(tag));
  if (base === undefined)
    throw new InvalidRequest([
      { field: "version", message: "is missing: name the version that was edited, here or in If-Match" },
    ]);
  return base;
}

function described(ending: string, type: string, title: string, schema: z.ZodType) {
  const name = ending.slice(1);
  return {
    tags: ["jobs"],
    operationId: `getTranscript${name.charAt(0).toUpperCase()}${name.slice(1)}`,
    summary: title,
    security: [{ apiKey: [] }],
    params: JobParams,
    response: {
      200: { description: title, content: { [type]: { schema } } },
      ...problemResponses(
        ...keyErrors,
        "invalid_request",
        "transcript_version_not_found",
        ...missing,
        ...(ending === ".ass" ? layoutErrors : []),
      ),
    },
  };
}
