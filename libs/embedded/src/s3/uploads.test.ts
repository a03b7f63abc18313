import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { Readable } from "node:stream";
import { after, before, test } from "node:test";
import * as S3 from "@aws-sdk/client-s3";
import { Upload } from "@aws-sdk/lib-storage";
import { getSignedUrl } from "@aws-sdk/s3-request-presigner";
import { Bucket, bytesOf, errorName, type Fixture, MiB, md5, openFixture } from "./fixture.ts";

let store: Fixture;
before(async () => {
  store = await openFixture();
});
after(() => store.close());

test("50 MB in parts, from a stream of unknown length, read whole and by range", async () => {
  const bytes = randomBytes(50 * MiB);
  const params = { Bucket, Key: "big", Body: Readable.from(pieces(bytes, 64 * 1024)), ContentType: "video/mp4" };
  const done = await new Upload({ client: store.s3, params, partSize: 8 * MiB, queueSize: 4 }).done();
  assert.match(done.ETag ?? "", /^"[0-9a-f]{32}-7"$/);

  const whole = await store.s3.send(new S3.GetObjectCommand({ Bucket, Key: "big" }));
  assert.equal(whole.ContentType, "video/mp4");
  assert.equal(md5(await bytesOf(whole)), md5(bytes));
  const part = await store.s3.send(new S3.GetObjectCommand({ Bucket, Key: "big", Range: "bytes=1000000-1000099" }));
  assert.deepEqual([part.$metadata.httpStatusCode, part.ContentRange], [206, `bytes 1000000-1000099/${bytes.length}`]);
  assert.deepEqual(await bytesOf(part), bytes.subarray(1_000_000, 1_000_100));

  const url = await getSignedUrl(store.s3, new S3.GetObjectCommand({ Bucket, Key: "big" }), { expiresIn: 60 });
  const ranged = async (range: string) => Buffer.from(await (await fetch(url, { headers: { range } })).arrayBuffer());
  assert.deepEqual(await ranged("bytes=500-1499"), bytes.subarray(500, 1500));
  assert.deepEqual(await ranged("bytes=-500"), bytes.subarray(-500));
  assert.deepEqual(await ranged("bytes=52428000-"), bytes.subarray(52_428_000));
  const beyond = await fetch(url, { headers: { range: `bytes=${bytes.length}-` } });
  assert.deepEqual([beyond.status, beyond.headers.get("content-range")], [416, `bytes */${bytes.length}`]);
});

test("signed part URLs make a multipart upload", async () => {
  const Key = "parts";
  const { UploadId } = await store.s3.send(new S3.CreateMultipartUploadCommand({ Bucket, Key }));
  const bytes = randomBytes(5 * MiB + 1000);
  const Parts: S3.CompletedPart[] = [];
  for (const [index, body] of [bytes.subarray(0, 5 * MiB), bytes.subarray(5 * MiB)].entries()) {
    const command = new S3.UploadPartCommand({ Bucket, Key, UploadId, PartNumber: index + 1 });
    const answer = await fetch(await getSignedUrl(store.r2, command, { expiresIn: 60 }), { method: "PUT", body });
    Parts.push({ PartNumber: index + 1, ETag: answer.headers.get("etag") ?? "" });
  }
  const listed = await store.s3.send(new S3.ListPartsCommand({ Bucket, Key, UploadId }));
  assert.deepEqual(
    listed.Parts?.map((part) => part.Size),
    [5 * MiB, 1000],
  );
  await store.s3.send(new S3.CompleteMultipartUploadCommand({ Bucket, Key, UploadId, MultipartUpload: { Parts } }));
  assert.equal(md5(await bytesOf(await store.s3.send(new S3.GetObjectCommand({ Bucket, Key })))), md5(bytes));
});

test("parts that R2 would refuse are refused: too small, uneven, out of order, never sent", async () => {
  assert.equal(await complete({ sizes: [1000, 1000], numbers: [1, 2] }), "EntityTooSmall");
  assert.equal(await complete({ sizes: [5 * MiB, 6 * MiB, 1000], numbers: [1, 2, 3] }), "InvalidPart");
  assert.equal(await complete({ sizes: [5 * MiB, 5 * MiB], numbers: [2, 1] }), "InvalidPartOrder");
  assert.equal(await complete({ sizes: [5 * MiB], numbers: [1, 2] }), "InvalidPart");
});

test("an upload that is completed several times at once is completed once; the others are told that it is there no more", async () => {
  const Key = "often";
  const { UploadId } = await store.s3.send(new S3.CreateMultipartUploadCommand({ Bucket, Key }));
  const sizes = [5 * MiB, 5 * MiB, 1000];
  const Parts = await Promise.all(
    sizes.map(async (size, index) => {
      const part = new S3.UploadPartCommand({ Bucket, Key, UploadId, PartNumber: index + 1, Body: randomBytes(size) });
      return { PartNumber: index + 1, ETag: (await store.r2.send(part)).ETag };
    }),
  );
  const complete = () =>
    errorName(store.r2.send(new S3.CompleteMultipartUploadCommand({ Bucket, Key, UploadId, MultipartUpload: { Parts } })));
  const outcomes = await Promise.all(Array.from({ length: 6 }, complete));
  assert.deepEqual(
    outcomes.filter((name) => name !== "NoSuchUpload"),
    ["no error"],
  );
  const { ContentLength } = await store.s3.send(new S3.HeadObjectCommand({ Bucket, Key }));
  assert.equal(ContentLength, 10 * MiB + 1000);
});

test("an aborted upload is listed before, and gone after", async () => {
  const Key = "aborted";
  const { UploadId } = await store.s3.send(new S3.CreateMultipartUploadCommand({ Bucket, Key }));
  const listed = await store.s3.send(new S3.ListMultipartUploadsCommand({ Bucket }));
  assert.deepEqual(
    listed.Uploads?.map((upload) => [upload.Key, upload.UploadId]),
    [[Key, UploadId]],
  );
  const elsewhere = await store.s3.send(new S3.ListMultipartUploadsCommand({ Bucket, Prefix: "kept/" }));
  assert.equal(elsewhere.Uploads, undefined);
  await store.s3.send(new S3.AbortMultipartUploadCommand({ Bucket, Key, UploadId }));
  assert.equal((await store.s3.send(new S3.ListMultipartUploadsCommand({ Bucket }))).Uploads, undefined);
  assert.equal(await errorName(store.s3.send(new S3.ListPartsCommand({ Bucket, Key, UploadId }))), "NoSuchUpload");
});

/** Uploads parts of these sizes, asks to join those of these numbers, and answers the error's name. */
async function complete({ sizes, numbers }: { sizes: number[]; numbers: number[] }): Promise<string> {
  const Key = "bad";
  const { UploadId } = await store.s3.send(new S3.CreateMultipartUploadCommand({ Bucket, Key }));
  const etags: (string | undefined)[] = [];
  for (const [index, size] of sizes.entries()) {
    const part = new S3.UploadPartCommand({ Bucket, Key, UploadId, PartNumber: index + 1, Body: Buffer.alloc(size) });
    etags.push((await store.s3.send(part)).ETag);
  }
  const Parts = numbers.map((PartNumber) => ({ PartNumber, ETag: etags[PartNumber - 1] ?? '"0"' }));
  const command = new S3.CompleteMultipartUploadCommand({ Bucket, Key, UploadId, MultipartUpload: { Parts } });
  const name = await errorName(store.s3.send(command));
  await store.s3.send(new S3.AbortMultipartUploadCommand({ Bucket, Key, UploadId }));
  return name;
}

function* pieces(bytes: Buffer, size: number): Generator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}
