import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { uploadKey } from "@viralclaw/contracts/ids";
import { limits } from "@viralclaw/contracts/limits";
import { Upload } from "@viralclaw/contracts/uploads";
import { sql } from "kysely";
import { acceptance, type Gateway, problemOf, startGateway } from "./gateway.fixture.ts";

let gateway: Gateway;
let dir: string;
before(async () => {
  gateway = await startGateway();
  dir = await mkdtemp(join(tmpdir(), "uploads-test-"));
});
after(async () => {
  await gateway[Symbol.asyncDispose]();
  await rm(dir, { recursive: true });
});

/** The smallest that comes in parts: the last has one byte. */
const largeBytes = limits.singlePutBytes + 1;

test("a file is PUT where the answer says, and its upload_id then stands for it, as often as wanted", async () => {
  const file = randomBytes(100_000);
  const answer = await begin({ bytes: file.length, filename: "fala às 10h.mp4" });
  const upload = Upload.parse(await answer.json());
  assert.equal(answer.status, 201);
  assert.equal(answer.headers.get("location"), `/api/uploads/${upload.upload_id}`);
  assert.deepEqual([upload.state, upload.filename, upload.parts], ["waiting", "fala às 10h.mp4", null]);
  const lifetimeMs = Date.parse(upload.expires_at) - Date.now();
  assert.ok(lifetimeMs > 23.9 * 3_600_000 && lifetimeMs <= 24 * 3_600_000);

  assert.equal((await send(upload, file)).status, 200);

  const complete = await uploadNow(upload.upload_id);
  assert.deepEqual([complete.state, complete.bytes_received, complete.put], ["complete", 100_000, null]);
  for (let use = 0; use < 2; use++) {
    const { job_id } = await acceptance(await gateway.post({ upload_id: upload.upload_id, language: "en" }));
    assert.deepEqual(await sourceOf(job_id), { type: "upload", bytes: 100_000, hash: hashOf(file) });
  }
});

test("what a job was given does not change when the file is sent again", async () => {
  const [file, other] = [randomBytes(1000), randomBytes(1000)];
  const upload = await begun(file.length);
  await send(upload, file);
  const { job_id } = await acceptance(await gateway.post({ upload_id: upload.upload_id }));
  await send(upload, other);
  assert.equal((await sourceOf(job_id)).hash, hashOf(file));
});

test("a large file is sent in parts, several at once; what is missing is told, and nothing is to be told at the end", async () => {
  const file = randomBytes(largeBytes);
  const upload = await begun(largeBytes);
  const parts = upload.parts ?? [];
  assert.equal(upload.put, null);
  assert.deepEqual(
    parts.map(({ part_number, bytes }) => [part_number, bytes]),
    [...[1, 2, 3, 4].map((number) => [number, limits.partBytes]), [5, 1]],
  );

  // All but the third, of which the second first came with other bytes.
  assert.equal((await sendPart(upload, 2, randomBytes(largeBytes))).status, 200);
  const sent = await Promise.all([1, 2, 4, 5].map((number) => sendPart(upload, number, file)));
  assert.deepEqual(
    sent.map(({ status }) => status),
    [200, 200, 200, 200],
  );

  const problem = await problemOf(await gateway.post({ upload_id: upload.upload_id }), 409, "upload_unfinished");
  assert.ok(problem.detail.includes(`${3 * limits.partBytes + 1} of ${largeBytes} bytes`), problem.detail);
  const halfWay = await uploadNow(upload.upload_id);
  assert.deepEqual([halfWay.state, halfWay.bytes_received], ["waiting", 3 * limits.partBytes + 1]);
  assert.deepEqual(
    halfWay.parts?.map(({ received }) => received),
    [true, true, false, true, true],
  );

  // A bot that has lost the first answer goes on with the second one's addresses.
  assert.equal((await sendPart(halfWay, 3, file)).status, 200);
  assert.equal((await uploadNow(upload.upload_id)).state, "complete");

  await using twin = await gateway.twin();
  const answers = await Promise.all(
    [gateway.url, twin.url, gateway.url, twin.url].map((url) => gateway.post({ upload_id: upload.upload_id }, undefined, url)),
  );
  for (const answer of answers) assert.equal((await sourceOf((await acceptance(answer)).job_id)).hash, hashOf(file));
  assert.equal((await uploadNow(upload.upload_id)).state, "complete");
});

