import { setTimeout as sleep } from "node:timers/promises";
import type { Bus } from "@viralclaw/bus/connect";
import { type Evidence, gatherEvidence, isOnStream } from "@viralclaw/bus/evidence";
import type { Fact } from "@viralclaw/contracts/facts";
import type { Log } from "@viralclaw/runtime/log";
import { sql } from "kysely";
import { endedStatuses, identityOf } from "./advance.ts";
import type { Database } from "./database.ts";
import { forgetOldKeys } from "./idempotency.ts";
import { sendFact, writeFact } from "./outbox.ts";

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
/** Any number that nothing else in this database locks. */
const sweepLock = 4_812_077;

interface Deps {
  db: Database;
  bus: Bus;
  log: Log;
}

/** Sweeps at once and then every so often, in one gateway at a time. Returns a function that ends it. */
export function startSweep(deps: Deps, options: SweepOptions = {}): () => Promise<void> {
  const stopping = new AbortController();
  let streamMade: string | undefined;
  const sweep = async () => {
    await deps.db.transaction().execute(async (tx) => {
      const { rows } = await sql<{ mine: boolean }>`select pg_try_advisory_xact_lock(${sweepLock}) as mine`.execute(tx);
      if (!rows[0]?.mine) return;
      await expireOld(deps);
      await forgetOldKeys(deps.db);
      streamMade = await resendLost(deps, streamMade, options.lostAfterMs ?? lostAfterMs);
    });
  };
  const loop = (async () => {
    while (!stopping.signal.aborted) {
      await sweep().catch((error: Error) => deps.log.warn({ err: error }, "the sweep could not be done"));
      await sleep(options.everyMs ?? sweepEveryMs, undefined, { signal: stopping.signal }).catch(() => undefined);
    }
  })();
  return async () => {
    stopping.abort();
    await loop;
  };
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
async function resend({ db, bus, log }: Deps, { id, sequence }: OpenJob): Promise<void> {
  const fact = await db.transaction().execute(async (tx): Promise<Fact | undefined> => {
    const job = await tx.selectFrom("jobs").selectAll().where("id", "=", id).forUpdate().executeTakeFirst();
    if (!job || job.sequence !== sequence || endedStatuses.includes(job.status)) return undefined;
    const last = await tx
      .selectFrom("facts")
      .select(["name", "data"])
      .where("job_id", "=", id)
      .where("sequence", "=", sequence)
      .executeTakeFirstOrThrow();
    const next = { run: job.run + 1, sequence: sequence + 1 };
    await tx
      .updateTable("jobs")
      .set({ ...next, lost_since: null })
      .where("id", "=", id)
      .execute();
    return writeFact(tx, last.name, next.sequence, { ...last.data, run: next.run });
  });
  if (!fact) return;
  log.warn({ job_id: id, run: fact.data.run, fact: fact.name }, "nobody worked on a job: its last fact is sent again");
  await sendFact(db, bus, log, fact);
}

async function expireOld({ db, bus, log }: Deps): Promise<void> {
  const old = await db
    .selectFrom("jobs")
    .select("id")
    .where("ended_at", "is", null)
    .where("created_at", "<", sql<Date>`now() - make_interval(hours => ${expireAfterHours})`)
    .execute();
  for (const { id } of old) {
    const fact = await db.transaction().execute(async (tx): Promise<Fact | undefined> => {
      const job = await tx.selectFrom("jobs").selectAll().where("id", "=", id).forUpdate().executeTakeFirst();
      if (!job || endedStatuses.includes(job.status)) return undefined;
      const error = { code: "expired" as const, params: { hours: expireAfterHours } };
      await tx
        .updateTable("jobs")
        .set({
          status: "failed",
          sequence: job.sequence + 1,
          error: JSON.stringify(error),
          ended_at: sql<Date>`clock_timestamp()`,
        })
        .where("id", "=", id)
        .execute();
      return writeFact(tx, "job.failed", job.sequence + 1, { ...job.known, ...identityOf(job), stage: job.stage, error });
    });
    if (!fact) continue;
    log.warn({ job_id: id }, "a job has expired");
    await sendFact(db, bus, log, fact);
  }
}
