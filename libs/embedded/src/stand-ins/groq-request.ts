import type { IncomingMessage } from "node:http";

/** A request as Groq's SDK sends it, and Groq's refusals, worded as captures in public code show them. */

export interface TranscriptionRequest {
  model: string;
  /** Undefined where the recogniser shall find it out. */
  language: string | undefined;
  prompt: string | undefined;
  responseFormat: "json" | "text" | "verbose_json";
  granularities: readonly string[];
  fileName: string;
  file: Uint8Array;
}

export class Refusal extends Error {
  readonly status: number;
  readonly body: object;

  constructor(status: number, body: object) {
    super(JSON.stringify(body));
    this.status = status;
    this.body = body;
  }
}

const invalid = (message: string, code?: string) => ({ error: { message, type: "invalid_request_error", code } });

export const errorBodies = {
  key: invalid("Invalid API Key", "invalid_api_key"),
  tooLarge: invalid("Request Entity Too Large", "request_too_large"),
  unreadable: invalid("could not process file - is it a valid media file?"),
  rateLimited: {
    error: {
      message:
        "Rate limit reached for model `whisper-large-v3-turbo` in organization `org_01standin` service tier `on_demand` on seconds of audio per hour (ASPH): Limit 7200, Used 7190, Requested 30. Please try again in 10s.",
      type: "seconds",
      code: "rate_limit_exceeded",
    },
  },
  quota: {
    error: {
      message:
        "Request too large for model `whisper-large-v3-turbo` in organization `org_01standin` service tier `on_demand` on seconds of audio per hour (ASPH): Limit 7200, Requested 10200, please reduce your message size and try again.",
      type: "seconds",
      code: "rate_limit_exceeded",
    },
  },
} as const;

/** The paths of Groq and of servers that follow OpenAI's own. */
const paths = ["/openai/v1/audio/transcriptions", "/v1/audio/transcriptions"];
/** The type is judged by the file's name, not by its content type. */
const fileTypes = ["flac", "mp3", "mp4", "mpeg", "mpga", "m4a", "ogg", "opus", "wav", "webm"];
const fields = ["file", "model", "language", "prompt", "response_format", "temperature", "timestamp_granularities[]"];
const formats = ["json", "text", "verbose_json"] as const;

/** Reads and checks a request in the order in which Groq does. Throws a Refusal. */
export async function readTranscriptionRequest(
  request: IncomingMessage,
  body: Buffer<ArrayBuffer>,
  { apiKey, models, maxFileBytes }: { apiKey: string; models: readonly string[]; maxFileBytes: number },
): Promise<TranscriptionRequest> {
  const { method = "", url = "", headers } = request;
  if (method !== "POST" || !paths.includes(url)) {
    throw new Refusal(404, invalid(`Unknown request URL: ${method} ${url}. Please check the URL for typos.`, "unknown_url"));
  }
  if (headers.authorization !== `Bearer ${apiKey}`) throw new Refusal(401, errorBodies.key);
  if (body.length > maxFileBytes) throw new Refusal(413, errorBodies.tooLarge);

  const contentType = headers["content-type"] ?? "";
  if (!contentType.startsWith("multipart/form-data"))
    throw new Refusal(400, invalid("request Content-Type isn't multipart/form-data"));
  const form = await new Response(body, { headers: { "content-type": contentType } }).formData();
  const stray = [...form.keys()].find((key) => !fields.includes(key));
  if (stray) throw new Refusal(400, invalid(`unknown param \`${stray}\``));

  const text = (key: string) => {
    const value = form.get(key);
    return typeof value === "string" && value !== "" ? value : undefined;
  };
  const model = text("model") ?? "";
  if (!models.includes(model)) {
    throw new Refusal(404, invalid(`The model \`${model}\` does not exist or you do not have access to it.`, "model_not_found"));
  }
  const file = form.get("file");
  if (!(file instanceof File)) throw new Refusal(400, invalid("file is required"));
  if (!fileTypes.includes(file.name.split(".").at(-1) ?? "")) {
    throw new Refusal(400, invalid(`file must be one of the following types: [${fileTypes.join(" ")}]`));
  }
  const responseFormat = formats.find((format) => format === (text("response_format") ?? "json"));
  if (!responseFormat) throw new Refusal(400, invalid(`response_format must be one of [${formats.join(" ")}]`));
  const granularities = form.getAll("timestamp_granularities[]").map(String);
  if (granularities.length > 0 && responseFormat !== "verbose_json") {
    throw new Refusal(400, invalid("response_format must be set to `verbose_json` to use timestamp_granularities"));
  }
  return {
    model,
    language: text("language"),
    prompt: text("prompt"),
    responseFormat,
    granularities,
    fileName: file.name,
    file: new Uint8Array(await file.arrayBuffer()),
  };
}
