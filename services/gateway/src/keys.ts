import { createHmac, randomInt, timingSafeEqual } from "node:crypto";
import { DeclaredError } from "@viralclaw/contracts/errors";
import { idPrefixes } from "@viralclaw/contracts/ids";
import { sql } from "kysely";
import { typeidUnboxed } from "typeid-js";
import type { Database } from "./database.ts";

/** Who asks: the customer behind an API key. */
export interface Caller {
  customerId: string;
  keyId: string;
  mode: "live" | "test";
  /** Videos that may be posted a minute with this key. */
  ratePerMinute: number;
}

const alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
/** By which the key is found: unique, and tells nothing of the rest. */
const publicLength = 10;
/** 32 characters of 62 are 190 bits: beyond guessing. */
const secretLength = 32;
const shape = new RegExp(`^vk_(live|test)_[${alphabet}]{${publicLength + secretLength}}$`);
const prefixLength = "vk_live_".length + publicLength;
/** Once a minute is often enough to see that a key is in use. */
const lastUsedEvery = "1 minute";

/** Makes a key and stores its hash. The key itself is answered once and kept nowhere. */
export async function createKey(
  db: Database,
  secretKey: string,
  { customerId, name, mode, ratePerMinute }: { customerId: string; name: string; mode: "live" | "test"; ratePerMinute?: number },
) {
  const key = `vk_${mode}_${Array.from({ length: publicLength + secretLength }, () => alphabet[randomInt(alphabet.length)]).join("")}`;
  const id = typeidUnboxed(idPrefixes.key);
  await db
    .insertInto("api_keys")
    .values({
      id,
      customer_id: customerId,
      name,
      mode,
      prefix: key.slice(0, prefixLength),
      hash: hashOf(key, secretKey),
      last_used_at: null,
      ...(ratePerMinute === undefined ? {} : { rate_limit_per_minute: ratePerMinute }),
    })
    .execute();
  return { id, key };
}

/** The caller behind the header X-API-Key. Throws missing_api_key, unknown_api_key or disabled_api_key. */
export async function authenticate(db: Database, secretKey: string, header: string | string[] | undefined): Promise<Caller> {
  const key = Array.isArray(header) ? undefined : header?.trim();
  if (!key) throw new DeclaredError(header === undefined ? "missing_api_key" : "unknown_api_key");
  if (!shape.test(key)) throw new DeclaredError("unknown_api_key");
  const row = await db
    .selectFrom("api_keys")
    .select([
      "id",
      "customer_id",
      "mode",
      "rate_limit_per_minute",
      "hash",
      "is_active",
      sql<boolean>`coalesce(last_used_at < now() - interval '${sql.raw(lastUsedEvery)}', true)`.as("stale"),
    ])
    .where("prefix", "=", key.slice(0, prefixLength))
    .executeTakeFirst();
  // Compared in full even where no such key exists, so that the time tells nothing.
  const matches = timingSafeEqual(hashOf(key, secretKey), row?.hash ?? Buffer.alloc(32));
  if (!row || !matches) throw new DeclaredError("unknown_api_key");
  if (!row.is_active) throw new DeclaredError("disabled_api_key");
  if (row.stale) await db.updateTable("api_keys").set({ last_used_at: sql`now()` }).where("id", "=", row.id).execute();
  return { customerId: row.customer_id, keyId: row.id, mode: row.mode, ratePerMinute: row.rate_limit_per_minute };
}

const hashOf = (key: string, secretKey: string): Buffer => createHmac("sha256", secretKey).update(key).digest();
