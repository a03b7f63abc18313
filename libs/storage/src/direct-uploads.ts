import {
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateMultipartUploadCommand,
  HeadObjectCommand,
  ListPartsCommand,
  PutObjectCommand,
  type S3Client,
  UploadPartCommand,
} from "@aws-sdk/client-s3";
import { getSignedUrl } from "@aws-sdk/s3-request-presigner";
import { declared, undefinedIfMissing } from "./errors.ts";

/**
 * What lets a customer send a file straight to the store, at presigned addresses: whole, or in parts. Each address is signed for
 * an exact length, so the store refuses any other. All throw `store_unavailable` where the store is not there.
 */
export interface DirectUploads {
  /** Where `bytes` bytes can be PUT under the key within `ttlSeconds`. */
  presignPut(key: string, bytes: number, ttlSeconds: number): Promise<string>;
  /** Begins an upload in parts; answers the store's id of it. */
  beginParts(key: string, contentType: string): Promise<string>;
  presignPart(key: string, partsId: string, part: Omit<StoredPart, "etag">, ttlSeconds: number): Promise<string>;
  /** The parts that have arrived whole, by number; undefined where the upload in parts was completed or aborted. */
  partsOf(key: string, partsId: string): Promise<StoredPart[] | undefined>;
  /** Joins the parts to the object. One that was completed already is left as it is. */
  completeParts(key: string, partsId: string, parts: readonly StoredPart[]): Promise<void>;
  /** The size of an object, or undefined where there is none. */
  sizeOf(key: string): Promise<number | undefined>;
  /** Copies an object within the store. */
  copy(from: string, to: string): Promise<void>;
}

export interface StoredPart {
  number: number;
  bytes: number;
  etag: string;
}

export function directUploads(client: S3Client, bucket: string): DirectUploads {
  return {
    presignPut: (key, bytes, ttlSeconds) =>
      getSignedUrl(client, new PutObjectCommand({ Bucket: bucket, Key: key, ContentLength: bytes }), { expiresIn: ttlSeconds }),
    async beginParts(key, contentType) {
      const begin = new CreateMultipartUploadCommand({ Bucket: bucket, Key: key, ContentType: contentType });
      const { UploadId } = await declared(client.send(begin));
      return UploadId ?? "";
    },
    presignPart: (key, partsId, { number, bytes }, ttlSeconds) =>
      getSignedUrl(
        client,
        new UploadPartCommand({ Bucket: bucket, Key: key, UploadId: partsId, PartNumber: number, ContentLength: bytes }),
        { expiresIn: ttlSeconds },
      ),
    async partsOf(key, partsId) {
      const list = client.send(new ListPartsCommand({ Bucket: bucket, Key: key, UploadId: partsId }));
      const listed = await declared(list.catch(undefinedIfMissing));
      return (
        listed &&
        (listed.Parts ?? []).map(({ PartNumber = 0, Size = 0, ETag = "" }) => ({ number: PartNumber, bytes: Size, etag: ETag }))
      );
    },
    async completeParts(key, partsId, parts) {
      const Parts = parts.map(({ number, etag }) => ({ PartNumber: number, ETag: etag }));
      const complete = new CompleteMultipartUploadCommand({
        Bucket: bucket,
        Key: key,
        UploadId: partsId,
        MultipartUpload: { Parts },
      });
      await declared(client.send(complete).catch(undefinedIfMissing));
    },
    async sizeOf(key) {
      const head = client.send(new HeadObjectCommand({ Bucket: bucket, Key: key }));
      return (await declared(head.catch(undefinedIfMissing)))?.ContentLength;
    },
    async copy(from, to) {
      await declared(client.send(new CopyObjectCommand({ Bucket: bucket, Key: to, CopySource: `${bucket}/${from}` })));
    },
  };
}
