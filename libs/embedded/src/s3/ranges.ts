import { S3Error } from "./errors.ts";

/** The first and the last byte to send. */
export interface ByteRange {
  first: number;
  last: number;
}

/**
 * Reads a Range header (RFC 9110, 14.2): `bytes=0-99`, `bytes=100-`, `bytes=-500`. Undefined means the whole object: there
 * is no such header, or it asks for something else, several ranges for instance, which a server may ignore.
 *
 * @throws S3Error if the range begins after the end.
 */
export function parseRange(header: string | undefined, sizeBytes: number): ByteRange | undefined {
  const [, from = "", to = ""] = /^bytes=(\d*)-(\d*)$/.exec(header ?? "") ?? [];
  if (from === "" && to === "") return undefined;
  if (from !== "" && to !== "" && Number(to) < Number(from)) return undefined;
  const first = from === "" ? Math.max(0, sizeBytes - Number(to)) : Number(from);
  const last = from === "" || to === "" ? sizeBytes - 1 : Math.min(Number(to), sizeBytes - 1);
  if (first >= sizeBytes || first > last)
    throw new S3Error("InvalidRange", undefined, { "content-range": `bytes */${sizeBytes}` });
  return { first, last };
}
