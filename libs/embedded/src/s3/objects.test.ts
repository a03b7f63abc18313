import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { readdirSync } from "node:fs";
import { request as httpRequest } from "node:http";
import { join } from "node:path";
import { Readable } from "node:stream";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import * as S3 from "@aws-sdk/client-s3";
import { getSignedUrl } from "@aws-sdk/s3-request-presigner";
import { Bucket, bytesOf, errorName, type Fixture, md5, openFixture, statusOf, textOf } from "./fixture.ts";

let store: Fixture;
before(async () => {
  store = await openFixture();
});
after(() => store.close());

test("a string comes back as it went, with its headers and under a key of any characters", async () => {
  const Key = "a/b c+ü&<é>.txt";
  const described = { ContentType: "text/plain", Metadata: { job: "42" }, CacheControl: "max-age=60" };
  const put = await store.s3.send(new S3.PutObjectCommand({ Bucket, Key, Body: "hello", ...described }));
  assert.equal(put.ETag, `"${md5("hello")}"`);
  assert.ok(put.ChecksumCRC32);
  const got = await store.s3.send(new S3.GetObjectCommand({ Bucket, Key }));
  assert.equal(await textOf(got), "hello");
  const { ContentType, Metadata, CacheControl, ChecksumCRC32 } = got;
  assert.deepEqual({ ContentType, Metadata, CacheControl }, described);
  assert.equal(ChecksumCRC32, put.ChecksumCRC32);
});

test("a stream (aws-chunked, its checksum trailing) is stored without its framing", async () => {
  const bytes = randomBytes(140_000);
  const Body = Readable.from([bytes.subarray(0, 70_000), bytes.subarray(70_000)]);
  const given = { ContentLength: bytes.length, ContentEncoding: "gzip" };
  await store.s3.send(new S3.PutObjectCommand({ Bucket, Key: "stream", Body, ...given }));
  const got = await store.s3.send(new S3.GetObjectCommand({ Bucket, Key: "stream" }));
  assert.equal(got.ContentEncoding, "gzip");
  assert.equal(md5(await bytesOf(got)), md5(bytes));
});

test("an empty object is an object", async () => {
  await store.put("empty", "");
  const got = await store.s3.send(new S3.GetObjectCommand({ Bucket, Key: "empty" }));
  assert.deepEqual([got.ContentLength, await textOf(got)], [0, ""]);
});

for (const ChecksumAlgorithm of ["CRC32", "CRC32C", "SHA1", "SHA256"] as const) {
  test(`a ${ChecksumAlgorithm} checksum is checked, kept and given back`, async () => {
    const field = `Checksum${ChecksumAlgorithm}` as const;
    await store.s3.send(new S3.PutObjectCommand({ Bucket, Key: "sum", Body: "zzz", ChecksumAlgorithm }));
    const head = await store.s3.send(new S3.HeadObjectCommand({ Bucket, Key: "sum", ChecksumMode: "ENABLED" }));
    assert.ok(head[field]);
    const wrong = { Bucket, Key: "wrong", Body: "zzz", [field]: Buffer.alloc(4).toString("base64") };
    assert.equal(await errorName(store.s3.send(new S3.PutObjectCommand(wrong))), "BadDigest");
    assert.equal(await errorName(store.s3.send(new S3.HeadObjectCommand({ Bucket, Key: "wrong" }))), "NotFound");
  });
}

test("a wrong Content-MD5 is refused", async () => {
  const wrong = { Bucket, Key: "wrong", Body: "zzz", ContentMD5: Buffer.alloc(16).toString("base64") };
  assert.equal(await errorName(store.r2.send(new S3.PutObjectCommand(wrong))), "BadDigest");
});

test("what is not there has its name: object, bucket", async () => {
  const read = (bucket: string) => errorName(store.s3.send(new S3.GetObjectCommand({ Bucket: bucket, Key: "nope" })));
  assert.equal(await errorName(store.s3.send(new S3.HeadObjectCommand({ Bucket, Key: "nope" }))), "NotFound");
  assert.equal(await read(Bucket), "NoSuchKey");
  assert.equal(await read("nope"), "NoSuchBucket");
});

test("listing: prefix, delimiter and pages", async () => {
  const keys = ["l/1", "l/2", "l/a/1", "l/a/2", "l/b/1", "l/z"];
  for (const key of keys) await store.put(key, "x");
  const rolled = await store.s3.send(new S3.ListObjectsV2Command({ Bucket, Prefix: "l/", Delimiter: "/" }));
  assert.deepEqual(
    rolled.Contents?.map((object) => object.Key),
    ["l/1", "l/2", "l/z"],
  );
  assert.deepEqual(
    rolled.CommonPrefixes?.map((common) => common.Prefix),
    ["l/a/", "l/b/"],
  );
  for (const query of [{}, { Delimiter: "/" }]) {
    const listed: (string | undefined)[] = [];
    for await (const page of S3.paginateListObjectsV2({ client: store.s3, pageSize: 2 }, { Bucket, Prefix: "l/", ...query })) {
      assert.ok((page.KeyCount ?? 0) <= 2);
      listed.push(...(page.Contents ?? []).map((object) => object.Key));
      listed.push(...(page.CommonPrefixes ?? []).map((common) => common.Prefix));
    }
    assert.deepEqual(listed.sort(), "Delimiter" in query ? ["l/1", "l/2", "l/a/", "l/b/", "l/z"] : keys);
  }
});

