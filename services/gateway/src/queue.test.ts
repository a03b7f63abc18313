import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { type StageContext, work } from "@viralclaw/bus/work";
import type { Given, Stage } from "@viralclaw/contracts/pipeline";
import { sql } from "kysely";
import { type Gateway, log, resultOf, startGateway, until } from "./gateway.fixture.ts";
import { startSweep } from "./sweep.ts";

let gateway: Gateway;
before(async () => {
  gateway = await startGateway();
});
after(() => gateway[Symbol.asyncDispose]());

const jobs = 500;
/** Posts under way at once. */
const posters = 20;
/** One render at a time: the last of the queue waits for some seconds, many times what the sweep gives a job that is lost. */
const renderMs = 5;
const sweepOften = { everyMs: 200, lostAfterMs: 500 };

test("500 jobs behind a slow renderer run once each, however often the sweep looks at them meanwhile", async () => {
  const runs: Record<string, number> = {};
  const worker = <K extends Stage>(stage: K, slots: number, takesMs: number) => ({
    slots,
    run: async (_fact: unknown, { jobId, attempt }: StageContext) => {
      runs[`${stage} ${jobId}`] = (runs[`${stage} ${jobId}`] ?? 0) + 1;
      assert.equal(attempt, 1);
      await sleep(takesMs);
      return dataOf(jobId, stage);
    },
  });
  await Promise.all(
    Array.from({ length: posters }, async () => {
      for (let i = 0; i < jobs / posters; i++) await gateway.accepted({ priority: 1 });
    }),
  );
  const stopSweep = startSweep({ db: gateway.db, bus: gateway.bus, log }, sweepOften);
  const options = { log, pullDelayMs: 0 };
  const workers = [
    work<"transcriber">(gateway.bus, { ingest: worker("ingest", 4, 0), transcribe: worker("transcribe", 4, 0) }, options),
    work<"renderer">(gateway.bus, { render: worker("render", 1, renderMs) }, options),
  ];
  await until(async () => (await count("jobs", "ended_at is not null")) === jobs);
  await Promise.all([stopSweep(), ...workers.map((one) => one.stop(0))]);

  assert.equal(Object.keys(runs).length, 3 * jobs);
  assert.deepEqual(new Set(Object.values(runs)), new Set([1]));
  assert.equal(await count("jobs", "status = 'done' and run = 1"), jobs);
  assert.equal(await count("facts", "true"), 4 * jobs);
});

/** What that stage gives for the job. */
function dataOf<K extends Stage>(jobId: string, stage: K): Given<K> {
  const { outcome } = resultOf(jobId, stage);
  if (!outcome.ok) throw new Error("the fixture's results are good ones");
  return outcome.data as Given<K>;
}

async function count(table: "jobs" | "facts", where: string): Promise<number> {
  const counted = sql<{ n: number }>`select count(*)::int as n from ${sql.ref(`gateway.${table}`)} where ${sql.raw(where)}`;
  return (await counted.execute(gateway.db)).rows[0]?.n ?? 0;
}