test("the store refuses a file or a part of another size than announced, and the upload stays unfinished", async () => {
  const upload = await begun(1000);
  for (const bytes of [0, 999, 1001]) assert.equal((await send(upload, randomBytes(bytes))).status, 403, `${bytes}`);
  const problem = await problemOf(await gateway.post({ upload_id: upload.upload_id }), 409, "upload_unfinished");
  assert.match(problem.detail, / 0 of 1000 bytes/);

  const large = await begun(largeBytes);
  const url = large.parts?.[4]?.url ?? "";
  assert.equal((await fetch(url, { method: "PUT", body: randomBytes(2) })).status, 403);
});

test("a store that lets another size pass is found out when the upload is used", async () => {
  const upload = await begun(1000);
  await gateway.storage.putText(uploadKey(upload.upload_id), "x".repeat(1200), "video/mp4");
  const problem = await problemOf(await gateway.post({ upload_id: upload.upload_id }), 409, "upload_unfinished");
  assert.match(problem.detail, / 1200 of 1000 bytes/);
});

test("another customer's upload, and one that there is not, are not there", async () => {
  const upload = await begun(1000);
  await send(upload, randomBytes(1000));
  const stranger = await gateway.newCustomer("uploads-stranger@example.com");
  for (const [id, key] of [
    [upload.upload_id, stranger.key],
    ["upl_01jd0000000000000000000000", gateway.owner.key],
  ]) {
    await problemOf(await gateway.get(`/api/uploads/${id}`, key), 404, "upload_not_found");
    await problemOf(await gateway.post({ upload_id: id }, key), 404, "upload_not_found");
  }
  await problemOf(await gateway.get("/api/uploads/x"), 400, "invalid_request");
});

test("after a day an upload has expired", async () => {
  const upload = await begun(1000);
  await send(upload, randomBytes(1000));
  await gateway.db
    .updateTable("uploads")
    .set({ expires_at: sql`now() - interval '1 second'` })
    .where("id", "=", upload.upload_id)
    .execute();
  const problem = await problemOf(await gateway.post({ upload_id: upload.upload_id }), 410, "upload_expired");
  assert.match(problem.fix, /POST \/api\/uploads/);
  const expired = await uploadNow(upload.upload_id);
  assert.deepEqual([expired.state, expired.put, expired.parts], ["expired", null, null]);
});

test("a form may name an upload in place of its file; two sources are refused, whichever comes first", async () => {
  const upload = await begun(1000);
  await send(upload, randomBytes(1000));
  const form = (...parts: ("file" | "upload_id")[]) => {
    const made = new FormData();
    for (const part of parts)
      if (part === "file") made.append("file", new Blob(["x".repeat(1000)]), "v.mp4");
      else made.append("upload_id", upload.upload_id);
    return made;
  };
  const { job_id } = await acceptance(await gateway.postForm(form("upload_id")));
  assert.equal((await sourceOf(job_id)).bytes, 1000);

  const before = await gateway.objectCount();
  const both = { video_url: "https://example.com/v.mp4", upload_id: upload.upload_id };
  for (const answer of [
    await gateway.post(both),
    await gateway.postForm(form("upload_id", "file")),
    await gateway.postForm(form("file", "upload_id")),
  ]) {
    const problem = await problemOf(answer, 400, "invalid_request");
    assert.deepEqual(
      problem.errors?.map(({ field }) => field),
      ["upload_id"],
    );
  }
  assert.equal(await gateway.objectCount(), before);
});

test("the same upload with the same Idempotency-Key is one job; another upload is another request", async () => {
  const [one, other] = [await begun(1000), await begun(1000)];
  await Promise.all([one, other].map((upload) => send(upload, randomBytes(1000))));
  const post = ({ upload_id }: Upload) => gateway.post({ upload_id }, undefined, undefined, { "idempotency-key": "upload-1" });
  const first = await post(one);
  const again = await post(one);
  assert.deepEqual([first.status, again.status], [202, 202]);
  assert.equal(await again.text(), await first.text());
  await problemOf(await post(other), 422, "idempotency_key_reused");
});

