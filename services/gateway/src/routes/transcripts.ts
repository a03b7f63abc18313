import { writeSrt } from "@viralclaw/captions/srt";
import { subtitlesOf } from "@viralclaw/captions/subtitles";
import { writeVtt } from "@viralclaw/captions/vtt";
import { DeclaredError } from "@viralclaw/contracts/errors";
import { JobId } from "@viralclaw/contracts/ids";
import { Transcript } from "@viralclaw/contracts/transcript";
import type { FastifyInstance } from "fastify";
import type { ZodTypeProvider } from "fastify-type-provider-zod";
import * as z from "zod";
import { filesExpired, hasEnded, type JobRow } from "../job.ts";
import { keyErrors, problemResponses } from "../problems.ts";
import type { GatewayDeps } from "../server.ts";
import { findJob } from "./jobs.ts";

type Write = (transcript: Transcript) => string;

/** A format of the transcript: its content type, and how it is written; `ass` is what the renderer drew, as it lies in the store. */
const formats: Record<string, { type: string; title: string; write: Write | "ass" }> = {
  json: { type: "application/json", title: "The words with their times, ms", write: (transcript) => JSON.stringify(transcript) },
  srt: { type: "application/x-subrip", title: "Subtitles as SRT", write: (transcript) => writeSrt(subtitlesOf(transcript)) },
  vtt: { type: "text/vtt", title: "Subtitles as WebVTT", write: (transcript) => writeVtt(subtitlesOf(transcript)) },
  ass: { type: "text/x-ssa", title: "The styled captions as they were drawn", write: "ass" },
};

/** GET /api/jobs/{id}/transcript.json, .srt, .vtt and .ass. */
export async function transcriptRoutes(app: FastifyInstance, deps: GatewayDeps): Promise<void> {
  for (const [format, { type, title, write }] of Object.entries(formats)) {
    app.withTypeProvider<ZodTypeProvider>().route({
      method: "GET",
      url: `/api/jobs/:id/transcript.${format}`,
      schema: {
        tags: ["jobs"],
        operationId: `getTranscript${format.charAt(0).toUpperCase()}${format.slice(1)}`,
        summary: title,
        security: [{ apiKey: [] }],
        params: z.object({ id: JobId }),
        response: {
          200: { description: title, content: { [type]: { schema: format === "json" ? Transcript : z.string() } } },
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
      handler: async (request, reply) => {
        const job = await findJob(deps.db, request.caller.customerId, request.params.id);
        if (filesExpired(job, deps.retentionDays))
          throw new DeclaredError("files_expired", { job_id: job.id, days: deps.retentionDays });
        const text = await deps.storage.getText(keyOf(job, write === "ass" ? "ass_key" : "transcript_key"));
        if (text === undefined) throw notThere(job, "transcript");
        const body = write === "ass" ? text : write(Transcript.parse(JSON.parse(text)));
        return reply
          .type(`${type}; charset=utf-8`)
          .serializer((value: unknown) => String(value))
          .send(body as never);
      },
    });
  }
}

function keyOf(job: JobRow, name: "transcript_key" | "ass_key"): string {
  const key = job.known[name];
  if (typeof key === "string") return key;
  throw notThere(job, name === "ass_key" ? "styled captions" : "transcript");
}

export function notThere(job: JobRow, what: string): DeclaredError {
  const code = hasEnded(job) ? "transcript_not_made" : "transcript_not_ready";
  return new DeclaredError(code, { job_id: job.id, status: job.status, what });
}
