import { createHash, randomUUID } from "node:crypto";
import {
  createReadStream,
  createWriteStream,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import type { ReceivedBody } from "./body.ts";
import { S3Error } from "./errors.ts";
import type { NewObject } from "./objects.ts";

/** A multipart upload that has begun and has neither been completed nor aborted. */
export interface Upload {
  id: string;
  bucket: string;
  key: string;
  headers: Record<string, string>;
  startedMs: number;
}

export interface Part {
  number: number;
  etag: string;
  sizeBytes: number;
  file: string;
}

/** Multipart uploads in a folder: one folder each, a file for each part, so that they outlive the process as well. */
export interface UploadStore {
  create(bucket: string, key: string, headers: Record<string, string>): Upload;
  list(bucket: string): Upload[];
  /** @throws S3Error if there is none of this id for this bucket and key. */
  get(id: string, bucket: string, key: string): Upload;
  parts(upload: Upload): Part[];
  putPart(upload: Upload, number: number, body: ReceivedBody): Part;
  /**
   * Joins the wanted parts into one new file in `tempDir`. The upload stays until it is removed.
   *
   * @throws S3Error if a part is missing, changed, out of order, or of a size that R2 would refuse.
   */
  assemble(upload: Upload, wanted: readonly { number: number; etag: string }[], tempDir: string): Promise<NewObject>;
  remove(upload: Upload): void;
}

export function openUploadStore(dir: string): UploadStore {
  mkdirSync(dir, { recursive: true });
  const uploads = new Map(loadUploads(dir).map((upload) => [upload.id, upload]));
  const partsOf = (upload: Upload) => listParts(join(dir, upload.id));
  return {
    create(bucket, key, headers) {
      const upload = { id: randomUUID(), bucket, key, headers, startedMs: Date.now() };
      mkdirSync(join(dir, upload.id));
      writeFileSync(join(dir, upload.id, descriptionFile), JSON.stringify(upload));
      uploads.set(upload.id, upload);
      return upload;
    },
    list: (bucket) => [...uploads.values()].filter((upload) => upload.bucket === bucket),
    get(id, bucket, key) {
      const upload = uploads.get(id);
      if (upload?.bucket !== bucket || upload.key !== key) throw new S3Error("NoSuchUpload");
      return upload;
    },
    parts: partsOf,
    putPart(upload, number, body) {
      if (!(Number.isInteger(number) && number >= 1 && number <= maxParts))
        throw new S3Error("InvalidArgument", `partNumber must be from 1 to ${maxParts}.`);
      // Aborted while the body came in: the folder is gone.
      if (!uploads.has(upload.id)) throw new S3Error("NoSuchUpload");
      const before = partsOf(upload).find((part) => part.number === number);
      const file = join(dir, upload.id, `${number}.${body.md5}`);
      renameSync(body.file, file);
      if (before && before.file !== file) rmSync(before.file, { force: true });
      return { number, etag: body.md5, sizeBytes: body.sizeBytes, file };
    },
    async assemble(upload, wanted, tempDir) {
      const parts = chooseParts(partsOf(upload), wanted);
      const file = join(tempDir, randomUUID());
      for (const part of parts) await pipeline(createReadStream(part.file), createWriteStream(file, { flags: "a" }));
      const md5OfMd5s = createHash("md5").update(Buffer.concat(parts.map((part) => Buffer.from(part.etag, "hex"))));
      const sizeBytes = parts.reduce((sum, part) => sum + part.sizeBytes, 0);
      return { file, sizeBytes, etag: `${md5OfMd5s.digest("hex")}-${parts.length}`, checksums: {} };
    },
    remove(upload) {
      uploads.delete(upload.id);
      rmSync(join(dir, upload.id), { recursive: true, force: true });
    },
  };
}

/** S3's limits, R2's as well. */
const maxParts = 10_000;
const minPartBytes = 5 * 1024 * 1024;
const descriptionFile = "upload.json";

function chooseParts(uploaded: readonly Part[], wanted: readonly { number: number; etag: string }[]): Part[] {
  if (wanted.length === 0) throw new S3Error("MalformedXML", "A multipart upload has at least one part.");
  const parts = wanted.map(({ number, etag }) => {
    const part = uploaded.find((one) => one.number === number && one.etag === etag);
    if (!part) throw new S3Error("InvalidPart", `Part ${number} was not uploaded, or its ETag differs.`);
    return part;
  });
  if (parts.some((part, position) => part.number <= (parts[position - 1]?.number ?? 0))) throw new S3Error("InvalidPartOrder");
  const allButLast = parts.slice(0, -1);
  if (allButLast.some((part) => part.sizeBytes < minPartBytes)) throw new S3Error("EntityTooSmall");
  // R2's own rule, which S3 does not have.
  if (allButLast.some((part) => part.sizeBytes !== parts[0]?.sizeBytes))
    throw new S3Error("InvalidPart", "All non-trailing parts must have the same length.");
  return parts;
}

function loadUploads(dir: string): Upload[] {
  return readdirSync(dir).flatMap((id) => {
    try {
      return [JSON.parse(readFileSync(join(dir, id, descriptionFile), "utf8")) as Upload];
    } catch {
      // Killed between making the folder and describing it: the client never got the id.
      rmSync(join(dir, id), { recursive: true, force: true });
      return [];
    }
  });
}

function listParts(dir: string): Part[] {
  return readdirSync(dir)
    .filter((name) => name !== descriptionFile)
    .map((name) => {
      const [number, etag = ""] = name.split(".");
      const file = join(dir, name);
      return { number: Number(number), etag, sizeBytes: statSync(file).size, file };
    })
    .sort((a, b) => a.number - b.number);
}
