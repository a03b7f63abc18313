import { ask } from "@viralclaw/bus/ask";
import type { Bus } from "@viralclaw/bus/connect";
import { type ScriptRequest, scriptSubject } from "@viralclaw/contracts/preview";
import type { Storage } from "@viralclaw/storage/storage";
import type { JobRow } from "./job.ts";
import { notThere, type Version } from "./transcripts.ts";

/** A version of a job's words as styled captions, an ASS script. */

/** That of the job's video, where it shows this version. */
export async function readDrawn(job: JobRow, { version }: Version, storage: Storage): Promise<string | undefined> {
  const { ass_key, transcript_version = 1 } = job.known as { ass_key?: string; transcript_version?: number };
  return ass_key !== undefined && version === transcript_version ? storage.getText(ass_key) : undefined;
}

/** That of a video which shows it in the job's style, laid out by a renderer. Throws what `ask` and renderers throw. */
export async function layOutVersion(job: JobRow, { key }: Version, bus: Bus): Promise<string> {
  const { source_key, source_bytes } = job.known as { source_key?: string; source_bytes?: number };
  if (source_key === undefined || source_bytes === undefined) throw notThere(job, "video");
  const { style, style_overrides, font_key = null } = job.request;
  const asked: ScriptRequest = { style, style_overrides, font_key, source_key, source_bytes, transcript_key: key };
  return (await ask(bus, scriptSubject, asked, { part: "renderer", waitMs })).toString("utf8");
}

/** A renderer may have to fetch the video, and fifty previews may be before it. */
const waitMs = 20_000;
