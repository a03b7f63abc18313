import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { stageConsumer } from "@viralclaw/bus/topology";
import { streams } from "@viralclaw/contracts/pipeline";
import { sql } from "kysely";
import { type Gateway, log, problemOf, resultOf, startGateway, until } from "./gateway.fixture.ts";
import { startSweep } from "./sweep.ts";

let gateway: Gateway;
before(async () => {
  gateway = await startGateway();
});
after(() => gateway[Symbol.asyncDispose]());

const everyMs = 50;
const sweep = (lostAfterMs: number) => startSweep({ db: gateway.db, bus: gateway.bus, log }, { everyMs, lostAfterMs });
const runsOf = async (id: string) =>
  (await gateway.db.selectFrom("jobs").select("run").where("id", "=", id).executeTakeFirstOrThrow()).run;
const published = (id: string) =>
  until(
    async () =>
      (await gateway.db.selectFrom("facts").select("stream_seq").where("job_id", "=", id).executeTakeFirstOrThrow())
        .stream_seq !== null,
  );

test("jobs that only wait in the queue are left alone", async () => {
  const ids = await Promise.all(Array.from({ length: 20 }, () => gateway.accepted()));
  await Promise.all(ids.map(published));
  const stop = sweep(0);
  await sleep(500);
  await stop();
  assert.deepEqual(
    await Promise.all(ids.map(runsOf)),
    ids.map(() => 1),
  );
});

test("a job whose message was acked and gave no result is sent again as a new run, and ends", async () => {
  const id = await gateway.accepted({ priority: 4 });
  await published(id);
  await ackNext(4);
  const stop = sweep(200);
  await until(async () => (await runsOf(id)) === 2);
  await stop();
  // The zombie of the first run comes too late; the second run counts.
  await gateway.advance(resultOf(id, "ingest"));
  assert.equal((await gateway.job(id)).stage, null);
  await gateway.advance({ ...resultOf(id, "ingest"), run: 2 });
  assert.equal((await gateway.job(id)).stage, "transcribe");
});

test("jobs under way when the broker loses its store are sent again, each at the stage it had reached", async () => {
  const queued = await gateway.accepted({ priority: 2 });
  const further = await gateway.accepted({ priority: 2 });
  await gateway.advance(resultOf(further, "ingest"));
  await published(queued);
  const stop = sweep(60_000);
  await sleep(3 * everyMs);
  for (const stream of Object.keys(streams)) await gateway.bus.jsm.streams.delete(stream);
  await gateway.bus.ensureTopology();
  await until(async () => (await runsOf(queued)) === 2 && (await runsOf(further)) === 2);
  await stop();
  const facts = await gateway.db
    .selectFrom("facts")
    .select(["name", "run"])
    .where("job_id", "=", further)
    .orderBy("sequence")
    .execute();
  assert.deepEqual(
    facts.map(({ name, run }) => `${name} ${run}`),
    ["job.requested 1", "job.ingested 1", "job.ingested 2"],
  );
});

test("a job older than a day ends as failed with expired", async () => {
  const id = await gateway.accepted();
  await gateway.db.updateTable("jobs").set({ created_at: sql`now() - interval '25 hours'` }).where("id", "=", id).execute();
  const stop = sweep(60_000);
  const job = await gateway.jobWhere(id, ({ status }) => status === "failed");
  await stop();
  assert.equal(job.error?.code, "expired");
  await problemOf(await gateway.cancel(id), 409, "job_already_ended");
});

test("answers that are no longer given again are forgotten", async () => {
  const { customer_id } = await gateway.db.selectFrom("api_keys").select("customer_id").executeTakeFirstOrThrow();
  const keep = (key: string, hours: number) =>
    gateway.db
      .insertInto("idempotency_keys")
      .values({
        customer_id,
        key,
        fingerprint: "f",
        response: "{}",
        claimed_until: sql`now()`,
        created_at: sql`now() - make_interval(hours => ${hours})`,
      })
      .execute();
  await Promise.all([keep("old", 73), keep("young", 71)]);
  const stop = sweep(60_000);
  const keys = () => gateway.db.selectFrom("idempotency_keys").select("key").execute();
  await until(async () => (await keys()).length === 1);
  await stop();
  assert.deepEqual(await keys(), [{ key: "young" }]);
});

/** Takes every message of that priority and acks it, as a worker that forgets its result. */
async function ackNext(priority: 4) {
  for (;;) {
    const subject = `$JS.API.CONSUMER.MSG.NEXT.FACTS.${stageConsumer("ingest", priority)}`;
    const message = await gateway.bus.nc.request(subject, '{"batch":1,"no_wait":true}', { noMux: true, timeout: 1000 });
    if (message.headers?.code) return;
    message.respond("+ACK");
  }
}
