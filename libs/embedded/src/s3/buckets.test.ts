import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import * as S3 from "@aws-sdk/client-s3";
import { getSignedUrl } from "@aws-sdk/s3-request-presigner";
import { Bucket, errorName, type Fixture, openFixture } from "./fixture.ts";

let store: Fixture;
before(async () => {
  store = await openFixture();
});
after(() => store.close());

test("a bucket is made once, found, and deleted when empty", async () => {
  const name = (command: S3.CreateBucketCommand | S3.DeleteBucketCommand) => errorName(store.s3.send(command));
  await store.put("in it", "x");
  assert.equal(await name(new S3.CreateBucketCommand({ Bucket: "other" })), "no error");
  assert.equal(await name(new S3.CreateBucketCommand({ Bucket: "other" })), "BucketAlreadyOwnedByYou");
  assert.equal(await name(new S3.CreateBucketCommand({ Bucket: "No" })), "InvalidBucketName");
  await store.s3.send(new S3.HeadBucketCommand({ Bucket: "other" }));
  const { Buckets } = await store.s3.send(new S3.ListBucketsCommand({}));
  assert.deepEqual(
    Buckets?.map((bucket) => bucket.Name),
    [Bucket, "other"],
  );
  assert.equal(await name(new S3.DeleteBucketCommand({ Bucket })), "BucketNotEmpty");
  assert.equal(await name(new S3.DeleteBucketCommand({ Bucket: "other" })), "no error");
  assert.equal(await errorName(store.s3.send(new S3.HeadBucketCommand({ Bucket: "other" }))), "NotFound");
});

test("lifecycle rules are kept as they were set", async () => {
  const Rules: S3.LifecycleRule[] = [{ ID: "x", Status: "Enabled", Filter: { Prefix: "tmp/" }, Expiration: { Days: 1 } }];
  await store.s3.send(new S3.PutBucketLifecycleConfigurationCommand({ Bucket, LifecycleConfiguration: { Rules } }));
  const get = new S3.GetBucketLifecycleConfigurationCommand({ Bucket });
  assert.equal((await store.s3.send(get)).Rules?.[0]?.Expiration?.Days, 1);
  await store.s3.send(new S3.DeleteBucketLifecycleCommand({ Bucket }));
  assert.equal(await errorName(store.s3.send(get)), "NoSuchLifecycleConfiguration");
});

test("CORS: a preflight and a read, from an allowed page and from another", async () => {
  const origin = "http://localhost:3000";
  const rule = { AllowedMethods: ["GET", "PUT"], AllowedOrigins: ["http://localhost:*"], AllowedHeaders: ["*"] };
  const CORSConfiguration = { CORSRules: [{ ...rule, ExposeHeaders: ["ETag"] }] };
  await store.s3.send(new S3.PutBucketCorsCommand({ Bucket, CORSConfiguration }));
  const ask = (from: string, method: string) =>
    fetch(`${store.server.url}/${Bucket}/x`, {
      method: "OPTIONS",
      headers: { origin: from, "access-control-request-method": method, "access-control-request-headers": "content-type" },
    });
  const allowed = await ask(origin, "PUT");
  assert.deepEqual([allowed.status, allowed.headers.get("access-control-allow-origin")], [200, origin]);
  assert.equal(allowed.headers.get("access-control-allow-headers"), "content-type");
  assert.equal((await ask(origin, "DELETE")).status, 403);
  assert.equal((await ask("http://elsewhere", "PUT")).status, 403);

  await store.put("cors", "x");
  const url = await getSignedUrl(store.s3, new S3.GetObjectCommand({ Bucket, Key: "cors" }));
  assert.equal((await fetch(url, { headers: { origin } })).headers.get("access-control-expose-headers"), "ETag");
  assert.equal((await fetch(url, { headers: { origin: "http://elsewhere" } })).headers.get("access-control-allow-origin"), null);
});
