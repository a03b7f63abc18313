import type { IncomingMessage } from "node:http";
import { S3Error } from "./errors.ts";

/** One request, taken apart once. Path style only: `/bucket/key`. */
export interface S3Request {
  method: string;
  /** As it was sent, still encoded, without the query. */
  path: string;
  bucket: string;
  key: string;
  query: readonly (readonly [name: string, value: string])[];
  message: IncomingMessage;
  /** The first query parameter of this name. */
  param(name: string): string | undefined;
  /**
   * A header, by its lower-case name. A signed URL moves `x-amz-…` headers into the query, and there they count as well:
   * the signature covers both.
   */
  header(name: string): string | undefined;
}

/** @throws S3Error if the path is not valid or the key too long. */
export function parseRequest(message: IncomingMessage): S3Request {
  const [path = "/", search = ""] = (message.url ?? "/").split(/\?(.*)/s, 2);
  const query = search.split("&").filter(Boolean).map(parsePair);
  const param = (name: string) => query.find(([one]) => one === name)?.[1];
  const [, bucket = "", encodedKey = ""] = /^\/([^/]*)\/?(.*)$/s.exec(path) ?? [];
  const key = decode(encodedKey);
  if (Buffer.byteLength(key) > maxKeyBytes) throw new S3Error("KeyTooLongError");
  return {
    method: message.method ?? "GET",
    path,
    bucket: decode(bucket),
    key,
    query,
    message,
    param,
    header(name) {
      const sent = message.headers[name];
      if (sent !== undefined) return String(sent);
      return name.startsWith("x-amz-") && param("X-Amz-Signature") !== undefined ? param(name) : undefined;
    },
  };
}

/** Every header and moved-into-the-query header whose name begins with `prefix`. */
export function headersBeginning(request: S3Request, prefix: string): [name: string, value: string][] {
  const names = new Set([...Object.keys(request.message.headers), ...request.query.map(([name]) => name)]);
  return [...names]
    .filter((name) => name.startsWith(prefix))
    .flatMap((name) => {
      const value = request.header(name);
      return value === undefined ? [] : [[name, value]];
    });
}

/** S3's limit. */
const maxKeyBytes = 1024;

function parsePair(pair: string): [name: string, value: string] {
  const [name = "", value = ""] = pair.split(/=(.*)/s, 2);
  return [decode(name.replaceAll("+", " ")), decode(value.replaceAll("+", " "))];
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new S3Error("InvalidRequest", "The address has a broken percent-encoding.");
  }
}
