import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { Job } from "@viralclaw/contracts/api";
import { allOfJob } from "@viralclaw/contracts/ids";
import { freePort } from "@viralclaw/embedded/ports";
import pg from "pg";
import { type Outages, outagesOf } from "../outages.ts";
import { filesLeft, serviceNames } from "../processes.ts";
import { objectKeys } from "../stored.ts";
import { until } from "./ledger.ts";
import { type Posted, type Scene, startScene } from "./scene.ts";

/** Accepted means done, once: whatever process is killed with -9, and at whatever point of the job. */

let scene: Scene;
let outages: Outages;
before(async () => {
  scene = await startScene();
  outages = outagesOf(scene.product);
});
after(async () => {
  await outages[Symbol.asyncDispose]();
  await scene[Symbol.asyncDispose]();
});

/** A job that hangs for ever is told so, and not by the end of all patience. */
const limit = { timeout: 300_000 };

test("the transcriber, while it downloads one video and transcribes another", limit, async () => {
  const download = scene.host.hold("/talk.mp4", scene.video);
  await scene.holdTranscriptions();
  const [downloading, transcribing] = [await scene.posted({ url: scene.host.urlOf("/talk.mp4") }), await scene.posted()];
  await scene.reached(downloading.id, "ingest", 0.3);
  await scene.reached(transcribing.id, "transcribe", 0.2);
  await scene.kill("transcriber");
  download.release();
  await scene.product.system.servers.s3.heal();
  await scene.restart("transcriber");
  for (const [posted, stage] of [
    [downloading, "ingest"],
    [transcribing, "transcribe"],
  ] as const) {
    const job = await posted.ended();
    await scene.ledger.assertDoneOnce(job);
    assert.equal(job.attempts[stage], 2);
  }
});

test("the renderer, in the middle of ffmpeg, which dies with it", limit, async () => {
  const posted = await scene.posted();
  await scene.frozenEncoder();
  await scene.kill("renderer");
  await scene.noEncoders();
  await scene.restart("renderer");
  const job = await posted.ended();
  await scene.ledger.assertDoneOnce(job);
  assert.equal(job.attempts.render, 2);
});

test("the gateway, after a job's commit and before its fact is sent", limit, async () => {
  await outages.stopNats();
  const request = () =>
    scene.product.client.postFile(scene.video, { language: "en" }, { "idempotency-key": "killed-between-commit-and-publish" });
  const unanswered = request().catch(() => undefined);
  await until(async () => (await unsent()).length === 1);
  await scene.kill("gateway");
  assert.equal(await unanswered, undefined);
  await outages.startNats();
  await scene.restart("gateway");
  // The bot that had no answer asks again, and learns of the job that was accepted.
  const answer = await request();
  const job = await scene.product.client.ended(answer);
  await scene.ledger.assertDoneOnce(job);
});

test("the gateway, with a result that it has and has not committed", limit, async () => {
  const { posted, row } = await resultAtTheRow();
  await scene.kill("gateway");
  await row.release();
  assert.deepEqual(await scene.ledger.factsOf(posted.id), ["job.requested"]);
  await scene.restart("gateway");
  await scene.ledger.assertDoneOnce(await posted.ended());
});

test("the gateway, after a result's commit and before its fact is sent", limit, async () => {
  const { posted, row } = await resultAtTheRow();
  await outages.stopNats();
  await row.release();
  await until(async () => (await unsent()).length === 1);
  await scene.kill("gateway");
  assert.deepEqual(await scene.ledger.factsOf(posted.id), ["job.requested", "job.ingested"]);
  await outages.startNats();
  await scene.restart("gateway");
  await scene.ledger.assertDoneOnce(await posted.ended());
});

