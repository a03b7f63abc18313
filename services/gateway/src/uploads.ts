import { DeclaredError, type ErrorCode } from "@viralclaw/contracts/errors";
import { idPrefixes, uploadKey } from "@viralclaw/contracts/ids";
import { limits } from "@viralclaw/contracts/limits";
import type { NewUpload, Upload, UploadKind } from "@viralclaw/contracts/uploads";
import type { StoredPart } from "@viralclaw/storage/direct-uploads";
import type { Storage } from "@viralclaw/storage/storage";
import { type Selectable, sql } from "kysely";
import { typeidUnboxed } from "typeid-js";
import type * as z from "zod";
import type { Database, Tables } from "./database.ts";

/**
 * Uploads that a customer sends straight to the store. The row says what was agreed; what has arrived only the store knows, and
 * it is asked each time: so there is nothing to be told by the customer, and nothing that a killed gateway leaves half done.
 */
export type UploadRow = Selectable<Tables["uploads"]>;

interface Deps {
  db: Database;
  storage: Storage;
}

/** What using an upload may meet. */
export const uploadErrors = [
  "upload_not_found",
  "upload_of_other_kind",
  "upload_unfinished",
  "upload_expired",
] as const satisfies ErrorCode[];

const contentType = "application/octet-stream";

/** Begins an upload of exactly so many bytes. Throws too_many_uploads. */
export async function beginUpload(
  { db, storage }: Deps,
  customerId: string,
  { kind, bytes, filename }: z.infer<typeof NewUpload>,
): Promise<Upload> {
  const id = typeidUnboxed(idPrefixes.upload);
  const row = await db.transaction().execute(async (tx) => {
    // Of several at once each sees those before it: they wait for each other here.
    await tx.selectFrom("customers").select("id").where("id", "=", customerId).forNoKeyUpdate().execute();
    const { open } = await tx
      .selectFrom("uploads")
      .select(({ fn }) => fn.countAll<string>().as("open"))
      .where("customer_id", "=", customerId)
      .where("used_at", "is", null)
      .where("expires_at", ">", sql<Date>`now()`)
      .executeTakeFirstOrThrow();
    if (Number(open) >= limits.maxOpenUploads) throw new DeclaredError("too_many_uploads", { limit: limits.maxOpenUploads });
    const agreed = { id, customer_id: customerId, kind, bytes, filename: filename ?? null, expires_at: goodUntil[kind] };
    return tx
      .insertInto("uploads")
      .values({ ...agreed, parts_id: null, used_at: null })
      .returningAll()
      .executeTakeFirstOrThrow();
  });
  if (bytes <= limits.singlePutBytes) return viewUpload(row, storage);
  // After the row is written: whatever is begun in the store below the id of a row is found and removed with it.
  const parts_id = await storage.beginParts(uploadKey(id), contentType);
  await db.updateTable("uploads").set({ parts_id }).where("id", "=", id).execute();
  return viewUpload({ ...row, parts_id }, storage);
}

/** A customer's own upload. Throws upload_not_found for any other. */
export async function findUpload(db: Database, customerId: string, id: string): Promise<UploadRow> {
  const row = await db
    .selectFrom("uploads")
    .selectAll()
    .where("id", "=", id)
    .where("customer_id", "=", customerId)
    .executeTakeFirst();
  if (!row) throw new DeclaredError("upload_not_found", { upload_id: id });
  return row;
}

/** An upload as its customer sees it: what has arrived, and where the rest is to be sent. */
export async function viewUpload(row: UploadRow, storage: Storage): Promise<Upload> {
  const arrived = await arrivedOf(row, storage);
  const state = hasExpired(row) ? "expired" : arrived.bytes === row.bytes ? "complete" : "waiting";
  return {
    upload_id: row.id,
    kind: row.kind,
    state,
    filename: row.filename,
    bytes: row.bytes,
    bytes_received: arrived.bytes,
    expires_at: row.expires_at.toISOString(),
    put: null,
    parts: null,
    ...(state === "waiting" ? await whereToSend(row, arrived.parts, storage) : {}),
  };
}

