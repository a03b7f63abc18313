import { type StyleId, styleIds, styles } from "@viralclaw/captions/styles";
import type { Priority } from "@viralclaw/contracts/facts";
import { limits } from "@viralclaw/contracts/limits";
import { addCaptionsForm, addCaptionsJson, ownWordsRule } from "@viralclaw/contracts/requests";
import { Style } from "@viralclaw/contracts/style";
import { overridden, type StyleOverrides } from "@viralclaw/contracts/style-overrides";
import type { Wording } from "@viralclaw/contracts/wording";
import type { FastifyRequest } from "fastify";
import * as z from "zod";
import type { Asked } from "./accept.ts";
import { type FileSink, receiveForm } from "./form.ts";
import { fingerprintOf } from "./idempotency.ts";
import { parse } from "./problems.ts";
import { readWording, type WordingFields } from "./wording.ts";

/** The body of POST /api/add-captions as JSON and, with its file, as a form. */
export const Json = addCaptionsJson(styleIds);
const Fields = addCaptionsForm(styleIds);
export const Form = Fields.extend({
  file: z
    .string()
    .optional()
    .meta({ format: "binary", description: `The video, up to ${limits.maxVideoBytes} bytes` }),
}).meta({ oneOf: [{ required: ["file"] }, { required: ["upload_id"] }], ...ownWordsRule });
/** Where the video is to come from: exactly one of three. */
export type Source = { type: "url"; url: string } | { type: "file"; bytes: number } | { type: "upload"; uploadId: string };

export interface Read {
  options: Omit<Asked, "source" | "wording" | "font_key">;
  source: Source;
  wording: Wording | null;
  /** Of all these: what makes it the same request when it comes again. */
  fingerprint: string;
}

/**
 * Reads what was asked for, in whichever way it comes, and checks it. A posted file goes into the sink.
 * Throws invalid_request, malformed_body or body_too_large.
 */
export async function readRequest(request: FastifyRequest, sink: FileSink): Promise<Read> {
  if (!request.isMultipart()) {
    const { video_url, upload_id, ...given } = parse(Json, request.body ?? {});
    const options = checked(given);
    if (upload_id !== undefined) return fromUpload(options, upload_id);
    const source = { type: "url" as const, url: video_url ?? "" };
    return { ...options, source, fingerprint: fingerprintOf({ ...options, source }) };
  }
  const { fields, file } = await receiveForm(request, sink);
  const { upload_id, ...given } = parse(Fields, fields);
  const options = checked(given);
  if (!file) return fromUpload(options, upload_id ?? "");
  const { bytes, sha256 } = file;
  return { ...options, source: { type: "file", bytes }, fingerprint: fingerprintOf({ ...options, sha256 }) };
}

const fromUpload = (options: Pick<Read, "options" | "wording">, uploadId: string): Read => ({
  ...options,
  source: { type: "upload", uploadId },
  fingerprint: fingerprintOf({ ...options, upload_id: uploadId }),
});

interface Options extends WordingFields {
  style: StyleId;
  priority: Priority;
  style_overrides?: StyleOverrides;
  max_bytes?: number;
  webhook_url?: string;
  metadata?: Record<string, unknown>;
}

/** With null for what was left out. The style has to be valid as a whole, with what is overridden. */
function checked<O extends Options>({ max_bytes, words, srt, vtt, text, glossary, ...options }: O) {
  const { style, style_overrides = null, webhook_url = null, metadata = null, language } = options;
  parse(Style, overridden(styles[style], style_overrides), "style_overrides");
  const wording = readWording({ language, words, srt, vtt, text, glossary });
  const nulls = { max_result_bytes: max_bytes ?? null, style_overrides, webhook_url, metadata, restyled_from: null };
  return { options: { ...options, ...nulls }, wording };
}
