import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import * as S3 from "@aws-sdk/client-s3";
import { Bucket, bytesOf, clientOptions, credentials, errorName, MiB, md5, openFixture, statusOf } from "./fixture.ts";
import { startS3Process } from "./process.ts";
import { startS3 } from "./server.ts";

test("a fault is made, for some requests or a number of them, and healed", async () => {
  const { server, r2, put, close } = await openFixture();
  await put("faulty/a", "x");
  await put("sound", "x");
  const read = (Key: string) => statusOf(r2.send(new S3.GetObjectCommand({ Bucket, Key })));

  await server.fail({ status: 503, keyPrefix: "faulty/" });
  assert.deepEqual([await read("faulty/a"), await read("sound")], [503, 200]);
  const large = new S3.PutObjectCommand({ Bucket, Key: "faulty/b", Body: Buffer.alloc(20 * MiB) });
  assert.equal(await statusOf(r2.send(large)), 503, "a body that nobody reads does not keep the answer from the client");

  await server.fail({ status: 500, methods: ["PUT"], times: 1 });
  assert.equal(await read("sound"), 200);
  assert.equal(await statusOf(r2.send(new S3.PutObjectCommand({ Bucket, Key: "x", Body: "x" }))), 500);
  assert.equal(await statusOf(r2.send(new S3.PutObjectCommand({ Bucket, Key: "x", Body: "x" }))), 200);

  await server.fail({ cut: true });
  assert.equal(await read("sound"), undefined);
  await server.fail({ delayMs: 100 });
  const begin = performance.now();
  assert.equal(await read("sound"), 200);
  assert.ok(performance.now() - begin >= 99);
  await server.fail({ held: true, keyPrefix: "faulty/" });
  const held = read("faulty/a");
  assert.equal(await read("sound"), 200);
  while ((await server.met()) === 0) await sleep(5);
  await server.heal();
  assert.deepEqual([await held, await read("faulty/a"), await read("sound")], [200, 200, 200]);
  await close();
});

test("objects, open uploads and settings outlive a restart; what a killed process left half done is cleared away", async () => {
  const { dir, server, s3, put, close } = await openFixture();
  await put("kept", "first");
  await put("kept", "second");
  const { UploadId } = await s3.send(new S3.CreateMultipartUploadCommand({ Bucket, Key: "parts", ContentType: "video/mp4" }));
  const { ETag } = await s3.send(new S3.UploadPartCommand({ Bucket, Key: "parts", UploadId, PartNumber: 1, Body: "part" }));
  await server.stop();
  writeFileSync(join(dir, "buckets", Bucket, "orphan.bytes"), "written, never named");
  writeFileSync(join(dir, "temp", "half"), "half a body");

  const again = await startS3({ dir, ...credentials });
  const client = new S3.S3Client(clientOptions(again.url));
  assert.equal(String(await bytesOf(await client.send(new S3.GetObjectCommand({ Bucket, Key: "kept" })))), "second");
  const MultipartUpload = { Parts: [{ PartNumber: 1, ETag }] };
  await client.send(new S3.CompleteMultipartUploadCommand({ Bucket, Key: "parts", UploadId, MultipartUpload }));
  const joined = await client.send(new S3.GetObjectCommand({ Bucket, Key: "parts" }));
  assert.deepEqual([String(await bytesOf(joined)), joined.ContentType], ["part", "video/mp4"]);
  const left = readdirSync(join(dir, "buckets", Bucket)).filter((file) => file.endsWith(".bytes"));
  assert.equal(left.length, 2, "the bytes of the two objects, and no others");
  assert.deepEqual(readdirSync(join(dir, "temp")), []);
  client.destroy();
  await again.stop();
  await close();
});