/**
 * Copies what was uploaded to a key of the job's own and answers its size. An upload in parts is completed here, by whoever is
 * first to use it; of several at once each finds it whole.
 * Throws upload_not_found, upload_of_other_kind, upload_expired, upload_unfinished, store_unavailable.
 */
export async function copyUpload({ db, storage }: Deps, customerId: string, id: string, toKey: string): Promise<number> {
  const row = await usableUpload(db, customerId, id, "video");
  const arrived = await whole(row, storage);
  if (row.parts_id && arrived.parts.length > 0) await storage.completeParts(uploadKey(id), row.parts_id, arrived.parts);
  await storage.copy(uploadKey(id), toKey);
  await db.updateTable("uploads").set({ used_at: sql<Date>`now()` }).where("id", "=", id).where("used_at", "is", null).execute();
  return row.bytes;
}

/** An upload that may be used for what it is wanted. Throws upload_not_found, upload_of_other_kind or upload_expired. */
export async function usableUpload(
  db: Database,
  customerId: string,
  id: string,
  wanted: z.infer<typeof UploadKind>,
): Promise<UploadRow> {
  const row = await findUpload(db, customerId, id);
  if (row.kind !== wanted) throw new DeclaredError("upload_of_other_kind", { upload_id: id, kind: row.kind, wanted });
  if (hasExpired(row)) throw new DeclaredError("upload_expired", { upload_id: id, expires_at: row.expires_at.toISOString() });
  return row;
}

/** What has arrived of an upload, which is all of it. Throws upload_unfinished. */
export async function whole(row: UploadRow, storage: Storage): Promise<{ parts: StoredPart[] }> {
  const arrived = await arrivedOf(row, storage);
  if (arrived.bytes === row.bytes) return arrived;
  throw new DeclaredError("upload_unfinished", { upload_id: row.id, received: arrived.bytes, bytes: row.bytes });
}

/** When an upload that is begun or used now expires, by its kind. */
export const goodUntil = {
  video: sql<Date>`now() + make_interval(hours => ${limits.uploadHours})`,
  font: sql<Date>`now() + make_interval(days => ${limits.fontUploadDays})`,
};

const hasExpired = ({ expires_at }: UploadRow) => expires_at.getTime() <= Date.now();

/** How many bytes are in the store, and in which parts, where they are not joined yet. */
async function arrivedOf(row: UploadRow, storage: Storage): Promise<{ bytes: number; parts: StoredPart[] }> {
  const key = uploadKey(row.id);
  // Parts are asked for first: joined between the two questions, they are found as the object.
  const parts = row.parts_id ? await storage.partsOf(key, row.parts_id) : undefined;
  if (!parts) return { bytes: (await storage.sizeOf(key)) ?? 0, parts: [] };
  const whole = parts.filter(({ number, bytes }) => bytes === partBytes(row, number));
  return { bytes: whole.reduce((sum, { bytes }) => sum + bytes, 0), parts: whole };
}

async function whereToSend(row: UploadRow, arrived: readonly StoredPart[], storage: Storage) {
  const key = uploadKey(row.id);
  const ttlSeconds = Math.min(limits.uploadHours * 3600, Math.ceil((row.expires_at.getTime() - Date.now()) / 1000));
  const { parts_id } = row;
  if (!parts_id) {
    return { put: { url: await storage.presignPut(key, row.bytes, ttlSeconds), headers: { "content-type": contentType } } };
  }
  const numbers = Array.from({ length: Math.ceil(row.bytes / limits.partBytes) }, (_, index) => index + 1);
  const parts = numbers.map(async (number) => {
    const bytes = partBytes(row, number);
    const url = await storage.presignPart(key, parts_id, { number, bytes }, ttlSeconds);
    return { part_number: number, url, bytes, received: arrived.some((part) => part.number === number) };
  });
  return { parts: await Promise.all(parts) };
}

/** All parts are as long as each other but the last. */
const partBytes = ({ bytes }: UploadRow, number: number) => Math.min(limits.partBytes, bytes - (number - 1) * limits.partBytes);
