import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { pipeline } from "@viralclaw/contracts/pipeline";
import pg from "pg";
import { living } from "../processes.ts";
import { until } from "./ledger.ts";
import { type Scene, startScene } from "./scene.ts";

/** A worker may be silent, die each time, or never come to an end: its message is another's, and the next job is served. */

let scene: Scene;
before(async () => {
  scene = await startScene();
});
after(() => scene[Symbol.asyncDispose]());

/** DATABASE_CONNECTIONS where it is not set. */
const apiConnections = 10;
/** Enough to come to ffmpeg, on a busy machine too. */
const maxRunMs = 10_000;
const limit = { timeout: 300_000 };

test(
  "a renderer that is paused beyond its lease: another delivers, and what the sleeper brings late changes nothing",
  limit,
  async () => {
    const { system } = scene.product;
    const [sleeper] = living(system, "renderer");
    const posted = await scene.posted();
    await scene.frozenEncoder();
    process.kill(sleeper?.pid ?? 0, "SIGSTOP");
    const waker = await system.start("renderer");
    const job = await posted.ended();
    await scene.ledger.assertDoneOnce(job);
    assert.equal(job.attempts.render, 2);

    for (const { pid } of scene.encoders()) process.kill(pid, "SIGCONT");
    process.kill(sleeper?.pid ?? 0, "SIGCONT");
    await until(() => sleeper?.logTail().includes('"lease_lost":true') ?? false);
    await scene.ledger.assertDoneOnce(job);
    assert.deepEqual((await scene.job(job.job_id)).timings, job.timings);
    await waker.stop("SIGTERM", 10_000);
    // The sleeper is as good as new.
    await scene.ledger.assertDoneOnce(await (await scene.posted()).ended());
  },
);

test(
  "a stage that kills its worker each time fails with worker_died after the attempts of the table; the next job is served",
  limit,
  async () => {
    const posted = await scene.posted();
    for (let attempt = 1; attempt <= pipeline.render.attempts; attempt++) {
      await scene.frozenEncoder();
      await scene.kill("renderer");
      await scene.noEncoders();
      await scene.restart("renderer");
    }
    const next = await scene.posted();
    const job = await posted.ended();
    assert.equal(job.error?.code, "worker_died");
    assert.match(job.error?.detail ?? "", new RegExp(`render.*${pipeline.render.attempts}`));
    assert.deepEqual(await scene.ledger.factsOf(job.job_id), ["job.requested", "job.ingested", "job.transcribed", "job.failed"]);
    await scene.ledger.assertDoneOnce(await next.ended());
  },
);

test("a run that is longer than allowed is ended with its ffmpeg, and the next job is served", limit, async () => {
  const { system } = scene.product;
  await scene.kill("renderer");
  const hasty = await system.start("renderer", { MAX_RUN_MS: String(maxRunMs) });
  const posted = await scene.posted();
  const pid = await scene.frozenEncoder();
  const job = await posted.ended();
  assert.equal(job.error?.code, "stage_timeout");
  assert.ok(!scene.encoders().some((encoder) => encoder.pid === pid));
  assert.ok(hasty.isRunning());
  await hasty.stop("SIGTERM", 10_000);
  await scene.restart("renderer");
  await scene.ledger.assertDoneOnce(await (await scene.posted()).ended());
});

test("requests that take every connection of the API hold up no job that was accepted", limit, async () => {
  const { id } = await scene.posted();
  await scene.frozenEncoder();
  const locker = new pg.Client(scene.product.system.servers.databaseUrl);
  await locker.connect();
  await locker.query("begin; lock table gateway.idempotency_keys");
  const crowd = Array.from({ length: 40 }, (_, n) =>
    scene.product.client.postFile(scene.video, { language: "en" }, { "idempotency-key": `crowd-${n}` }),
  );
  const waiting = async () =>
    (await scene.ledger.db.query("select 1 from pg_stat_activity where wait_event_type = 'Lock'")).rowCount ?? 0;
  await until(async () => (await waiting()) >= apiConnections);
  for (const { pid } of scene.encoders()) process.kill(pid, "SIGCONT");
  await until(async () => (await scene.ledger.factsOf(id)).includes("job.completed"));
  assert.ok((await waiting()) > 0);
  await locker.query("rollback");
  await locker.end();
  // Who waited for 20 s for a connection is told to come again.
  for (const answer of await Promise.all(crowd)) assert.ok([202, 503].includes(answer.status), `${answer.status}`);
});
