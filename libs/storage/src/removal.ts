import {
  AbortMultipartUploadCommand,
  DeleteObjectCommand,
  ListMultipartUploadsCommand,
  type ListMultipartUploadsCommandOutput,
  ListObjectsV2Command,
  type S3Client,
} from "@aws-sdk/client-s3";
import { declared, undefinedIfMissing } from "./errors.ts";

/** Finding and removing what is no longer wanted. All throw `store_unavailable` where the store is not there. */
export interface Removal {
  /** A page of the objects below a prefix, in the order of their keys, after the key `after`. */
  list(prefix: string, after?: string): Promise<{ objects: StoredObject[]; isLast: boolean }>;
  /** A page of the folders directly below a prefix, each with its final slash, in order, after the folder `after`. */
  listFolders(prefix: string, after?: string): Promise<{ folders: string[]; isLast: boolean }>;
  /**
   * Removes the objects below a prefix that are not to be kept, and what was begun there and never completed.
   * It may be cut off at any point and done again.
   */
  removeBelow(prefix: string, keep?: (key: string) => boolean): Promise<Removed>;
  /** Aborts what was begun below a prefix before that time and never completed; answers how many there were. */
  abortBegun(prefix: string, before: Date): Promise<number>;
}

export interface StoredObject {
  key: string;
  bytes: number;
  modifiedAt: Date;
}

export interface Removed {
  objects: number;
  bytes: number;
}

/** Of one removal. Single deletes: a batch needs a checksum that not every store takes. */
const deletesAtOnce = 8;

export function removal(client: S3Client, bucket: string): Removal {
  const list: Removal["list"] = async (prefix, after) => {
    const page = await declared(client.send(new ListObjectsV2Command({ Bucket: bucket, Prefix: prefix, StartAfter: after })));
    const objects = (page.Contents ?? []).map(({ Key = "", Size = 0, LastModified = new Date() }) => ({
      key: Key,
      bytes: Size,
      modifiedAt: LastModified,
    }));
    return { objects, isLast: !page.NextContinuationToken };
  };

  const abortBegun: Removal["abortBegun"] = async (prefix, before) => {
    let aborted = 0;
    for (let from: { KeyMarker?: string; UploadIdMarker?: string } | undefined = {}; from; ) {
      const page: ListMultipartUploadsCommandOutput = await declared(
        client.send(new ListMultipartUploadsCommand({ Bucket: bucket, Prefix: prefix, ...from })),
      );
      for (const { Key, UploadId, Initiated } of page.Uploads ?? []) {
        if (Initiated && Initiated >= before) continue;
        await abort(client, bucket, Key, UploadId);
        aborted++;
      }
      from = page.IsTruncated ? { KeyMarker: page.NextKeyMarker, UploadIdMarker: page.NextUploadIdMarker } : undefined;
    }
    return aborted;
  };

  return {
    list,
    abortBegun,
    async listFolders(prefix, after) {
      const page = await declared(
        client.send(
          new ListObjectsV2Command({ Bucket: bucket, Prefix: prefix, Delimiter: "/", StartAfter: after && endOf(after) }),
        ),
      );
      return { folders: (page.CommonPrefixes ?? []).map(({ Prefix = "" }) => Prefix), isLast: !page.NextContinuationToken };
    },
    async removeBelow(prefix, keep = () => false) {
      const removed = { objects: 0, bytes: 0 };
      await abortBegun(prefix, new Date(Date.now() + clockSkewMs));
      for (let after: string | undefined, isLast = false; !isLast; ) {
        const page = await list(prefix, after);
        const loose = page.objects.filter(({ key }) => !keep(key));
        for (let index = 0; index < loose.length; index += deletesAtOnce)
          await Promise.all(loose.slice(index, index + deletesAtOnce).map(({ key }) => remove(client, bucket, key)));
        removed.objects += loose.length;
        removed.bytes += loose.reduce((sum, { bytes }) => sum + bytes, 0);
        after = page.objects.at(-1)?.key;
        isLast = page.isLast;
      }
      return removed;
    },
  };
}

/** What the store's clock may be ahead of ours. */
const clockSkewMs = 3_600_000;

/** Comes after every key in a folder and before whatever follows the folder: 0 is the character after the slash. */
const endOf = (folder: string) => folder.replace(/\/$/, "0");

async function remove(client: S3Client, bucket: string, key: string): Promise<void> {
  await declared(client.send(new DeleteObjectCommand({ Bucket: bucket, Key: key })));
}

/** Where it was completed or aborted meanwhile, there is nothing to do. */
async function abort(client: S3Client, bucket: string, key?: string, partsId?: string): Promise<void> {
  const sent = client.send(new AbortMultipartUploadCommand({ Bucket: bucket, Key: key, UploadId: partsId }));
  await declared(sent.catch(undefinedIfMissing));
}