test("an object being read stays whole while it is replaced and deleted", async () => {
  const { s3, close } = await openFixture();
  const before = Buffer.alloc(8 * MiB, "before");
  await s3.send(new S3.PutObjectCommand({ Bucket, Key: "read", Body: before }));
  const reading = await s3.send(new S3.GetObjectCommand({ Bucket, Key: "read" }));
  await s3.send(new S3.PutObjectCommand({ Bucket, Key: "read", Body: Buffer.alloc(8 * MiB, "after") }));
  await s3.send(new S3.DeleteObjectCommand({ Bucket, Key: "read" }));
  assert.equal(md5(await bytesOf(reading)), md5(before));
  await close();
});

test("public reading is off unless asked for, and then reads objects only", async () => {
  const closed = await openFixture();
  await closed.put("a b", "public");
  assert.equal((await fetch(`${closed.server.url}/${Bucket}/a%20b`)).status, 403);
  await closed.close();

  const open = await openFixture({ publicRead: true });
  await open.put("a b", "public");
  const answer = await fetch(`${open.server.url}/${Bucket}/a%20b`, { headers: { range: "bytes=0-2" } });
  assert.deepEqual([answer.status, await answer.text()], [206, "pub"]);
  assert.equal((await fetch(`${open.server.url}/${Bucket}/a%20b`, { method: "HEAD" })).status, 200);
  assert.equal((await fetch(`${open.server.url}/${Bucket}/nope`)).status, 404);
  for (const [path, method] of [
    ["", "GET"],
    ["/a%20b", "DELETE"],
    ["/a%20b", "PUT"],
  ] as const) {
    assert.equal((await fetch(`${open.server.url}/${Bucket}${path}`, { method })).status, 403, `${method} ${path}`);
  }
  const badlySigned = `${open.server.url}/${Bucket}/a%20b?X-Amz-Signature=00`;
  assert.notEqual((await fetch(badlySigned)).status, 200, "what claims to be signed must be signed well");
  await open.close();
});

test("as a process of its own it serves, fails on demand, restarts with its objects, and its folder is its own", async () => {
  const dir = mkdtempSync(join(tmpdir(), "viralclaw-s3-"));
  const options = { dir, buckets: [Bucket], ...credentials };
  const first = await startS3Process(options);
  const client = new S3.S3Client({ ...clientOptions(first.url), maxAttempts: 1 });
  await client.send(new S3.PutObjectCommand({ Bucket, Key: "kept", Body: "bytes" }));
  await first.fail({ status: 503 });
  assert.equal(await statusOf(client.send(new S3.HeadObjectCommand({ Bucket, Key: "kept" }))), 503);
  await first.heal();
  assert.equal(await errorName(client.send(new S3.HeadObjectCommand({ Bucket, Key: "kept" }))), "no error");
  await assert.rejects(startS3Process(options), new RegExp(`process ${first.pid}`));
  client.destroy();

  process.kill(first.pid, "SIGKILL");
  await first.exited;
  const second = await startS3Process({ ...options, port: first.port });
  const again = new S3.S3Client(clientOptions(second.url));
  assert.equal(String(await bytesOf(await again.send(new S3.GetObjectCommand({ Bucket, Key: "kept" })))), "bytes");
  again.destroy();
  await second.stop();
  rmSync(dir, { recursive: true });
});

test("as a program it takes its folder from the command line and its keys from the environment", async () => {
  const dir = mkdtempSync(join(tmpdir(), "viralclaw-s3-"));
  const env = { ...process.env, S3_ACCESS_KEY_ID: "key", S3_SECRET_ACCESS_KEY: "secret" };
  const child = spawn(process.execPath, [join(import.meta.dirname, "main.ts"), "--dir", dir, "--bucket", Bucket], { env });
  const [line] = await once(child.stdout, "data");
  const client = new S3.S3Client(clientOptions(String(line).trim()));
  await client.send(new S3.HeadBucketCommand({ Bucket }));
  client.destroy();
  assert.equal(readFileSync(join(dir, "s3.pid"), "utf8").split(" ")[0], String(child.pid));
  child.kill("SIGTERM");
  assert.deepEqual(await once(child, "exit"), [0, null]);
  rmSync(dir, { recursive: true });
});
