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
  /** A page of the objects below a prefix, in the order of their keys; the next page is that `after` its `next`, if there is one. */
  list(prefix: string, after?: string): Promise<{ objects: StoredObject[]; next?: string }>;
  /** A page of the folders directly below a prefix, each with its final slash, in the same way. */
  listFolders(prefix: string, after?: string): Promise<{ folders: string[]; next?: string }>;
  /**
   * Removes the objects below a prefix that were written `before` and are not to be kept, and what was begun there before and never
   * completed; without options, all. It may be cut off at any point and done again.
   */
  removeBelow(prefix: string, options?: { before?: Date; keep?: (key: string) => boolean }): Promise<Removed>;
  remove(objects: readonly StoredObject[]): Promise<Removed>;
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

/** Single deletes: a batch needs a checksum that not every store takes. */
const deletesAtOnce = 8;
/** What S3 gives at most. */
const mostKeysPerPage = 1000;

export function removal(client: S3Client, bucket: string, keysPerPage = mostKeysPerPage): Removal {
  const inPages = { Bucket: bucket, MaxKeys: keysPerPage };
  const list: Removal["list"] = async (prefix, after) => {
    const page = await declared(client.send(new ListObjectsV2Command({ ...inPages, Prefix: prefix, StartAfter: after })));
    const objects = (page.Contents ?? []).map(({ Key = "", Size = 0, LastModified = new Date() }) => ({
      key: Key,
      bytes: Size,
      modifiedAt: LastModified,
    }));
    return { objects, next: page.NextContinuationToken && objects.at(-1)?.key };
  };

  const remove: Removal["remove"] = async (objects) => {
    for (let index = 0; index < objects.length; index += deletesAtOnce) {
      const some = objects.slice(index, index + deletesAtOnce);
      await Promise.all(some.map(({ key }) => declared(client.send(new DeleteObjectCommand({ Bucket: bucket, Key: key })))));
    }
    return { objects: objects.length, bytes: objects.reduce((sum, { bytes }) => sum + bytes, 0) };
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
      const ask = new ListObjectsV2Command({ ...inPages, Prefix: prefix, Delimiter: "/", StartAfter: after });
      const page = await declared(client.send(ask));
      const folders = (page.CommonPrefixes ?? []).map(({ Prefix = "" }) => Prefix);
      const objects = (page.Contents ?? []).map(({ Key = "" }) => Key);
      // Keys are ASCII, so this is the order of their bytes.
      const last = [...folders.map(endOf), ...objects].sort().at(-1);
      return { folders, next: page.NextContinuationToken && last };
    },
    remove,
    async removeBelow(prefix, { before = everything(), keep = () => false } = {}) {
      const removed: Removed[] = [];
      await abortBegun(prefix, before);
      let after: string | undefined;
      do {
        const { objects, next } = await list(prefix, after);
        removed.push(await remove(objects.filter(({ key, modifiedAt }) => modifiedAt < before && !keep(key))));
        after = next;
      } while (after);
      return sumOf(removed);
    },
  };
}

export const sumOf = (all: readonly Removed[]): Removed => ({
  objects: all.reduce((sum, { objects }) => sum + objects, 0),
  bytes: all.reduce((sum, { bytes }) => sum + bytes, 0),
});

/** Whatever the store's clock may be ahead of ours. */
const everything = () => new Date(Date.now() + 86_400_000);

/** Comes after every key in a folder and before whatever follows the folder: 0 is the character after the slash. */
const endOf = (folder: string) => folder.replace(/\/$/, "0");

/** Where it was completed or aborted meanwhile, there is nothing to do. */
async function abort(client: S3Client, bucket: string, key?: string, partsId?: string): Promise<void> {
  const sent = client.send(new AbortMultipartUploadCommand({ Bucket: bucket, Key: key, UploadId: partsId }));
  await declared(sent.catch(undefinedIfMissing));
}
