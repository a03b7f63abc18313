import { createHash } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as S3 from "@aws-sdk/client-s3";
import { type S3Options, type S3Server, startS3 } from "./server.ts";

/** What this package's own tests of the store have in common: a server of their own and two clients of it. */
export interface Fixture {
  dir: string;
  server: S3Server;
  /** The SDK's client as it comes: every body has a checksum. */
  s3: S3.S3Client;
  /** The client as production has it: a checksum only where one is required, since R2 lacks some; and it tries once. */
  r2: S3.S3Client;
  put(Key: string, Body: string): Promise<S3.PutObjectCommandOutput>;
  close(): Promise<void>;
}

export const Bucket = "media";
export const credentials = { accessKeyId: "key", secretAccessKey: "secret" };
export const MiB = 1024 * 1024;

export async function openFixture(options: Partial<S3Options> = {}): Promise<Fixture> {
  const dir = mkdtempSync(join(tmpdir(), "viralclaw-s3-"));
  const server = await startS3({ dir, buckets: [Bucket], ...credentials, ...options });
  const common = clientOptions(server.url);
  const s3 = new S3.S3Client(common);
  const r2 = new S3.S3Client({
    ...common,
    maxAttempts: 1,
    requestChecksumCalculation: "WHEN_REQUIRED",
    responseChecksumValidation: "WHEN_REQUIRED",
  });
  return {
    dir,
    server,
    s3,
    r2,
    put: (Key, Body) => s3.send(new S3.PutObjectCommand({ Bucket, Key, Body })),
    async close() {
      s3.destroy();
      r2.destroy();
      await server.stop();
      rmSync(dir, { recursive: true });
    },
  };
}

export function clientOptions(endpoint: string): S3.S3ClientConfig {
  // The SDK warns of every stream, though its length is given.
  const logger = { debug() {}, info() {}, warn() {}, error() {} };
  return { endpoint, region: "auto", forcePathStyle: true, credentials, logger };
}

export async function bytesOf(answer: S3.GetObjectCommandOutput): Promise<Buffer> {
  return Buffer.from((await answer.Body?.transformToByteArray()) ?? []);
}

export async function textOf(answer: S3.GetObjectCommandOutput): Promise<string> {
  return String(await bytesOf(answer));
}

export function md5(data: string | Buffer): string {
  return createHash("md5").update(data).digest("hex");
}

export function errorName(answer: Promise<unknown>): Promise<string> {
  return answer.then(
    () => "no error",
    (error: Error) => error.name,
  );
}

export function statusOf(answer: Promise<unknown>): Promise<number | undefined> {
  return answer.then(
    () => 200,
    (error: S3.S3ServiceException) => error.$metadata?.httpStatusCode,
  );
}
