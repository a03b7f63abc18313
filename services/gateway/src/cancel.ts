import type { Bus } from "@viralclaw/bus/connect";
import { DeclaredError } from "@viralclaw/contracts/errors";
import type { Log } from "@viralclaw/runtime/log";
import type { Database } from "./database.ts";
import { hasEnded, type JobRow, lockJob, noSuchJob, takeStep } from "./job.ts";
import { sendFact } from "./outbox.ts";

/**
 * Cancels a customer's job. The row decides, under its lock: of a cancel and a completion at the same moment one wins,
 * everywhere the same. The fact then stops what runs and keeps from beginning what has not begun.
 * Throws job_not_found, or job_already_ended.
 */
export async function cancelJob(deps: { db: Database; bus: Bus; log: Log }, customerId: string, id: string): Promise<JobRow> {
  const { job, fact } = await deps.db.transaction().execute(async (tx) => {
    const found = await lockJob(tx, id);
    if (found?.customer_id !== customerId) throw noSuchJob(id);
    if (hasEnded(found)) throw new DeclaredError("job_already_ended", { job_id: id, status: found.status });
    return takeStep(tx, found, { set: { status: "cancelled" }, fact: "job.cancelled", says: { stage: found.stage } });
  });
  await sendFact(deps.db, deps.bus, deps.log, fact);
  return job;
}
