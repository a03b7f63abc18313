import type { Bus } from "@viralclaw/bus/connect";
import { type Evidence, gatherEvidence, isOnStream } from "@viralclaw/bus/evidence";
import type { Fact } from "@viralclaw/contracts/facts";
import { pipeline } from "@viralclaw/contracts/pipeline";
import { startClock } from "@viralclaw/runtime/clock";
import type { Log } from "@viralclaw/runtime/log";
import { sql } from "kysely";
import { alone } from "./alone.ts";
import type { Database } from "./database.ts";
import { forgetOldKeys } from "./idempotency.ts";
import { hasEnded, type JobRow, lockJob, type Step, takeStep } from "./job.ts";
import { sendFact } from "./outbox.ts";

/**
 * Finds jobs that nobody works on, and sends their last fact again as a new run; ends those that are too old.
 * It acts on evidence, never on silence: a job that waits in a long queue still has its message on the stream.
 */
export interface SweepOptions {
  everyMs?: number;
  /** How long nobody must have worked on a job: a result may be on its way. */
  lostAfterMs?: number;
}

const sweepEveryMs = 10_000;
const lostAfterMs = 60_000;
/** The customer has long posted it again by then. */
const expireAfterHours = 24;

interface Deps {
  db: Database;
  bus: Bus;
  log: Log;
}

/** Sweeps at once and then every so often, in one gateway at a time. Returns a function that ends it. */
export function startSweep(deps: Deps, options: SweepOptions = {}): () => Promise<void> {
  let streamMade: string | undefined;
  return startClock("the sweep", options.everyMs ?? sweepEveryMs, deps.log, () =>
    alone(deps.db, "sweep", async () => {
      await expireOld(deps);
      await forgetOldKeys(deps.db);
      streamMade = await resendLost(deps, streamMade, options.lostAfterMs ?? lostAfterMs);
      return undefined;
    }),
  );
}

/** Answers the making of the stream that it looked at; where that is new to it, every open job's message is looked for. */
async function resendLost(deps: Deps, knownStream: string | undefined, afterMs: number): Promise<string | undefined> {
  const evidence = await gatherEvidence(deps.bus);
  // A result that waits to be taken explains why its job stands still.
  if (evidence.resultsWaiting > 0) return knownStream;
  for (const job of await openJobs(deps.db)) {
    const gone = evidence.streamMade !== knownStream && !(await isOnStream(deps.bus, job.streamSeq, job.factId));
    const idle = gone || isIdle(job, evidence);
    if (gone || (idle && job.lostForMs !== null && job.lostForMs >= afterMs)) await resend(deps, job);
    else if (idle !== (job.lostForMs !== null)) await noteIdle(deps.db, job, idle);
  }
  return evidence.streamMade;
}

type OpenJob = Awaited<ReturnType<typeof openJobs>>[number];

/** The jobs that have not ended and whose last fact was sent, with that fact. */
async function openJobs(db: Database) {
  const rows = await db
    .selectFrom("jobs")
    .innerJoin("facts", (join) => join.onRef("facts.job_id", "=", "jobs.id").onRef("facts.sequence", "=", "jobs.sequence"))
    .select(["jobs.id", "jobs.stage", "jobs.priority", "jobs.sequence", "facts.id as fact_id", "facts.stream_seq"])
    .select(sql<number | null>`extract(epoch from now() - jobs.lost_since)::float8 * 1000`.as("lost_for_ms"))
    .where("jobs.ended_at", "is", null)
    .where("facts.stream_seq", "is not", null)
    .execute();
  return rows.map(({ id, stage, priority, sequence, fact_id, stream_seq, lost_for_ms }) => ({
    id,
    stage,
    priority,
    sequence,
    factId: fact_id,
    streamSeq: Number(stream_seq),
    lostForMs: lost_for_ms,
  }));
}

/** Whether the message was acked: no worker has it, and none will get it. */
function isIdle({ stage, priority, streamSeq }: OpenJob, { ackedUpTo }: Evidence): boolean {
  return ackedUpTo.some((floor) => floor.stage === stage && floor.priority === priority && streamSeq <= floor.seq);
}

async function noteIdle(db: Database, { id, sequence }: OpenJob, idle: boolean): Promise<void> {
  await db
    .updateTable("jobs")
    .set({ lost_since: idle ? sql<Date>`now()` : null })
    .where("id", "=", id)
    .where("sequence", "=", sequence)
    .execute();
}

/**
 * Sends the job's last fact again, as run + 1 and with a new id: under the old one the broker would swallow it as a repeat.
 * Whatever an earlier run still brings is dropped by `advance`.
 */
async function resend(deps: Deps, { id, sequence }: OpenJob): Promise<void> {
  const fact = await stepAlone(deps, id, (job) =>
    job.sequence === sequence ? { set: { run: job.run + 1 }, fact: pipeline[job.stage].takes } : undefined,
  );
  if (fact)
    deps.log.warn({ job_id: id, run: fact.data.run, fact: fact.name }, "nobody worked on a job: its last fact is sent again");
}

async function expireOld(deps: Deps): Promise<void> {
  const old = await deps.db
    .selectFrom("jobs")
    .select("id")
    .where("ended_at", "is", null)
    .where("created_at", "<", sql<Date>`now() - make_interval(hours => ${expireAfterHours})`)
    .execute();
  const error = { code: "expired" as const, params: { hours: expireAfterHours } };
  for (const { id } of old) {
    const fact = await stepAlone(deps, id, ({ stage }) => ({
      set: { status: "failed", error },
      fact: "job.failed",
      says: { stage, error },
    }));
    if (fact) deps.log.warn({ job_id: id }, "a job has expired");
  }
}

/** Takes a job a step further in a transaction of its own and sends the fact; nothing where it has ended or there is no step. */
async function stepAlone(
  { db, bus, log }: Deps,
  id: string,
  stepOf: (job: JobRow) => Step | undefined,
): Promise<Fact | undefined> {
  const fact = await db.transaction().execute(async (tx) => {
    const job = await lockJob(tx, id);
    const step = job && !hasEnded(job) ? stepOf(job) : undefined;
    return job && step ? (await takeStep(tx, job, step)).fact : undefined;
  });
  if (fact) await sendFact(db, bus, log, fact);
  return fact;
}
