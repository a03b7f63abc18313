import { S3Error } from "./errors.ts";

/**
 * Decodes `aws-chunked`, the framing in which the SDK sends a stream whose checksum it knows only at the end: a length in
 * hex and a line break before each chunk, a chunk of length 0, then headers ("trailers"), which are put into `trailers`.
 * Chunk signatures (`;chunk-signature=…`) are not checked: the form that carries them is refused before.
 *
 * @throws S3Error if the framing is broken or ends early.
 */
export async function* decodeAwsChunked(source: AsyncIterable<Buffer>, trailers: Map<string, string>): AsyncGenerator<Buffer> {
  let buffered: Buffer = Buffer.alloc(0);
  let state: "length" | "data" | "break" | "trailers" = "length";
  let remaining = 0;
  for await (const piece of source) {
    buffered = buffered.length > 0 ? Buffer.concat([buffered, piece]) : piece;
    for (let more = true; more; ) {
      more = false;
      if (state === "length") {
        const end = buffered.indexOf("\r\n");
        if (end < 0 && buffered.length > maxLengthLineBytes) throw brokenFraming();
        if (end >= 0) {
          remaining = parseLength(buffered.toString("latin1", 0, end));
          buffered = buffered.subarray(end + 2);
          state = remaining > 0 ? "data" : "trailers";
          more = true;
        }
      } else if (state === "data" && buffered.length > 0) {
        const data = buffered.subarray(0, remaining);
        yield data;
        buffered = buffered.subarray(data.length);
        remaining -= data.length;
        if (remaining === 0) state = "break";
        more = true;
      } else if (state === "break" && buffered.length >= 2) {
        if (buffered.toString("latin1", 0, 2) !== "\r\n") throw brokenFraming();
        buffered = buffered.subarray(2);
        state = "length";
        more = true;
      }
    }
    if (state === "trailers" && buffered.length > maxTrailerBytes) throw brokenFraming();
  }
  if (state !== "trailers") throw new S3Error("IncompleteBody");
  for (const line of buffered.toString("latin1").split("\r\n")) {
    const [name = "", value] = line.split(/:(.*)/s, 2);
    if (value !== undefined) trailers.set(name.trim().toLowerCase(), value.trim());
  }
}

/** A length line is at most 16 hex digits and a chunk signature; the trailers are a checksum or two. */
const maxLengthLineBytes = 256;
const maxTrailerBytes = 8 * 1024;

function parseLength(line: string): number {
  const digits = /^([0-9a-fA-F]{1,12})(?:;|$)/.exec(line)?.[1];
  if (digits === undefined) throw brokenFraming();
  return Number.parseInt(digits, 16);
}

function brokenFraming(): S3Error {
  return new S3Error("InvalidRequest", "The aws-chunked framing is broken.");
}
