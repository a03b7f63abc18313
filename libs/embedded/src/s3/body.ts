import { createHash, randomUUID } from "node:crypto";
import { open, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { type Checksum, checksums } from "./checksums.ts";
import { decodeAwsChunked } from "./chunked.ts";
import { S3Error } from "./errors.ts";
import type { S3Request } from "./request.ts";

/** A body that was received whole and checked, in a file of its own, waiting to be renamed to its place. */
export interface ReceivedBody {
  file: string;
  sizeBytes: number;
  md5: string;
  /** The checksums that the client asked to be kept, by algorithm, in base64. */
  checksums: Record<string, string>;
}

/**
 * Streams the body into a new file in `tempDir` and checks it against everything the client said about it: its length,
 * SHA-256, MD5 and `x-amz-checksum-…`, in a header or trailing after the body.
 *
 * @param payload what the signature declares about the body
 * @throws S3Error if anything differs; nothing is left in `tempDir` then.
 */
export async function receiveBody(request: S3Request, payload: string, tempDir: string): Promise<ReceivedBody> {
  const declared = declaration(request, payload);
  const trailers = new Map<string, string>();
  const md5 = createHash("md5");
  const sha256 = createHash("sha256");
  const running = declared.algorithms.map((algorithm) => [algorithm, newChecksum(algorithm)] as const);
  // destroyOnReturn would cut the connection when a check fails half way, and the client would never read why.
  const raw: AsyncIterable<Buffer> = request.message.iterator({ destroyOnReturn: false });

  const file = join(tempDir, randomUUID());
  try {
    let sizeBytes = 0;
    const handle = await open(file, "wx");
    try {
      for await (const chunk of declared.chunked ? decodeAwsChunked(raw, trailers) : raw) {
        sizeBytes += chunk.length;
        md5.update(chunk);
        if (declared.sha256) sha256.update(chunk);
        for (const [, checksum] of running) checksum.update(chunk);
        await handle.writeFile(chunk);
      }
    } finally {
      await handle.close();
    }
    if (sizeBytes !== declared.sizeBytes) throw new S3Error("IncompleteBody");
    if (declared.sha256 && sha256.digest("hex") !== declared.sha256) throw new S3Error("XAmzContentSHA256Mismatch");
    const md5Bytes = md5.digest();
    if (declared.md5 && declared.md5 !== md5Bytes.toString("base64"))
      throw new S3Error("BadDigest", "The body does not match Content-MD5.");
    const kept: Record<string, string> = {};
    for (const [algorithm, checksum] of running) {
      const header = `x-amz-checksum-${algorithm}`;
      const computed = checksum.base64();
      const expected = request.header(header) ?? trailers.get(header);
      if (expected !== undefined && expected !== computed) throw new S3Error("BadDigest", `The body does not match ${header}.`);
      kept[algorithm] = computed;
    }
    return { file, sizeBytes, md5: md5Bytes.toString("hex"), checksums: kept };
  } catch (error) {
    await rm(file, { force: true });
    throw error;
  }
}

/** Receives a small body, an XML document, as text. */
export async function receiveText(request: S3Request, payload: string, tempDir: string): Promise<string> {
  const body = await receiveBody(request, payload, tempDir);
  try {
    return await readFile(body.file, "utf8");
  } finally {
    await rm(body.file, { force: true });
  }
}

interface Declaration {
  chunked: boolean;
  sizeBytes: number;
  sha256: string | undefined;
  md5: string | undefined;
  algorithms: string[];
}

/** What the SDK sends over plain HTTP and HTTPS alike: chunks without signatures, a checksum trailing. */
const unsignedChunks = "STREAMING-UNSIGNED-PAYLOAD-TRAILER";

function declaration(request: S3Request, payload: string): Declaration {
  const chunked = payload.startsWith("STREAMING-");
  if (chunked && payload !== unsignedChunks)
    throw new S3Error("NotImplemented", `This server takes no ${payload}: send ${unsignedChunks}.`);
  const length = chunked ? request.header("x-amz-decoded-content-length") : request.header("content-length");
  if (length === undefined || !/^\d+$/.test(length)) throw new S3Error("MissingContentLength");

  const algorithms = Object.keys(checksums).filter((algorithm) => request.header(`x-amz-checksum-${algorithm}`) !== undefined);
  const trailing = /^x-amz-checksum-([a-z0-9]+)$/.exec(request.header("x-amz-trailer")?.trim().toLowerCase() ?? "")?.[1];
  if (trailing !== undefined && !algorithms.includes(trailing)) algorithms.push(trailing);
  if (request.header("x-amz-checksum-crc64nvme") !== undefined) algorithms.push("crc64nvme");
  return {
    chunked,
    sizeBytes: Number(length),
    sha256: /^[0-9a-f]{64}$/.test(payload) ? payload : undefined,
    md5: request.header("content-md5"),
    algorithms,
  };
}

function newChecksum(algorithm: string): Checksum {
  const make = checksums[algorithm];
  if (!make) throw new S3Error("NotImplemented", `This server computes no ${algorithm} checksum.`);
  return make();
}