test("every service at once, with jobs in every stage; one that was posted a day ago has expired by then", limit, async () => {
  const download = scene.host.hold("/old.mp4", scene.video);
  const old = await scene.posted({ url: scene.host.urlOf("/old.mp4") });
  const others: Posted[] = [];
  others.push(await scene.posted());
  await scene.frozenEncoder();
  await scene.holdTranscriptions();
  const transcribing = await scene.posted();
  await scene.reached(transcribing.id, "transcribe", 0.2);
  others.push(transcribing, await scene.posted());
  await Promise.all(serviceNames.map(scene.kill));
  await scene.noEncoders();
  await scene.ledger.db.query("update gateway.jobs set created_at = now() - interval '25 hours' where id = $1", [old.id]);
  await scene.product.system.servers.s3.heal();
  await Promise.all(serviceNames.map(scene.restart));
  const expired = await old.ended();
  assert.deepEqual([expired.status, expired.error?.code], ["failed", "expired"]);
  download.release();
  for (const other of others) await scene.ledger.assertDoneOnce(await other.ended());
  // Its download has come to an end meanwhile, too late.
  assert.deepEqual(await scene.ledger.factsOf(old.id), ["job.requested", "job.failed"]);
});

test(
  "the gateway, in the middle of removing what has expired: the next one removes the rest, only that, and counts it",
  limit,
  async () => {
    const { product, ledger, kill } = scene;
    const { s3 } = product.system.servers;
    const { jobs } = (await (await product.client.get("/api/jobs?status=done&limit=2")).json()) as { jobs: Job[] };
    const [kept, expired] = jobs as [Job, Job];
    const keysOf = ({ job_id }: Job) => objectKeys(product, allOfJob(job_id));
    const removedAt = async () => (await rowOf(expired.job_id)).removed_at;
    const keysKept = await keysOf(kept);
    await ledger.db.query("update gateway.jobs set ended_at = now() - interval '60 days' where id = $1", [expired.job_id]);
    const before = await keysOf(expired);
    // Once the store is healed, what the killed gateway had asked for is not done.
    await s3.fail({ held: true, cut: true, methods: ["DELETE"], keyPrefix: `${allOfJob(expired.job_id)}render/` });

    await kill("gateway");
    await scene.restart("gateway");
    const held = before.filter((key) => key.includes("/render/"));
    await until(async () => (await s3.met()) === held.length && (await keysOf(expired)).length === held.length);
    await kill("gateway");
    await s3.heal();
    assert.deepEqual([await keysOf(expired), await removedAt()], [held, null]);
    const healthPort = await freePort();
    await product.system.start("gateway", { HEALTH_PORT: String(healthPort) });
    await until(async () => (await removedAt()) !== null);

    assert.deepEqual(await keysOf(expired), []);
    assert.deepEqual(await keysOf(kept), keysKept);
    await ledger.assertDoneOnce(await scene.job(kept.job_id));
    const metrics = await (await fetch(`http://127.0.0.1:${healthPort}/metrics`)).text();
    assert.match(metrics, new RegExp(`^viralclip_removed_objects_total{why="expired"[^}]*} ${held.length}$`, "m"));
    assert.match(metrics, /^viralclip_removed_bytes_total{why="expired"[^}]*} [1-9]\d+$/m);
  },
);

test("and nothing is left of all that: no file, no encoder", limit, async () => {
  await scene.noEncoders();
  await until(async () => (await filesLeft(scene.product.dir)).length === 0);
});

/** A job whose first result the gateway has taken, and waits with at the row, which the test has locked. */
async function resultAtTheRow() {
  const download = scene.host.hold("/locked.mp4", scene.video);
  const posted = await scene.posted({ url: scene.host.urlOf("/locked.mp4") });
  await until(async () => (await rowOf(posted.id)).status === "processing");
  const row = await lockRow(posted.id);
  download.release();
  await until(row.isWaitedFor);
  return { posted, row };
}

const rowOf = async (id: string) => (await scene.ledger.db.query("select * from gateway.jobs where id = $1", [id])).rows[0];
const unsent = async () => (await scene.ledger.db.query("select id from gateway.facts where published_at is null")).rows;

async function lockRow(id: string) {
  const locker = new pg.Client(scene.product.system.servers.databaseUrl);
  await locker.connect();
  await locker.query("begin");
  await locker.query("select 1 from gateway.jobs where id = $1 for update", [id]);
  return {
    isWaitedFor: async () =>
      (await scene.ledger.db.query("select 1 from pg_stat_activity where wait_event_type = 'Lock' and query ~ 'for update'"))
        .rowCount !== 0,
    async release() {
      await locker.query("commit");
      await locker.end();
    },
  };
}
