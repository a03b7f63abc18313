import type { Bus } from "@viralclaw/bus/connect";
import type { Fact } from "@viralclaw/contracts/facts";
import { pipeline, type Result, stageNames } from "@viralclaw/contracts/pipeline";
import type { Log } from "@viralclaw/runtime/log";
import type { Database } from "./database.ts";
import { hasEnded, type JobRow, lockJob, type Step, takeStep } from "./job.ts";
import { sendFact } from "./outbox.ts";

/**
 * Takes the result of a stage and decides, once, what it means for the job: the next fact, or its end.
 * The row is locked, so of two results for the same stage the first one counts; a result of an earlier run, of another stage
 * than the one awaited, or for a job that has ended changes nothing. The fact is sent after the commit, by the relay if need be.
 */
export async function advance(result: Result, { db, bus, log }: { db: Database; bus: Bus; log: Log }): Promise<void> {
  const { job_id, run, stage, execution_id } = result;
  const fact = await db.transaction().execute(async (tx): Promise<Fact | undefined> => {
    const job = await lockJob(tx, job_id);
    if (!job || hasEnded(job) || job.run !== run || job.stage !== stage) {
      log.info({ job_id, stage, run, execution_id, status: job?.status, awaited: job?.stage }, "a late result was dropped");
      return undefined;
    }
    return (await takeStep(tx, job, decide(job, result))).fact;
  });
  if (fact) await sendFact(db, bus, log, fact);
}

/** What a result means, from the pipeline table alone. */
export function decide(job: Pick<JobRow, "known" | "runs">, { stage, outcome, attempt, waited_ms, ran_ms }: Result): Step {
  const runs = { ...job.runs, [stage]: { attempts: attempt, waited_ms, ran_ms } };
  if (!outcome.ok) {
    const { error } = outcome;
    return { set: { status: "failed", runs, error }, fact: "job.failed", says: { stage, error } };
  }
  const { leadsTo, gives } = pipeline[stage];
  const known = { ...job.known, ...gives.parse(outcome.data) };
  const next = stageNames.find((name) => pipeline[name].takes === leadsTo);
  return { set: next ? { status: "processing", stage: next, known, runs } : { status: "done", known, runs }, fact: leadsTo };
}
