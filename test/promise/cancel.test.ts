import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { Problem } from "@viralclaw/contracts/api";
import { filesLeft } from "../processes.ts";
import { until } from "./ledger.ts";
import { type Scene, startScene } from "./scene.ts";

/** Whoever cancels is obeyed at once, wherever the job is; and the queue is served in the order of its priorities. */

let scene: Scene;
before(async () => {
  // One download at a time, so that there is a queue.
  scene = await startScene({ INGEST_SLOTS: "1" });
});
after(() => scene[Symbol.asyncDispose]());

/** Of each priority, fewer than eight. */
const ofEach = 7;
const limit = { timeout: 300_000 };
const cancel = async (id: string) => (await scene.product.client.post(`/api/jobs/${id}/cancel`)).status;
const factsWhen = async (id: string) => [await cancel(id), await scene.ledger.factsOf(id)];

test("cancelled while it waits behind another, a job is never begun", limit, async () => {
  const first = scene.host.hold("/first.mp4", scene.video);
  const running = await scene.posted({ url: scene.host.urlOf("/first.mp4") });
  await until(() => scene.host.asked.includes("/first.mp4"));
  const { id } = await scene.posted({ url: scene.host.urlOf("/waiting.mp4") });
  assert.deepEqual(await factsWhen(id), [200, ["job.requested", "job.cancelled"]]);
  first.release();
  await scene.ledger.assertDoneOnce(await running.ended());
  assert.ok(!scene.host.asked.includes("/waiting.mp4"));
});

test("cancelled in its download, it hangs up", limit, async () => {
  scene.host.hold("/endless.mp4", scene.video);
  const { id } = await scene.posted({ url: scene.host.urlOf("/endless.mp4") });
  await scene.reached(id, "ingest", 0.3);
  assert.deepEqual(await factsWhen(id), [200, ["job.requested", "job.cancelled"]]);
  await until(() => scene.host.left.includes("/endless.mp4"));
});

test("cancelled while it is transcribed, it lets go of its worker: the next is transcribed", limit, async () => {
  await scene.holdTranscriptions();
  const { id } = await scene.posted();
  await scene.reached(id, "transcribe", 0.2);
  assert.deepEqual(await factsWhen(id), [200, ["job.requested", "job.ingested", "job.cancelled"]]);
  await until(async () => (await filesLeft(scene.product.dir)).length === 0);
  await scene.product.system.servers.s3.heal();
});

test("cancelled in the middle of ffmpeg, which is dead then; a job that has ended cannot be cancelled", limit, async () => {
  const { id } = await scene.posted();
  const pid = await scene.frozenEncoder();
  const facts = ["job.requested", "job.ingested", "job.transcribed", "job.cancelled"];
  assert.deepEqual(await factsWhen(id), [200, facts]);
  await until(() => !scene.encoders().some((encoder) => encoder.pid === pid));
  await until(async () => (await filesLeft(scene.product.dir)).length === 0);
  const again = await scene.product.client.post(`/api/jobs/${id}/cancel`);
  assert.deepEqual([again.status, ((await again.json()) as Problem).code], [409, "job_already_ended"]);
  assert.deepEqual(await scene.ledger.factsOf(id), facts);
});

test("after all that the next job is done, once", limit, async () => {
  await scene.ledger.assertDoneOnce(await (await scene.posted()).ended());
});

test("of those that wait, the urgent are begun first, whoever came first", limit, async () => {
  const gate = scene.host.hold("/gate.mp4", scene.video);
  await scene.posted({ url: scene.host.urlOf("/gate.mp4") });
  await until(() => scene.host.asked.includes("/gate.mp4"));
  const waiting = [];
  for (const priority of [5, 1])
    for (let count = 0; count < ofEach; count++)
      waiting.push(await scene.posted({ url: scene.host.urlOf(`/priority-${priority}`), priority }));
  gate.release();
  for (const posted of waiting) assert.equal((await posted.ended()).error?.code, "source_gone");
  const order = scene.host.asked.slice(-2 * ofEach);
  // Every eighth time the least urgent goes first.
  const overtaken = order.slice(0, ofEach).filter((path) => path === "/priority-1");
  assert.ok(overtaken.length >= ofEach - 1, `begun in the order ${order}`);
});

test("a steady stream of urgent jobs does not starve the one that can wait", limit, async () => {
  const post = (path: string, priority: number) => scene.posted({ url: scene.host.urlOf(path), priority });
  let streaming = true;
  let urgent = 0;
  // Whenever an urgent one is begun another is posted, so there is always one to be preferred.
  scene.host.onRequest((path) => {
    if (streaming && path.startsWith("/urgent-")) void post(`/urgent-${urgent++}`, 1);
  });
  for (let ahead = 0; ahead < 3; ahead++) await post(`/urgent-${urgent++}`, 1);
  const patient = await (await post("/in-no-hurry", 5)).ended();
  streaming = false;
  assert.equal(patient.error?.code, "source_gone");
  assert.ok(urgent > 3, `${urgent} urgent jobs`);
});
