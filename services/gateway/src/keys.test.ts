import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { type Gateway, problemOf, startGateway } from "./gateway.fixture.ts";

let gateway: Gateway;
before(async () => {
  gateway = await startGateway();
});
after(() => gateway[Symbol.asyncDispose]());

test("a request without a key, with an unknown one, or with a disabled one", async () => {
  await problemOf(await fetch(`${gateway.url}/api/jobs`), 401, "missing_api_key");
  for (const key of [
    "vk_live_nothing",
    `${gateway.owner.key}x`,
    gateway.owner.key.slice(0, -1),
    "",
    `${gateway.owner.key.slice(0, -1)}${gateway.owner.key.endsWith("a") ? "b" : "a"}`,
  ]) {
    await problemOf(await gateway.get(`/api/jobs`, key), 401, "unknown_api_key");
  }
  const disabled = await gateway.newCustomer("disabled@example.com");
  await gateway.db.updateTable("api_keys").set({ is_active: false }).where("id", "=", disabled.id).execute();
  await problemOf(await gateway.get(`/api/jobs`, disabled.key), 403, "disabled_api_key");
});

test("a key is stored only as a keyed hash, and its use is noted", async () => {
  await gateway.get(`/api/jobs`);
  const row = await gateway.db.selectFrom("api_keys").selectAll().where("id", "=", gateway.owner.id).executeTakeFirstOrThrow();
  assert.ok(!JSON.stringify(row).includes(gateway.owner.key.slice(20)));
  assert.equal(row.hash.length, 32);
  assert.ok(row.last_used_at);
});

test("another customer's job is not there", async () => {
  const stranger = await gateway.newCustomer("stranger@example.com");
  const job_id = await gateway.accepted();
  for (const path of ["", "/transcript.json", "/transcript.srt"]) {
    await problemOf(await gateway.get(`/api/jobs/${job_id}${path}`, stranger.key), 404, "job_not_found");
  }
});
