import { createHash } from "node:crypto";
import type { Readable } from "node:stream";
import { DeclaredError } from "@viralclaw/contracts/errors";
import { limits } from "@viralclaw/contracts/limits";
import { ownWordsFields } from "@viralclaw/contracts/requests";
import type { FastifyRequest } from "fastify";
import { InvalidRequest } from "./problems.ts";

/** A posted form: its text fields, and what its file was, where it has one. */
export interface PostedForm {
  fields: Record<string, string>;
  file?: { bytes: number; sha256: string };
}

/** What becomes of the file while it comes in. */
export type FileSink = (file: AsyncIterable<Uint8Array>, signal: AbortSignal) => Promise<unknown>;

const longFields: ReadonlySet<string> = new Set(ownWordsFields);

/** The part that carries the video. */
const filePart = "file";

/**
 * Reads a multipart form, handing its one file on as it comes; it is never whole in memory. Parts may come in any order.
 * Throws body_too_large, malformed_body or invalid_request.
 */
export async function receiveForm(request: FastifyRequest, sink: FileSink): Promise<PostedForm> {
  if (Number(request.headers["content-length"]) > limits.maxVideoBytes + limits.maxFormBytes) throw tooLarge();
  const fields: Record<string, string> = {};
  const sha256 = createHash("sha256");
  let bytes: number | undefined;
  let file: (Readable & { truncated: boolean }) | undefined;
  const gone = new AbortController();
  request.raw.once("aborted", () =>
    gone.abort(new DeclaredError("malformed_body", { reason: "The connection was closed before the body ended." })),
  );
  try {
    for await (const part of request.parts()) {
      if (part.type === "field") {
        if (part.fieldname === "video_url")
          throw wrong("video_url", "is for a JSON body; in a form send the file itself, as the part file");
        const value = String(part.value);
        const max_bytes = longFields.has(part.fieldname) ? limits.maxWordsBytes : limits.maxJsonBodyBytes;
        if (part.valueTruncated || Buffer.byteLength(value) > max_bytes) throw new DeclaredError("body_too_large", { max_bytes });
        fields[part.fieldname] = value;
        continue;
      }
      if (part.fieldname !== filePart)
        throw wrong(part.fieldname, `is not a field of this request; send the video as the part ${filePart}`);
      if (fields.upload_id !== undefined) throw wrong("upload_id", twoSources);
      file = part.file as Readable & { truncated: boolean };
      bytes = 0;
      const passing = passThrough(file, (chunk) => {
        bytes = (bytes ?? 0) + chunk.length;
        sha256.update(chunk);
      });
      await sink(passing, gone.signal);
      if (file.truncated) throw tooLarge();
      if (bytes === 0) throw wrong(filePart, "is empty");
    }
    if (bytes === undefined && fields.upload_id === undefined)
      throw wrong(filePart, "is missing: send the video as a file part of that name, or give upload_id");
    if (bytes !== undefined && fields.upload_id !== undefined) throw wrong("upload_id", twoSources);
    return { fields, file: bytes === undefined ? undefined : { bytes, sha256: sha256.digest("hex") } };
  } catch (error) {
    // Where the form itself broke off, whoever took the file in calls that a fault of its own.
    throw asDeclared(file?.errored ?? error);
  }
}

const twoSources = "must not be given beside the file: give one of the two";
const tooLarge = () => new DeclaredError("body_too_large", { max_bytes: limits.maxVideoBytes });

const wrong = (field: string, message: string) => new InvalidRequest([{ field, message }]);

async function* passThrough(file: AsyncIterable<Uint8Array>, see: (chunk: Uint8Array) => void): AsyncGenerator<Uint8Array> {
  for await (const chunk of file) {
    see(chunk);
    yield chunk;
  }
}

/** What busboy says of a body that is not a form, as ours. */
function asDeclared(error: unknown): unknown {
  if (error instanceof DeclaredError) return error;
  const { code = "", message = "" } = error as { code?: string; message?: string };
  if (code === "FST_REQ_FILE_TOO_LARGE") return tooLarge();
  if (code === "FST_FILES_LIMIT")
    return new InvalidRequest([{ field: "file", message: "is there twice: send one video a request" }]);
  if (code.startsWith("FST_") && code.endsWith("_LIMIT"))
    return new DeclaredError("malformed_body", { reason: "The form has too many parts." }, { cause: error });
  if (/multipart|boundary|unexpected end of form|malformed/i.test(message))
    return new DeclaredError("malformed_body", { reason: "The multipart form is cut off or malformed." }, { cause: error });
  return error;
}
