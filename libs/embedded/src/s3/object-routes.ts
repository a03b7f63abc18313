import { createReadStream } from "node:fs";
import { rm } from "node:fs/promises";
import { receiveBody } from "./body.ts";
import { S3Error } from "./errors.ts";
import type { ObjectStore, StoredObject } from "./objects.ts";
import { parseRange } from "./ranges.ts";
import { headersBeginning, type S3Request } from "./request.ts";
import { type Call, type Reply, type Route, xmlReply } from "./route.ts";

export const objectRoutes: readonly Route[] = [
  { on: "object", method: "GET", handle: readObject },
  { on: "object", method: "HEAD", handle: readObject },
  {
    on: "object",
    method: "PUT",
    handle: (call) => (call.request.header("x-amz-copy-source") === undefined ? putObject(call) : copyObject(call)),
  },
  { on: "object", method: "DELETE", handle: deleteObject },
];

/** The headers that are kept with an object and sent along whenever it is read. */
export function keptHeaders(request: S3Request): Record<string, string> {
  const kept: Record<string, string> = { "content-type": defaultContentType };
  for (const name of describingHeaders) {
    const value = request.header(name);
    if (value !== undefined) kept[name] = value;
  }
  // aws-chunked is how the body travelled, not what it is.
  const encoding = request
    .header("content-encoding")
    ?.split(",")
    .map((one) => one.trim())
    .filter((one) => one && one !== "aws-chunked")
    .join(", ");
  if (encoding) kept["content-encoding"] = encoding;
  return { ...kept, ...Object.fromEntries(headersBeginning(request, "x-amz-meta-")) };
}

export function checksumHeaders(checksums: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(checksums).map(([algorithm, value]) => [`x-amz-checksum-${algorithm}`, value]));
}

const describingHeaders = ["content-type", "cache-control", "content-disposition", "content-language", "expires"];
const defaultContentType = "binary/octet-stream";

function readObject({ request, objects }: Call): Reply {
  const object = existing(objects, request.bucket, request.key);
  const etag = `"${object.etag}"`;
  if (!matchesEtag(request.header("if-match") ?? "*", object)) throw new S3Error("PreconditionFailed");
  const known = request.header("if-none-match");
  if (known !== undefined && matchesEtag(known, object)) return { status: 304, headers: { etag } };

  const range = parseRange(request.header("range"), object.sizeBytes);
  const { first, last } = range ?? { first: 0, last: object.sizeBytes - 1 };
  const headers: Record<string, string> = {
    ...object.headers,
    ...overriddenHeaders(request),
    etag,
    "last-modified": new Date(object.modifiedMs).toUTCString(),
    "accept-ranges": "bytes",
    "content-length": String(last - first + 1),
    ...(range ? { "content-range": `bytes ${first}-${last}/${object.sizeBytes}` } : {}),
    // A checksum is of the whole: beside a part of it the client would find it wrong.
    ...(!range && request.header("x-amz-checksum-mode")?.toUpperCase() === "ENABLED" ? checksumHeaders(object.checksums) : {}),
  };
  const status = range ? 206 : 200;
  if (request.method === "HEAD" || object.sizeBytes === 0) return { status, headers };
  const fd = objects.openBytes(request.bucket, object);
  return { status, headers, body: createReadStream("", { fd, start: first, end: last }) };
}

/** `?response-content-disposition=…` and its like, which a signed URL may carry. */
function overriddenHeaders(request: S3Request): Record<string, string> {
  const names = [...describingHeaders, "content-encoding"];
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = request.param(`response-${name}`);
      return value === undefined ? [] : [[name, value]];
    }),
  );
}

async function putObject({ request, payload, objects }: Call): Promise<Reply> {
  checkConditions(objects, request);
  const body = await receiveBody(request, payload, objects.tempDir);
  try {
    // Once more: another writer may have been faster while the body came in.
    checkConditions(objects, request);
    const object = objects.put(request.bucket, request.key, { ...body, etag: body.md5 }, keptHeaders(request));
    return { status: 200, headers: { etag: `"${object.etag}"`, ...checksumHeaders(object.checksums) } };
  } catch (error) {
    await rm(body.file, { force: true });
    throw error;
  }
}

function copyObject({ request, objects }: Call): Reply {
  checkConditions(objects, request);
  const source = /^\/?([^/]+)\/(.+)$/s.exec(decodeURIComponent(request.header("x-amz-copy-source") ?? ""));
  const [, bucket = "", key = ""] = source ?? [];
  const object = existing(objects, bucket, key);
  const headers = request.header("x-amz-metadata-directive") === "REPLACE" ? keptHeaders(request) : object.headers;
  const copy = objects.copy({ bucket, object }, request.bucket, request.key, headers);
  return xmlReply("CopyObjectResult", [
    ["LastModified", new Date(copy.modifiedMs).toISOString()],
    ["ETag", `"${copy.etag}"`],
  ]);
}

function deleteObject({ request, objects }: Call): Reply {
  objects.delete(request.bucket, request.key);
  return { status: 204 };
}

function existing(objects: ObjectStore, bucket: string, key: string): StoredObject {
  const object = objects.get(bucket, key);
  if (!object) throw new S3Error("NoSuchKey");
  return object;
}

/** A write's If-Match and If-None-Match. */
function checkConditions(objects: ObjectStore, request: S3Request): void {
  const object = objects.get(request.bucket, request.key);
  const onlyIf = request.header("if-match");
  const unless = request.header("if-none-match");
  if (onlyIf !== undefined && !object) throw new S3Error("NoSuchKey");
  if (onlyIf !== undefined && object && !matchesEtag(onlyIf, object)) throw new S3Error("PreconditionFailed");
  if (unless !== undefined && object && matchesEtag(unless, object)) throw new S3Error("PreconditionFailed");
}

function matchesEtag(condition: string, object: StoredObject): boolean {
  return condition.split(",").some((one) => one.trim() === "*" || one.trim().replace(/^W\//, "") === `"${object.etag}"`);
}
