import { createHash } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { DeclaredError } from "@viralclaw/contracts/errors";
import { limits } from "@viralclaw/contracts/limits";
import { sql, type Transaction } from "kysely";
import type { Database, Tables } from "./database.ts";
import { InvalidRequest } from "./problems.ts";

/** A request that its sender may repeat: its customer and Idempotency-Key. */
export interface Repeatable {
  customerId: string;
  key: string;
}

/** What a request is, whoever sends it again: its fields, and its file by its hash. */
export const fingerprintOf = (request: object): string => createHash("sha256").update(JSON.stringify(request)).digest("hex");

const header = "idempotency-key";
/** Visible ASCII. */
export const idempotencyKeyShape = /^[\x21-\x7e]{1,255}$/;
/** A gateway that dies in the middle of a request leaves its claim: this long after its last renewal another may take it. */
const claimSeconds = 15;
const renewEveryMs = 5_000;
/** Whoever waits looks after this long, then after twice as long each time: eight looks in 5 s, not a hundred, and as prompt for a short wait. */
const firstLookMs = 50;

/** The request's Idempotency-Key, if it has one. Throws invalid_request for one that is not 1 to 255 visible characters. */
export function readIdempotencyKey(
  customerId: string,
  headers: Record<string, string | string[] | undefined>,
): Repeatable | undefined {
  const key = headers[header];
  if (key === undefined) return undefined;
  if (typeof key !== "string" || !idempotencyKeyShape.test(key))
    throw new InvalidRequest([{ field: "Idempotency-Key", message: "must be 1 to 255 visible ASCII characters" }]);
  return { customerId, key };
}

/**
 * Claims the key for this request if it is the first with it, and so the one to do the work; undefined where it is not. The
 * claim is renewed until it is let go, which keeps its answer or, where there is none, gives the key up.
 */
export async function claim(db: Database, { customerId, key }: Repeatable): Promise<{ letGo(): Promise<void> } | undefined> {
  const until = sql<Date>`now() + make_interval(secs => ${claimSeconds})`;
  const claimed = await db
    .insertInto("idempotency_keys")
    .values({ customer_id: customerId, key, fingerprint: null, response: null, claimed_until: until })
    .onConflict((conflict) =>
      conflict
        .columns(["customer_id", "key"])
        .doUpdateSet({ fingerprint: null, response: null, claimed_until: until, created_at: sql`clock_timestamp()` })
        .where(sql<boolean>`idempotency_keys.created_at < now() - make_interval(hours => ${limits.idempotencyHours})
          or (idempotency_keys.response is null and idempotency_keys.claimed_until < now())`),
    )
    .returning("key")
    .executeTakeFirst();
  if (!claimed) return undefined;
  const renewal = setInterval(() => {
    const renewed = db
      .updateTable("idempotency_keys")
      .set({ claimed_until: until })
      .where("customer_id", "=", customerId)
      .where("key", "=", key);
    // A renewal that fails is made up for by the next.
    void renewed.execute().catch(() => undefined);
  }, renewEveryMs);
  return {
    async letGo() {
      clearInterval(renewal);
      await db
        .deleteFrom("idempotency_keys")
        .where("customer_id", "=", customerId)
        .where("key", "=", key)
        .where("response", "is", null)
        .execute();
    },
  };
}

/** Keeps the answer, in the transaction that makes it true. */
export async function keepAnswer(
  tx: Transaction<Tables>,
  { customerId, key }: Repeatable,
  fingerprint: string,
  response: string,
): Promise<void> {
  await tx
    .updateTable("idempotency_keys")
    .set({ fingerprint, response })
    .where("customer_id", "=", customerId)
    .where("key", "=", key)
    .execute();
}

/**
 * The kept answer to a request that is not the first with its key; waits a while for the first one's.
 * Throws idempotency_in_progress where it does not come, and idempotency_key_reused where it answers another request.
 */
export async function answerAgain(db: Database, { customerId, key }: Repeatable, fingerprint: string): Promise<string> {
  const deadline = Date.now() + limits.idempotencyWaitMs;
  for (let waitMs = firstLookMs; ; waitMs *= 2) {
    const row = await db
      .selectFrom("idempotency_keys")
      .select(["fingerprint", "response"])
      .where("customer_id", "=", customerId)
      .where("key", "=", key)
      .executeTakeFirst();
    if (row?.response) {
      if (row.fingerprint !== fingerprint) throw new DeclaredError("idempotency_key_reused");
      return row.response;
    }
    const leftMs = deadline - Date.now();
    if (!row || leftMs <= 0) throw new DeclaredError("idempotency_in_progress");
    await sleep(Math.min(waitMs, leftMs));
  }
}

/** Forgets keys whose time is over. */
export async function forgetOldKeys(db: Database): Promise<void> {
  await db
    .deleteFrom("idempotency_keys")
    .where("created_at", "<", sql<Date>`now() - make_interval(hours => ${limits.idempotencyHours})`)
    .execute();
}
