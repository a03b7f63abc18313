import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { connect, type NatsConnection } from "@nats-io/transport-node";
import type { Job } from "@viralclaw/contracts/api";
import pg from "pg";
import type { Product } from "../product.ts";

/** What stands behind a job: its row, its facts, and what the broker was sent of them. */
export interface Ledger extends AsyncDisposable {
  db: pg.Client;
  /** The names of the job's facts in their order; a run beyond the first is named: `job.ingested 2`. */
  factsOf(jobId: string): Promise<string[]>;
  /** How many messages of each fact the broker has: `{ requested: 1 }`. */
  sentOf(jobId: string): Promise<Record<string, number>>;
  /** Checks that the job is done, once: each fact written once and sent once, one result, which can be fetched. */
  assertDoneOnce(job: Job): Promise<void>;
}

export async function openLedger({ system: { servers } }: Product): Promise<Ledger> {
  const db = new pg.Client(servers.databaseUrl);
  db.on("error", () => undefined);
  await db.connect();
  const nats = await connect({ servers: servers.natsUrl, maxReconnectAttempts: -1, reconnectTimeWait: 100 });
  const factsOf = async (jobId: string) => {
    const query = "select name || case when run > 1 then ' ' || run else '' end as told from gateway.facts";
    const { rows } = await db.query<{ told: string }>(`${query} where job_id = $1 order by sequence`, [jobId]);
    return rows.map(({ told }) => told);
  };
  const sentOf = (jobId: string) => sentTo(nats, jobId);
  return {
    db,
    factsOf,
    sentOf,
    async assertDoneOnce(job) {
      assert.equal(job.status, "done", JSON.stringify(job.error));
      assert.deepEqual(await factsOf(job.job_id), ["job.requested", "job.ingested", "job.transcribed", "job.completed"]);
      await until(async () => (await sentOf(job.job_id)).completed !== undefined);
      assert.deepEqual(await sentOf(job.job_id), { requested: 1, ingested: 1, transcribed: 1, completed: 1 });
      const { rows } = await db.query(
        `select j.known->>'result_key' as kept, f.data->>'result_key' as told from gateway.jobs j
         join gateway.facts f on f.job_id = j.id and f.name = 'job.completed' where j.id = $1`,
        [job.job_id],
      );
      assert.equal(rows[0].told, rows[0].kept);
      const video = await fetch(job.result_url ?? "");
      assert.equal(video.status, 200);
      assert.ok(new URL(video.url).pathname.endsWith(rows[0].kept), `${rows[0].kept} is what is delivered`);
      await video.body?.cancel();
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([db.end(), nats.close()]);
    },
  };
}

/** Asked of the broker itself (NATS ADR-33, STREAM.INFO with a filter of subjects), so that what it has is what is counted. */
async function sentTo(nats: NatsConnection, jobId: string): Promise<Record<string, number>> {
  const filter = JSON.stringify({ subjects_filter: `viralclaw.job.*.*.*.${jobId}` });
  const answer = (await nats.request("$JS.API.STREAM.INFO.FACTS", filter)).json<{
    state: { subjects?: Record<string, number> };
  }>();
  const counted = Object.entries(answer.state.subjects ?? {});
  return Object.fromEntries(counted.map(([subject, count]) => [subject.split(".")[3] ?? "", count]));
}

/** Waits for a state that must come; the test's own limit ends the waiting for one that does not. */
export async function until(condition: () => Promise<boolean> | boolean): Promise<void> {
  while (!(await condition())) await sleep(20);
}
