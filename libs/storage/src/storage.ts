import { createReadStream, createWriteStream } from "node:fs";
import { stat } from "node:fs/promises";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { GetObjectCommand, HeadBucketCommand, PutObjectCommand, S3Client, S3ServiceException } from "@aws-sdk/client-s3";
import { getSignedUrl } from "@aws-sdk/s3-request-presigner";
import { DeclaredError } from "@viralclaw/contracts/errors";
import { ExponentialBackoff, handleWhen, retry } from "cockatiel";
import { type DirectUploads, directUploads } from "./direct-uploads.ts";
import { declared, isMissing, undefinedIfMissing } from "./errors.ts";
import { type Removal, removal } from "./removal.ts";

/**
 * The object store: Cloudflare R2, or any server that speaks S3. Bytes stream from and to files, never whole through memory.
 * It refuses to overwrite nothing and to hide nothing: what the store answers is either data, `undefined` for a key that is
 * not there, or `store_unavailable`.
 */
export interface Storage extends DirectUploads, Removal {
  /** Writes an object to a file. Throws `store_unavailable` where the store, or the object, is not there. */
  downloadTo(key: string, file: string, options: Abortable): Promise<void>;
  /** The same of an object that may not be there: answers whether it was. */
  downloadIfThere(key: string, file: string, options: Abortable): Promise<boolean>;
  /** Stores a file. Nothing is left behind where it fails. */
  uploadFrom(key: string, file: string, contentType: string, options: Abortable): Promise<{ bytes: number }>;
  putText(key: string, text: string, contentType: string, options?: Abortable): Promise<void>;
  /** The text of a small object, or undefined where there is none. */
  getText(key: string, options?: Abortable): Promise<string | undefined>;
  /** The address at which a customer gets the object: below the public URL where there is one, else presigned for `ttlSeconds`. */
  urlOf(key: string, ttlSeconds: number): Promise<string>;
  /** Whether urlOf answers addresses that never expire. */
  isPublic: boolean;
  /** Throws where the bucket cannot be reached. */
  ping(): Promise<void>;
  close(): void;
}

interface Abortable {
  signal?: AbortSignal;
}

export interface StorageOptions {
  endpoint: string;
  bucket: string;
  accessKeyId: string;
  secretAccessKey: string;
  /** Where the bucket is public, such as https://r2.viralclip.io. */
  publicUrl?: string;
}

/** The SDK tries again by itself, save for a file's stream, which it cannot read twice. */
const attempts = 4;
const retryAfterMs = 200;

/** Opens the store; nothing is connected yet. */
export function openStorage(options: StorageOptions): Storage {
  const { endpoint, bucket, accessKeyId, secretAccessKey, publicUrl } = options;
  const client = new S3Client({
    endpoint,
    region: "auto",
    forcePathStyle: true,
    credentials: { accessKeyId, secretAccessKey },
    // R2 lacks some of the checksums that the SDK would add by itself, and a presigned PUT would carry that of an empty body.
    requestChecksumCalculation: "WHEN_REQUIRED",
    responseChecksumValidation: "WHEN_REQUIRED",
    maxAttempts: attempts,
  });

  const again = retry(
    handleWhen((error) => !(error instanceof S3ServiceException) || error.$fault === "server"),
    { maxAttempts: attempts - 1, backoff: new ExponentialBackoff({ initialDelay: retryAfterMs }) },
  );

  return {
    ...directUploads(client, bucket),
    ...removal(client, bucket),
    async downloadTo(key, file, { signal }) {
      const { Body } = await declared(
        client.send(new GetObjectCommand({ Bucket: bucket, Key: key }), { abortSignal: signal }),
        signal,
      );
      await declared(pipeline(Body as Readable, createWriteStream(file), { signal }), signal);
    },
    async downloadIfThere(key, file, { signal }) {
      const sent = client.send(new GetObjectCommand({ Bucket: bucket, Key: key }), { abortSignal: signal });
      const found = await declared(sent.catch(undefinedIfMissing), signal);
      if (!found) return false;
      await declared(pipeline(found.Body as Readable, createWriteStream(file), { signal }), signal);
      return true;
    },
    async uploadFrom(key, file, contentType, { signal }) {
      const { size: bytes } = await stat(file);
      const put = () => {
        const Body = createReadStream(file);
        const command = new PutObjectCommand({ Bucket: bucket, Key: key, Body, ContentLength: bytes, ContentType: contentType });
        return client.send(command, { abortSignal: signal }).finally(() => Body.destroy());
      };
      await declared(again.execute(put, signal), signal);
      return { bytes };
    },
    async putText(key, text, contentType, { signal } = {}) {
      await declared(
        client.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: text, ContentType: contentType }), {
          abortSignal: signal,
        }),
        signal,
      );
    },
    async getText(key, { signal } = {}) {
      try {
        const { Body } = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key }), { abortSignal: signal });
        return await Body?.transformToString("utf8");
      } catch (error) {
        if (isMissing(error)) return undefined;
        throw signal?.aborted ? signal.reason : new DeclaredError("store_unavailable", {}, { cause: error });
      }
    },
    async urlOf(key, ttlSeconds) {
      if (publicUrl) return `${publicUrl.replace(/\/$/, "")}/${key}`;
      return getSignedUrl(client, new GetObjectCommand({ Bucket: bucket, Key: key }), { expiresIn: ttlSeconds });
    },
    isPublic: Boolean(publicUrl),
    async ping() {
      await declared(client.send(new HeadBucketCommand({ Bucket: bucket })));
    },
    close: () => client.destroy(),
  };
}
