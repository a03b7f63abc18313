import assert from "node:assert/strict";
import { request as httpRequest } from "node:http";
import { text } from "node:stream/consumers";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { sql } from "kysely";
import { acceptance, type Gateway, problemOf, startGateway, until } from "./gateway.fixture.ts";

let gateway: Gateway;
before(async () => {
  gateway = await startGateway();
});
after(() => gateway[Symbol.asyncDispose]());

const body = { video_url: "https://example.com/v.mp4", metadata: { post: 1 } };
let keys = 0;
const newKey = () => `key-${++keys}`;
const jobCount = async () =>
  Number((await gateway.db.selectFrom("jobs").select(sql<string>`count(*)`.as("n")).executeTakeFirstOrThrow()).n);

test("the same request with the same key gets the same answer, byte for byte, and makes one job", async () => {
  const key = newKey();
  const before = await jobCount();
  const first = await repeatable(key, body);
  const again = await repeatable(key, body);
  assert.deepEqual([first.status, again.status], [202, 202]);
  assert.equal(again.headers.get("location"), first.headers.get("location"));
  assert.equal(again.headers.get("content-type"), first.headers.get("content-type"));
  assert.equal(await again.text(), await first.text());
  assert.equal(await jobCount(), before + 1);
});

test("fifty at once make one job, and all get its answer", async () => {
  const key = newKey();
  const before = await jobCount();
  const answers = await Promise.all(Array.from({ length: 50 }, () => repeatable(key, body)));
  assert.deepEqual([...new Set(answers.map(({ status }) => status))], [202]);
  assert.equal(new Set(await Promise.all(answers.map((answer) => answer.text()))).size, 1);
  assert.equal(await jobCount(), before + 1);
});

test("the order of the fields does not make another request; their values do", async () => {
  const key = newKey();
  const first = await acceptance(await repeatable(key, body));
  const turned = await acceptance(await repeatable(key, { metadata: { post: 1 }, video_url: body.video_url }));
  assert.equal(turned.job_id, first.job_id);
  await problemOf(await repeatable(key, { ...body, metadata: { post: 2 } }), 422, "idempotency_key_reused");
  await problemOf(await repeatable(key, { ...body, style: "minimal" }), 422, "idempotency_key_reused");
  await problemOf(await repeatable(key, { ...body, style_overrides: { size: 0.1 } }), 422, "idempotency_key_reused");
});

test("a file is told from another by what is in it, and a repeat is not stored again", async () => {
  const key = newKey();
  const first = await acceptance(await repeatable(key, form("one")));
  const stored = await gateway.objectCount();
  assert.equal((await acceptance(await repeatable(key, form("one")))).job_id, first.job_id);
  assert.equal(await gateway.objectCount(), stored);
  await problemOf(await repeatable(key, form("two")), 422, "idempotency_key_reused");
  assert.equal(await gateway.objectCount(), stored);
});

test("a key whose request was refused is free for the corrected one", async () => {
  const key = newKey();
  await problemOf(await repeatable(key, { ...body, priority: 9 }), 400, "invalid_request");
  assert.equal((await repeatable(key, body)).status, 202);
});

test("two customers may use the same key", async () => {
  const key = newKey();
  const other = await gateway.newCustomer("other@example.com");
  const mine = await acceptance(await repeatable(key, body));
  const theirs = await acceptance(await repeatable(key, body, other.key));
  assert.notEqual(mine.job_id, theirs.job_id);
});

test("a twin that comes while the first is still being read waits for its answer, up to 5 s; then it is told to come again", async () => {
  const key = newKey();
  const before = await jobCount();
  const first = slowFirst(key);
  await until(async () => (await claims(key)) === 1);
  await problemOf(await repeatable(key, form("slow")), 409, "idempotency_in_progress");
  const twin = repeatable(key, form("slow"));
  await sleep(100);
  first.finish();
  const answers = [await first.answer, await (await twin).text(), await (await repeatable(key, form("slow"))).text()];
  assert.deepEqual(answers.slice(1), [answers[0], answers[0]]);
  assert.equal(await jobCount(), before + 1);
});

test("a claim that a dead gateway left is taken over when its time is over", async () => {
  const key = newKey();
  const { customer_id } = await gateway.db
    .selectFrom("api_keys")
    .select("customer_id")
    .where("id", "=", gateway.owner.id)
    .executeTakeFirstOrThrow();
  await gateway.db
    .insertInto("idempotency_keys")
    .values({ customer_id, key, fingerprint: null, response: null, claimed_until: sql`now() - interval '1 second'` })
    .execute();
  assert.equal((await repeatable(key, body)).status, 202);
});

test("after 72 hours a key is new", async () => {
  const key = newKey();
  const first = await acceptance(await repeatable(key, body));
  await gateway.db
    .updateTable("idempotency_keys")
    .set({ created_at: sql`now() - interval '73 hours'` })
    .where("key", "=", key)
    .execute();
  const later = await acceptance(await repeatable(key, { ...body, style: "minimal" }));
  assert.notEqual(later.job_id, first.job_id);
});

test("a key that is too long, empty or not visible is refused", async () => {
  for (const key of ["x".repeat(256), "a b"]) await problemOf(await repeatable(key, body), 400, "invalid_request");
});

function repeatable(key: string, given: object | FormData, apiKey = gateway.owner.key): Promise<Response> {
  const headers = { "x-api-key": apiKey, "idempotency-key": key };
  if (given instanceof FormData) return fetch(`${gateway.url}/api/add-captions`, { method: "POST", headers, body: given });
  return fetch(`${gateway.url}/api/add-captions`, {
    method: "POST",
    headers: { ...headers, "content-type": "application/json" },
    body: JSON.stringify(given),
  });
}

const claims = async (key: string) =>
  Number(
    (
      await gateway.db
        .selectFrom("idempotency_keys")
        .select(sql<string>`count(*)`.as("n"))
        .where("key", "=", key)
        .where("response", "is", null)
        .executeTakeFirstOrThrow()
    ).n,
  );

/** The request of `form("slow")`, held back before its last bytes. */
function slowFirst(key: string): { finish(): void; answer: Promise<string> } {
  const answered = Promise.withResolvers<string>();
  const last = Promise.withResolvers<void>();
  const { port } = new URL(gateway.url);
  const headers = { "x-api-key": gateway.owner.key, "idempotency-key": key };
  void (async () => {
    const encoded = new Request(gateway.url, { method: "POST", body: form("slow") });
    const body = Buffer.from(await encoded.arrayBuffer());
    const type = encoded.headers.get("content-type") ?? "";
    const sending = httpRequest({
      ...{ port, method: "POST", path: "/api/add-captions" },
      headers: { ...headers, "content-type": type, "content-length": body.length },
    });
    sending.on("response", async (response) => answered.resolve(await text(response)));
    sending.on("error", answered.reject);
    sending.write(body.subarray(0, -1));
    await last.promise;
    sending.end(body.subarray(-1));
  })();
  return { finish: () => last.resolve(), answer: answered.promise };
}

function form(content: string): FormData {
  const made = new FormData();
  made.append("language", "en");
  made.append("file", new Blob([content.repeat(10_000)]), "talk.mp4");
  return made;
}
