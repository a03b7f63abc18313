import type { Bus } from "@viralclaw/bus/connect";
import { currentTraceparent, publishFact } from "@viralclaw/bus/message";
import { type Fact, type FactData, type FactName, facts } from "@viralclaw/contracts/facts";
import { idPrefixes } from "@viralclaw/contracts/ids";
import { startClock } from "@viralclaw/runtime/clock";
import type { Log } from "@viralclaw/runtime/log";
import { sql, type Transaction } from "kysely";
import { typeidUnboxed } from "typeid-js";
import type { Database, Tables } from "./database.ts";

/** The relay looks this often for facts that were left over, and leaves the newest to whoever wrote them. */
const relayEveryMs = 1_000;
const leftOverAfter = "2 seconds";
const relayBatch = 100;

/** Writes a fact in the transaction of whatever it tells: both are there or neither. */
export async function writeFact(
  tx: Transaction<Tables>,
  name: FactName,
  sequence: number,
  given: Record<string, unknown>,
): Promise<Fact> {
  const data = facts[name].data.parse(given) as FactData<FactName>;
  const fact: Fact = { id: typeidUnboxed(idPrefixes.fact), name, data, traceparent: currentTraceparent(), createdAt: new Date() };
  await tx
    .insertInto("facts")
    .values({
      id: fact.id,
      job_id: data.job_id,
      run: data.run,
      sequence,
      name,
      version: facts[name].version,
      data: JSON.stringify(data),
      traceparent: fact.traceparent,
      created_at: fact.createdAt,
      published_at: null,
      stream_seq: null,
    })
    .execute();
  return fact;
}

/** Sends a committed fact now. Where the broker does not take it, the relay will: the caller need not care. */
export async function sendFact(db: Database, bus: Bus, log: Log, fact: Fact): Promise<void> {
  try {
    const stream_seq = await publishFact(bus, fact);
    // A relay that has the row notes it too: to wait for that would hold a connection for as long as it sends other facts.
    const free = db.selectFrom("facts").select("id").where("id", "=", fact.id).forUpdate().skipLocked();
    await db.updateTable("facts").set({ published_at: sql`now()`, stream_seq }).where("id", "in", free).execute();
  } catch (error) {
    log.warn({ err: error, job_id: fact.data.job_id, fact: fact.name }, "a fact is left to the relay");
  }
}

/**
 * Sends what was committed and not sent, oldest first. Every gateway runs one; a row is locked while it is sent, so two never
 * send it at once. Returns a function that ends it.
 */
export function startRelay(db: Database, bus: Bus, log: Log): () => Promise<void> {
  return startClock("the relay", relayEveryMs, log, async () => {
    const sent = await relayOnce(db, bus);
    if (sent > 0) log.info({ sent }, "the relay sent facts that were left over");
    return sent === relayBatch ? "again" : undefined;
  });
}

async function relayOnce(db: Database, bus: Bus): Promise<number> {
  return db.transaction().execute(async (tx) => {
    const rows = await tx
      .selectFrom("facts")
      .selectAll()
      .where("published_at", "is", null)
      .where("created_at", "<", sql<Date>`now() - interval '${sql.raw(leftOverAfter)}'`)
      .orderBy("created_at")
      .limit(relayBatch)
      .forUpdate()
      .skipLocked()
      .execute();
    for (const row of rows) {
      const fact = {
        id: row.id,
        name: row.name,
        data: row.data as FactData<FactName>,
        traceparent: row.traceparent,
        createdAt: row.created_at,
      };
      const stream_seq = await publishFact(bus, fact);
      await tx.updateTable("facts").set({ published_at: sql`now()`, stream_seq }).where("id", "=", row.id).execute();
    }
    return rows.length;
  });
}