const wrongBodies: [name: string, body: unknown, fields: string[]][] = [
  ["no size", {}, ["bytes"]],
  ["no bytes", { bytes: 0 }, ["bytes"]],
  ["half a byte", { bytes: 1.5 }, ["bytes"]],
  ["a size as text", { bytes: "1000" }, ["bytes"]],
  ["more than a video may have", { bytes: limits.maxVideoBytes + 1 }, ["bytes"]],
  ["a name with control characters", { bytes: 1, filename: "a\u001b[31m.mp4" }, ["filename"]],
  ["a name of two lines", { bytes: 1, filename: "a\u2028.mp4" }, ["filename"]],
  ["a name that is too long", { bytes: 1, filename: "a".repeat(256) }, ["filename"]],
  ["several at once", { bytes: -1, filename: "", size: 5 }, ["bytes", "filename", "size"]],
];
for (const [name, body, fields] of wrongBodies) {
  test(`an upload is refused with every wrong field named: ${name}`, async () => {
    const problem = await problemOf(await begin(body), 400, "invalid_request");
    assert.deepEqual(problem.errors?.map(({ field }) => field).sort(), fields);
  });
}

test("the answer for the largest video is small", async () => {
  const text = await (await begin({ bytes: limits.maxVideoBytes })).text();
  assert.equal(Upload.parse(JSON.parse(text)).parts?.length, 30);
  assert.ok(text.length < 20_000, `${text.length} characters`);
});

test("a customer may have a hundred uploads that are not used yet, however many are begun at once; a used one makes room", async () => {
  const { key } = await gateway.newCustomer("many@example.com");
  const answers = await Promise.all(Array.from({ length: limits.maxOpenUploads + 5 }, () => begin({ bytes: 1000 }, key)));
  const [upload, ...others] = answers.filter(({ status }) => status === 201);
  assert.equal(1 + others.length, limits.maxOpenUploads);
  assert.match((await problemOf(await begin({ bytes: 1000 }, key), 429, "too_many_uploads")).detail, /100 uploads/);

  const used = Upload.parse(await upload?.json());
  await send(used, randomBytes(1000));
  await acceptance(await gateway.post({ upload_id: used.upload_id }, key));
  assert.deepEqual([(await begin({ bytes: 1000 }, key)).status, (await begin({ bytes: 1000 }, key)).status], [201, 429]);
  assert.equal((await begin({ bytes: 1000 })).status, 201);
});

function begin(body: unknown, key = gateway.owner.key): Promise<Response> {
  return fetch(`${gateway.url}/api/uploads`, {
    method: "POST",
    headers: { "x-api-key": key, "content-type": "application/json" },
    body: JSON.stringify(body),
  });
}

async function begun(bytes: number): Promise<Upload> {
  return Upload.parse(await (await begin({ bytes })).json());
}

async function uploadNow(id: string): Promise<Upload> {
  return Upload.parse(await (await gateway.get(`/api/uploads/${id}`)).json());
}

async function send({ put }: Upload, file: Buffer): Promise<Response> {
  return fetch(put?.url ?? "", { method: "PUT", headers: put?.headers, body: new Uint8Array(file) });
}

/** Sends the part of the file that goes there. */
async function sendPart({ parts }: Upload, number: number, file: Buffer): Promise<Response> {
  const from = (number - 1) * limits.partBytes;
  const { url = "", bytes = 0 } = parts?.[number - 1] ?? {};
  return fetch(url, { method: "PUT", body: new Uint8Array(file.subarray(from, from + bytes)) });
}

/** What a job was given to work with, as it is in the store. */
async function sourceOf(jobId: string) {
  const { request } = await gateway.db.selectFrom("jobs").select("request").where("id", "=", jobId).executeTakeFirstOrThrow();
  const { source } = request;
  assert.ok(source.type === "upload");
  const file = join(dir, jobId);
  await gateway.storage.downloadTo(source.key, file, {});
  return { type: source.type, bytes: source.bytes, hash: hashOf(await readFile(file)) };
}

const hashOf = (bytes: Buffer) => createHash("sha256").update(bytes).digest("hex");
