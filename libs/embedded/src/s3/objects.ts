import { createHash, randomUUID } from "node:crypto";
import {
  existsSync,
  linkSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import type { ReceivedBody } from "./body.ts";
import { S3Error } from "./errors.ts";

/** What is known of an object; on the disk, a JSON file beside its bytes. */
export interface StoredObject {
  key: string;
  sizeBytes: number;
  /** Without quotes: the MD5 in hex, or for a multipart one the MD5 of the parts' MD5s, a hyphen and their number. */
  etag: string;
  modifiedMs: number;
  /** What the client sent to be given back: content-type, cache-control, x-amz-meta-… */
  headers: Record<string, string>;
  checksums: Record<string, string>;
  /** The file of its bytes, in the bucket's folder. Never changed once it is there: a new version has a new file. */
  file: string;
}

/** Buckets and objects in a folder, with an index in memory. */
export interface ObjectStore {
  /** Where bodies are received, on the same file system as the objects. Emptied at start. */
  tempDir: string;
  buckets(): string[];
  /** @throws S3Error if the name is not one for a bucket, or taken. */
  createBucket(bucket: string): void;
  /** @throws S3Error if it holds objects. */
  deleteBucket(bucket: string): void;
  /** Settings of a bucket, as the XML that was sent. */
  setting(bucket: string, name: BucketSetting): string | undefined;
  saveSetting(bucket: string, name: BucketSetting, xml: string | undefined): void;
  keys(bucket: string): string[];
  get(bucket: string, key: string): StoredObject | undefined;
  /** Opens an object's bytes for reading: they stay readable when the object is replaced or deleted meanwhile. */
  openBytes(bucket: string, object: StoredObject): number;
  put(bucket: string, key: string, body: NewObject, headers: Record<string, string>): StoredObject;
  copy(
    source: { bucket: string; object: StoredObject },
    bucket: string,
    key: string,
    headers: Record<string, string>,
  ): StoredObject;
  delete(bucket: string, key: string): void;
}

export type NewObject = Omit<ReceivedBody, "md5"> & { etag: string };
export type BucketSetting = "cors" | "lifecycle";

/**
 * Opens the store in `dir`. An object exists from the moment its JSON is renamed into place, and every change is one such
 * rename: whenever the process is killed, a restart finds each object whole, as it was before or after. (Nothing is
 * synced: a crash of the machine may cost the last seconds.)
 */
export function openObjectStore(dir: string): ObjectStore {
  const bucketsDir = join(dir, "buckets");
  const tempDir = join(dir, "temp");
  rmSync(tempDir, { recursive: true, force: true });
  mkdirSync(tempDir, { recursive: true });
  mkdirSync(bucketsDir, { recursive: true });
  const index = new Map(readdirSync(bucketsDir).map((bucket) => [bucket, loadBucket(join(bucketsDir, bucket))]));

  const objectsOf = (bucket: string) => {
    const objects = index.get(bucket);
    if (!objects) throw new S3Error("NoSuchBucket");
    return objects;
  };
  const settingFile = (bucket: string, name: BucketSetting) => join(bucketsDir, bucket, `${name}.xml`);
  const writeWhole = (file: string, text: string) => {
    const draft = join(tempDir, randomUUID());
    writeFileSync(draft, text);
    renameSync(draft, file);
  };
  const commit = (bucket: string, object: StoredObject) => {
    const objects = objectsOf(bucket);
    const before = objects.get(object.key);
    writeWhole(join(bucketsDir, bucket, descriptionFile(object.key)), JSON.stringify(object));
    objects.set(object.key, object);
    if (before) rmSync(join(bucketsDir, bucket, before.file), { force: true });
    return object;
  };

  return {
    tempDir,
    buckets: () => [...index.keys()].sort(),
    createBucket(bucket) {
      if (!bucketName.test(bucket)) throw new S3Error("InvalidBucketName");
      if (index.has(bucket)) throw new S3Error("BucketAlreadyOwnedByYou");
      mkdirSync(join(bucketsDir, bucket));
      index.set(bucket, new Map());
    },
    deleteBucket(bucket) {
      if (objectsOf(bucket).size > 0) throw new S3Error("BucketNotEmpty");
      for (const file of readdirSync(join(bucketsDir, bucket))) rmSync(join(bucketsDir, bucket, file));
      rmdirSync(join(bucketsDir, bucket));
      index.delete(bucket);
    },
    setting(bucket, name) {
      const file = settingFile(bucket, name);
      return existsSync(file) ? readFileSync(file, "utf8") : undefined;
    },
    saveSetting(bucket, name, xml) {
      if (xml === undefined) rmSync(settingFile(bucket, name), { force: true });
      else writeWhole(settingFile(bucket, name), xml);
    },
    keys: (bucket) => [...objectsOf(bucket).keys()],
    get: (bucket, key) => objectsOf(bucket).get(key),
    openBytes: (bucket, object) => openSync(join(bucketsDir, bucket, object.file), "r"),
    put(bucket, key, body, headers) {
      objectsOf(bucket);
      const file = `${randomUUID()}${bytesSuffix}`;
      renameSync(body.file, join(bucketsDir, bucket, file));
      const { sizeBytes, etag, checksums } = body;
      return commit(bucket, { key, sizeBytes, etag, modifiedMs: Date.now(), headers, checksums, file });
    },
    copy(source, bucket, key, headers) {
      objectsOf(bucket);
      const file = `${randomUUID()}${bytesSuffix}`;
      linkSync(join(bucketsDir, source.bucket, source.object.file), join(bucketsDir, bucket, file));
      return commit(bucket, { ...source.object, key, headers, file, modifiedMs: Date.now() });
    },
    delete(bucket, key) {
      const object = objectsOf(bucket).get(key);
      if (!object) return;
      rmSync(join(bucketsDir, bucket, descriptionFile(key)), { force: true });
      objectsOf(bucket).delete(key);
      rmSync(join(bucketsDir, bucket, object.file), { force: true });
    },
  };
}

const bucketName = /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/;
const bytesSuffix = ".bytes";
const descriptionSuffix = ".json";

/** A key may hold anything and be 1024 bytes long; a file name may not. */
function descriptionFile(key: string): string {
  return `${createHash("sha256").update(key).digest("hex")}${descriptionSuffix}`;
}

/** Reads a bucket's objects, and clears away bytes that no object owns: what a killed process left half done. */
function loadBucket(dir: string): Map<string, StoredObject> {
  const files = readdirSync(dir);
  const objects = files
    .filter((file) => file.endsWith(descriptionSuffix))
    .map((file) => JSON.parse(readFileSync(join(dir, file), "utf8")) as StoredObject);
  const owned = new Set(objects.map((object) => object.file));
  for (const file of files) {
    if (file.endsWith(bytesSuffix) && !owned.has(file)) rmSync(join(dir, file));
  }
  return new Map(objects.map((object) => [object.key, object]));
}
