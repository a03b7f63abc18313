import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { S3Client } from "@aws-sdk/client-s3";
import { s3ForTest, testBucket } from "@viralclaw/embedded/testing";
import { removal } from "./removal.ts";
import { openStorage, type Storage } from "./storage.ts";

let server: Awaited<ReturnType<typeof s3ForTest>>;
let storage: Storage;
before(async () => {
  server = await s3ForTest();
  storage = openStorage({ ...server, endpoint: server.url, bucket: testBucket });
});
after(async () => {
  storage.close();
  await server.stop();
});

const put = (...keys: string[]) => Promise.all(keys.map((key) => storage.putText(key, "12345", "text/plain")));

test("folders and objects are listed page by page, each once, and whatever follows a folder is not lost", async () => {
  const client = new S3Client({ endpoint: server.url, region: "auto", forcePathStyle: true, credentials: server });
  const paged = removal(client, testBucket, 3);
  const folders = ["1", "10", "2", "3", "30"].map((name) => `pages/${name}/`);
  await put(
    ...folders.map((folder) => `${folder}a`),
    "pages/1/b",
    ...["1-a", "1-b", "1-c", "1-d", "10-a"].map((name) => `pages/${name}`),
  );

  assert.deepEqual(
    await everyPage(
      (after) => paged.listFolders("pages/", after),
      ({ folders }) => folders,
    ),
    folders,
  );
  const keys = await everyPage(
    (after) => paged.list("pages/", after),
    ({ objects }) => objects.map(({ key }) => key),
  );
  assert.deepEqual(keys, [...new Set(keys)].sort());
  assert.equal(keys.length, 11);
  assert.deepEqual(await paged.removeBelow("pages/"), { objects: 11, bytes: 55 });
  client.destroy();
});

test("what is removed is below the prefix, old enough and not to be kept; so is what was begun there", async () => {
  await put("a/1/x", "a/1/y", "a/10/x", "a/1");
  const begun = await Promise.all(["a/1/z", "a/10/z"].map((key) => storage.beginParts(key, "video/mp4")));
  const anHourAgo = new Date(Date.now() - 3_600_000);

  assert.deepEqual(await storage.removeBelow("a/1/", { before: anHourAgo }), { objects: 0, bytes: 0 });
  assert.deepEqual(await storage.partsOf("a/1/z", begun[0] ?? ""), []);

  assert.deepEqual(await storage.removeBelow("a/1/", { keep: (key) => key.endsWith("y") }), { objects: 1, bytes: 5 });
  assert.equal(await storage.partsOf("a/1/z", begun[0] ?? ""), undefined);
  assert.deepEqual(await storage.partsOf("a/10/z", begun[1] ?? ""), []);
  assert.deepEqual(
    (await storage.list("a/")).objects.map(({ key }) => key),
    ["a/1", "a/1/y", "a/10/x"],
  );
});

/** All that a listing has, page by page. */
async function everyPage<P extends { next?: string }>(ask: (after?: string) => Promise<P>, read: (page: P) => string[]) {
  const all: string[] = [];
  let after: string | undefined;
  do {
    const page = await ask(after);
    all.push(...read(page));
    after = page.next;
  } while (after);
  return all;
}
