import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import * as S3 from "@aws-sdk/client-s3";
import { getSignedUrl } from "@aws-sdk/s3-request-presigner";
import { Bucket, clientOptions, credentials, errorName, type Fixture, openFixture, textOf } from "./fixture.ts";

let store: Fixture;
before(async () => {
  store = await openFixture();
});
after(() => store.close());

test("a signed GET may say how the file is to be saved; tampered, added to, unsigned or expired it is refused", async () => {
  await store.put("signed", "content");
  const ResponseContentDisposition = 'attachment; filename="x.mp4"';
  const get = new S3.GetObjectCommand({ Bucket, Key: "signed", ResponseContentDisposition });
  const url = await getSignedUrl(store.s3, get, { expiresIn: 60 });
  const answer = await fetch(url);
  assert.deepEqual([answer.headers.get("content-disposition"), await answer.text()], [ResponseContentDisposition, "content"]);
  assert.equal((await fetch(url.replace(/Signature=../, "Signature=00"))).status, 403);
  assert.equal((await fetch(url.replace("x.mp4", "y.mp4"))).status, 403);
  assert.equal((await fetch(url, { headers: { "x-amz-meta-added": "later" } })).status, 403);
  assert.equal((await fetch(url, { method: "PUT", body: "mine" })).status, 403);
  assert.equal((await fetch(url.split("?")[0] ?? "")).status, 403);

  const short = await getSignedUrl(store.s3, get, { expiresIn: 1 });
  await sleep(2100);
  const expired = await fetch(short);
  assert.deepEqual([expired.status, /Request has expired/.test(await expired.text())], [403, true]);
});

test("a URL is good for a week at most", async () => {
  const url = await getSignedUrl(store.s3, new S3.GetObjectCommand({ Bucket, Key: "signed" }), { expiresIn: 60 });
  assert.equal((await fetch(url.replace("X-Amz-Expires=60", "X-Amz-Expires=604801"))).status, 400);
});

test("a wrong secret, key id or region and a clock that is off are each told apart", async () => {
  const nameFor = async (wrong: Partial<S3.S3ClientConfig>) => {
    const client = new S3.S3Client({ ...clientOptions(store.server.url), maxAttempts: 1, ...wrong });
    const name = await errorName(client.send(new S3.ListObjectsV2Command({ Bucket })));
    client.destroy();
    return name;
  };
  assert.equal(await nameFor({ credentials: { ...credentials, secretAccessKey: "wrong" } }), "SignatureDoesNotMatch");
  assert.equal(await nameFor({ credentials: { ...credentials, accessKeyId: "wrong" } }), "InvalidAccessKeyId");
  assert.equal(await nameFor({ region: "eu-central-1" }), "SignatureDoesNotMatch");
  assert.equal(await nameFor({ systemClockOffset: -20 * 60 * 1000 }), "RequestTimeTooSkewed");
});

test("a signed PUT stores; signed with the SDK's default checksum, it is refused as R2 refuses it", async () => {
  const command = new S3.PutObjectCommand({ Bucket, Key: "put", ContentType: "text/plain", Metadata: { job: "7" } });
  const send = (to: string) => fetch(to, { method: "PUT", body: "put body", headers: { "content-type": "text/plain" } });
  assert.equal((await send(await getSignedUrl(store.r2, command, { expiresIn: 60 }))).status, 200);
  const got = await store.s3.send(new S3.GetObjectCommand({ Bucket, Key: "put" }));
  assert.deepEqual([await textOf(got), got.ContentType, got.Metadata], ["put body", "text/plain", { job: "7" }]);

  // The SDK puts the checksum of an empty body into the URL.
  const command2 = new S3.PutObjectCommand({ Bucket, Key: "put2" });
  const refused = await send(await getSignedUrl(store.s3, command2, { expiresIn: 60 }));
  assert.deepEqual([refused.status, /BadDigest/.test(await refused.text())], [400, true]);
});