test("conditions: write only if new, write and read only if the same", async () => {
  const put = (Body: string, condition: object) =>
    errorName(store.s3.send(new S3.PutObjectCommand({ Bucket, Key: "once", Body, ...condition })));
  const get = (condition: object) => statusOf(store.s3.send(new S3.GetObjectCommand({ Bucket, Key: "once", ...condition })));
  const [first, second] = [`"${md5("first")}"`, `"${md5("second")}"`];
  assert.equal(await put("first", { IfNoneMatch: "*" }), "no error");
  assert.equal(await put("second", { IfNoneMatch: "*" }), "PreconditionFailed");
  assert.equal(await put("second", { IfMatch: '"0"' }), "PreconditionFailed");
  assert.equal(await put("second", { IfMatch: first }), "no error");
  assert.deepEqual([await get({ IfMatch: first }), await get({ IfMatch: second })], [412, 200]);
  assert.deepEqual([await get({ IfNoneMatch: first }), await get({ IfNoneMatch: second })], [200, 304]);
});

test("of many writers of one new key, one wins", async () => {
  const write = (_: unknown, index: number) => {
    const Body = `writer ${index}`.repeat(10_000);
    return errorName(store.s3.send(new S3.PutObjectCommand({ Bucket, Key: "race", Body, IfNoneMatch: "*" })));
  };
  const names = await Promise.all(Array.from({ length: 8 }, write));
  assert.equal(names.filter((name) => name === "no error").length, 1);
});

test("an object is copied, with its headers or with new ones", async () => {
  const described = { ContentType: "text/plain", Metadata: { job: "1" } };
  await store.s3.send(new S3.PutObjectCommand({ Bucket, Key: "origin", Body: "copied", ...described }));
  const from = { Bucket, CopySource: `${Bucket}/origin` };
  await store.s3.send(new S3.CopyObjectCommand({ ...from, Key: "copy" }));
  await store.s3.send(
    new S3.CopyObjectCommand({ ...from, Key: "renamed", MetadataDirective: "REPLACE", Metadata: { job: "2" } }),
  );
  await store.s3.send(new S3.DeleteObjectCommand({ Bucket, Key: "origin" }));
  const copy = await store.s3.send(new S3.GetObjectCommand({ Bucket, Key: "copy" }));
  assert.deepEqual([await textOf(copy), copy.ContentType, copy.Metadata], ["copied", "text/plain", { job: "1" }]);
  const renamed = await store.s3.send(new S3.HeadObjectCommand({ Bucket, Key: "renamed" }));
  assert.deepEqual(renamed.Metadata, { job: "2" });
});

test("deleting one and many; what is not there counts as deleted", async () => {
  await store.put("doomed", "x");
  await store.put("doomed too", "x");
  await store.s3.send(new S3.DeleteObjectCommand({ Bucket, Key: "doomed" }));
  const Delete = { Objects: [{ Key: "doomed too" }, { Key: "nope" }] };
  const many = await store.s3.send(new S3.DeleteObjectsCommand({ Bucket, Delete }));
  assert.equal(many.Deleted?.length, 2);
  for (const Key of ["doomed", "doomed too"]) {
    assert.equal(await errorName(store.s3.send(new S3.HeadObjectCommand({ Bucket, Key }))), "NotFound");
  }
});

test("what is not done is refused, not mistaken for something else", async () => {
  await store.put("tagged", "content");
  const Tagging = { TagSet: [{ Key: "a", Value: "b" }] };
  const tag = new S3.PutObjectTaggingCommand({ Bucket, Key: "tagged", Tagging });
  assert.equal(await errorName(store.s3.send(tag)), "NotImplemented");
  assert.equal(await textOf(await store.s3.send(new S3.GetObjectCommand({ Bucket, Key: "tagged" }))), "content");
});

test("a body without a length is refused, and a body cut short leaves nothing behind", async () => {
  const url = await getSignedUrl(store.r2, new S3.PutObjectCommand({ Bucket, Key: "cut" }), { expiresIn: 60 });
  const body = Readable.toWeb(Readable.from(["a", "b"])) as ReadableStream;
  assert.equal((await fetch(url, { method: "PUT", body, duplex: "half" })).status, 411);

  const { promise, resolve } = Promise.withResolvers<void>();
  const half = httpRequest(url, { method: "PUT", headers: { "content-length": 1000 } });
  half.once("error", () => resolve());
  half.write("half", () => setTimeout(() => half.destroy(), 50));
  await promise;
  await sleep(50);
  assert.equal(await errorName(store.s3.send(new S3.HeadObjectCommand({ Bucket, Key: "cut" }))), "NotFound");
  assert.deepEqual(readdirSync(join(store.dir, "temp")), []);
});
