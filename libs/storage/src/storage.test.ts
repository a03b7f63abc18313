import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { DeclaredError } from "@viralclaw/contracts/errors";
import { s3ForTest, testBucket } from "@viralclaw/embedded/testing";
import { openStorage, type Storage } from "./storage.ts";

const megabytes = 1024 * 1024;

let server: Awaited<ReturnType<typeof s3ForTest>>;
let storage: Storage;
let dir: string;

before(async () => {
  server = await s3ForTest();
  storage = openStorage({ ...server, endpoint: server.url, bucket: testBucket });
  dir = await mkdtemp(join(tmpdir(), "storage-test-"));
});
after(async () => {
  storage.close();
  await server.stop();
  await rm(dir, { recursive: true });
});

for (const size of [0, 1000, 20 * megabytes]) {
  test(`a file of ${size} bytes comes back as it was stored`, async () => {
    const bytes = await givenFile("in", size);
    const stored = await storage.uploadFrom(`files/${size}`, join(dir, "in"), "video/mp4", {});
    assert.equal(stored.bytes, size);
    await storage.downloadTo(`files/${size}`, join(dir, "out"), {});
    assert.equal(hash(await readFile(join(dir, "out"))), hash(bytes));
  });
}

test("an object that may not be there is fetched, or is not, and no file is left of one that is not", async () => {
  await storage.putText("perhaps", "olá", "text/plain; charset=utf-8");
  assert.equal(await storage.downloadIfThere("perhaps", join(dir, "perhaps"), {}), true);
  assert.equal(await readFile(join(dir, "perhaps"), "utf8"), "olá");
  assert.equal(await storage.downloadIfThere("nowhere", join(dir, "nowhere"), {}), false);
  await assert.rejects(readFile(join(dir, "nowhere")));
});

test("text is kept as it is, and a key that is not there is undefined", async () => {
  await storage.putText("text", "olá, ação", "text/plain; charset=utf-8");
  assert.equal(await storage.getText("text"), "olá, ação");
  await storage.removeBelow("text");
  assert.equal(await storage.getText("text"), undefined);
});

test("a presigned URL opens the object with its content type, and nothing else does", async () => {
  await givenFile("in", 1000);
  await storage.uploadFrom("result.mp4", join(dir, "in"), "video/mp4", {});
  const url = await storage.urlOf("result.mp4", 60);
  const answer = await fetch(url);
  assert.equal(answer.status, 200);
  assert.equal(answer.headers.get("content-type"), "video/mp4");
  assert.equal((await fetch(url.replace(/X-Amz-Signature=../, "X-Amz-Signature=00"))).status, 403);
  assert.equal((await fetch(url.split("?")[0] ?? "")).status, 403);
  assert.equal(storage.isPublic, false);
});

test("where the bucket is public, the URL is below its address", async () => {
  const open = openStorage({ ...server, endpoint: server.url, bucket: testBucket, publicUrl: "https://r2.viralclip.io/" });
  assert.equal(await open.urlOf("jobs/a/b.mp4", 60), "https://r2.viralclip.io/jobs/a/b.mp4");
  assert.equal(open.isPublic, true);
});

test("an upload that is aborted leaves nothing behind", async () => {
  await givenFile("in", 20 * megabytes);
  const abort = new AbortController();
  const uploading = storage.uploadFrom("aborted", join(dir, "in"), "video/mp4", { signal: abort.signal });
  abort.abort(new Error("cancelled"));
  await assert.rejects(uploading, /cancelled/);
  assert.equal(await storage.sizeOf("aborted"), undefined);
});

test("a file that the store first refuses is sent again, whole", async () => {
  const bytes = await givenFile("in", 2 * megabytes);
  await server.fail({ status: 503, times: 2 });
  await storage.uploadFrom("refused", join(dir, "in"), "video/mp4", {});
  await storage.downloadTo("refused", join(dir, "out"), {});
  assert.equal(hash(await readFile(join(dir, "out"))), hash(bytes));
});

test("a store that is away is one declared error, which is worth another try", async () => {
  await server.fail({ status: 503 });
  try {
    const declared = (error: unknown) => error instanceof DeclaredError && error.code === "store_unavailable";
    await assert.rejects(storage.putText("text", "x", "text/plain"), declared);
    await assert.rejects(storage.getText("text"), declared);
    await assert.rejects(storage.downloadTo("text", join(dir, "out"), {}), declared);
  } finally {
    await server.heal();
  }
  await storage.putText("text", "x", "text/plain");
});

async function givenFile(name: string, size: number): Promise<Buffer> {
  const bytes = randomBytes(size);
  await writeFile(join(dir, name), bytes);
  return bytes;
}

const hash = (bytes: Buffer) => createHash("sha256").update(bytes).digest("hex");
