import type { Bus } from "@viralclaw/bus/connect";
import { DeclaredError } from "@viralclaw/contracts/errors";
import type { Log } from "@viralclaw/runtime/log";
import { sql } from "kysely";
import { endedStatuses, identityOf, noSuchJob } from "./advance.ts";
import type { Database } from "./database.ts";
import { sendFact, writeFact } from "./outbox.ts";
import type { JobRow } from "./view.ts";

/**
 * Cancels a customer's job. The row decides, under its lock: of a cancel and a completion at the same moment one wins,
 * everywhere the same. The fact then stops what runs and keeps from beginning what has not begun.
 * Throws job_not_found, or job_already_ended.
 */
export async function cancelJob(deps: { db: Database; bus: Bus; log: Log }, customerId: string, id: string): Promise<JobRow> {
  const { job, fact } = await deps.db.transaction().execute(async (tx) => {
    const found = await tx
      .selectFrom("jobs")
      .selectAll()
      .where("id", "=", id)
      .where("customer_id", "=", customerId)
      .forUpdate()
      .executeTakeFirst();
    if (!found) throw noSuchJob(id);
    if (endedStatuses.includes(found.status)) throw new DeclaredError("job_already_ended", { job_id: id, status: found.status });
    const job = await tx
      .updateTable("jobs")
      .set({ status: "cancelled", sequence: found.sequence + 1, ended_at: sql<Date>`clock_timestamp()` })
      .where("id", "=", id)
      .returningAll()
      .executeTakeFirstOrThrow();
    return {
      job,
      fact: await writeFact(tx, "job.cancelled", job.sequence, { ...job.known, ...identityOf(job), stage: job.stage }),
    };
  });
  await sendFact(deps.db, deps.bus, deps.log, fact);
  return job;
}
