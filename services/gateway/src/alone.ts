import { sql } from "kysely";
import type { Database } from "./database.ts";

/** Any numbers that nothing else in this database locks. */
const locks = { sweep: 4_812_077, retention: 4_812_078 };

/** Does what one gateway at a time is to do; undefined where another is at it. The lock goes with the process that holds it. */
export async function alone<T>(db: Database, what: keyof typeof locks, work: () => Promise<T>): Promise<T | undefined> {
  return db.transaction().execute(async (tx) => {
    const { rows } = await sql<{ mine: boolean }>`select pg_try_advisory_xact_lock(${locks[what]}) as mine`.execute(tx);
    return rows[0]?.mine ? work() : undefined;
  });
}
