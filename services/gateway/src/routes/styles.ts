import { type StyleId, styleIds, styles } from "@viralclaw/captions/styles";
import { DeclaredError } from "@viralclaw/contracts/errors";
import { fontFamilies, fontWeights } from "@viralclaw/contracts/fonts";
import type { PreviewRequest } from "@viralclaw/contracts/preview";
import { Style } from "@viralclaw/contracts/style";
import { overridden } from "@viralclaw/contracts/style-overrides";
import { PreviewQuery, StyleList, StyleParams, StyleView } from "@viralclaw/contracts/styles-api";
import type { FastifyInstance } from "fastify";
import type { ZodTypeProvider } from "fastify-type-provider-zod";
import * as z from "zod";
import { addressOf } from "../address.ts";
import type { JobRow } from "../job.ts";
import { fontKeyOf } from "../own-font.ts";
import { keepPreviews } from "../previews.ts";
import { InvalidRequest, keyErrors, parse, problemResponses } from "../problems.ts";
import type { GatewayDeps } from "../server.ts";
import { notThere, versionOf } from "../transcripts.ts";
import { uploadErrors } from "../uploads.ts";
import { findKept } from "./jobs.ts";

/** GET /api/styles, GET /api/styles/{id} and its preview.png. */
export async function styleRoutes(app: FastifyInstance, deps: GatewayDeps): Promise<void> {
  const api = app.withTypeProvider<ZodTypeProvider>();
  const previewOf = keepPreviews(deps.bus);

  api.route({
    method: "GET",
    url: "/api/styles",
    schema: {
      tags: ["styles"],
      operationId: "listStyles",
      summary: "All styles, with their fields, and the fonts",
      security: [{ apiKey: [] }],
      response: { 200: StyleList, ...problemResponses(...keyErrors) },
    },
    handler: async () => ({ styles: styleIds.map((id) => viewStyle(id, deps)), fonts }),
  });

  api.route({
    method: "GET",
    url: "/api/styles/:id",
    schema: {
      tags: ["styles"],
      operationId: "getStyle",
      summary: "One style",
      security: [{ apiKey: [] }],
      params: StyleParams,
      response: { 200: StyleView, ...problemResponses(...keyErrors, "invalid_request", "unknown_style") },
    },
    handler: async ({ params }) => viewStyle(known(params.id), deps),
  });

  api.route({
    method: "GET",
    url: "/api/styles/:id/preview.png",
    onRequest: (request, reply) => deps.limits.count(request, reply, "preview"),
    schema: {
      tags: ["styles"],
      operationId: "previewStyle",
      summary: "A picture of a style",
      description:
        "Drawn by the code that draws the video: on a plain ground, or with `job` and `at` on that job's own frame, with its own words.",
      security: [{ apiKey: [] }],
      params: StyleParams,
      querystring: PreviewQuery,
      response: {
        200: { description: "The picture", content: { "image/png": { schema: z.string().meta({ format: "binary" }) } } },
        304: z.null().describe("Unchanged since the ETag in If-None-Match"),
        ...problemResponses(
          ...keyErrors,
          ...["invalid_request" as const, "unknown_style" as const, "job_not_found" as const, "too_many_requests" as const],
          ...["transcript_not_ready" as const, "transcript_not_made" as const, "files_expired" as const, "not_a_video" as const],
          ...["store_unavailable" as const, "font_missing" as const, "render_failed" as const],
          ...uploadErrors,
          ...["font_invalid" as const, "disk_full" as const],
        ),
      },
    },
    handler: async (request, reply) => {
      const { query } = request;
      const style = known(request.params.id);
      const { style_overrides = null, text = null, language, size } = query;
      parse(Style, overridden(styles[style], style_overrides), "style_overrides");
      const { customerId } = request.caller;
      const job = query.job === undefined ? undefined : await findKept(deps, customerId, query.job);
      const on = await groundOf(query, job, deps);
      const font_key = await fontKeyOf(deps, { customerId, overrides: style_overrides, job });
      const { png, etag } = await previewOf({ style, style_overrides, font_key, language, text, size, on });
      reply.header("etag", etag).header("cache-control", `private, max-age=${freshSeconds}`);
      if (request.headers["if-none-match"] === etag) return reply.code(304).send(null);
      return reply.type("image/png").send(png as never);
    },
  });
}

/** A style is changed by a release; until then a browser need not ask again. */
const freshSeconds = 300;

const fonts = fontFamilies.map((family) => ({ family, weights: [...fontWeights[family]] }));

const viewStyle = (id: StyleId, deps: GatewayDeps) => ({
  ...styles[id],
  preview_url: addressOf(`/api/styles/${id}/preview.png`, deps),
});

function known(id: string): StyleId {
  const found = styleIds.find((one) => one === id);
  if (!found) throw new DeclaredError("unknown_style", { style: id, styles: styleIds.join(", ") });
  return found;
}

/** What is drawn on. Throws the error that says what the job has not, or not yet. */
async function groundOf(
  { at = 0, shape = "vertical", text }: z.infer<typeof PreviewQuery>,
  job: JobRow | undefined,
  deps: GatewayDeps,
): Promise<PreviewRequest["on"]> {
  if (job === undefined) return { type: "ground", shape };
  const { source_key, source_bytes, transcript_key = null, duration_ms } = job.known as KnownOfJob;
  if (source_key === undefined || source_bytes === undefined || duration_ms === undefined) throw notThere(job, "video");
  if (at >= duration_ms)
    throw new InvalidRequest([{ field: "at", message: `must be less than ${duration_ms}, the length of the video in ms` }]);
  if (transcript_key === null && text === undefined) throw notThere(job, "transcript");
  // With the edits, which a restyle would show.
  const newest = transcript_key && (await versionOf(deps.db, job)).key;
  return { type: "job", source_key, source_bytes, transcript_key: newest, at_ms: at };
}

/** What the stages have found so far. */
type KnownOfJob = JobRow["known"] & { source_key?: string; source_bytes?: number; transcript_key?: string; duration_ms?: number };
