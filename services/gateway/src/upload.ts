import type { Readable } from "node:stream";
import { DeclaredError } from "@viralclaw/contracts/errors";
import { limits } from "@viralclaw/contracts/limits";
import type { Storage } from "@viralclaw/storage/storage";
import type { FastifyRequest } from "fastify";
import { InvalidRequest } from "./problems.ts";

/** A posted form: its text fields, and the file where it now lies in the store. */
export interface PostedForm {
  fields: Record<string, string>;
  upload: { key: string; bytes: number };
}

/** The part that carries the video. */
const filePart = "file";

/**
 * Reads a multipart form, streaming its one file to `key`; the file is never whole in memory. Parts may come in any order.
 * Throws body_too_large, malformed_body or invalid_request, and leaves nothing in the store where it throws.
 */
export async function receiveForm(request: FastifyRequest, storage: Storage, key: string): Promise<PostedForm> {
  const fields: Record<string, string> = {};
  let upload: PostedForm["upload"] | undefined;
  const gone = new AbortController();
  request.raw.once("aborted", () =>
    gone.abort(new DeclaredError("malformed_body", { reason: "The connection was closed before the body ended." })),
  );
  try {
    for await (const part of request.parts()) {
      if (part.type === "field") {
        if (part.valueTruncated) throw new DeclaredError("body_too_large", { max_bytes: limits.maxJsonBodyBytes });
        fields[part.fieldname] = String(part.value);
        continue;
      }
      if (part.fieldname !== filePart)
        throw new InvalidRequest([
          { field: part.fieldname, message: `is not a field of this request; send the video as the part ${filePart}` },
        ]);
      const file = part.file as Readable & { truncated: boolean };
      const { bytes } = await storage.uploadStream(key, file, "application/octet-stream", { signal: gone.signal });
      upload = { key, bytes };
      if (file.truncated) throw new DeclaredError("body_too_large", { max_bytes: limits.maxVideoBytes });
      if (bytes === 0) throw new InvalidRequest([{ field: filePart, message: "is empty" }]);
    }
    if (!upload)
      throw new InvalidRequest([{ field: filePart, message: "is missing: send the video as a file part of that name" }]);
    return { fields, upload };
  } catch (error) {
    if (upload) await storage.delete(key).catch(() => undefined);
    throw asDeclared(error);
  }
}

/** What busboy says of a body that is not a form, as ours. */
function asDeclared(error: unknown): unknown {
  if (error instanceof DeclaredError) return error;
  const { code = "", message = "" } = error as { code?: string; message?: string };
  if (code === "FST_REQ_FILE_TOO_LARGE") return new DeclaredError("body_too_large", { max_bytes: limits.maxVideoBytes });
  if (code.startsWith("FST_") && code.endsWith("_LIMIT"))
    return new DeclaredError("malformed_body", { reason: "The form has too many parts." }, { cause: error });
  if (/multipart|boundary|unexpected end of form|malformed/i.test(message))
    return new DeclaredError("malformed_body", { reason: "The multipart form is cut off or malformed." }, { cause: error });
  return error;
}
