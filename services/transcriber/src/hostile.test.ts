import assert from "node:assert/strict";
import { mkdir, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { after, before, describe, it } from "node:test";
import { DeclaredError, type ErrorCode, explain } from "@viralclaw/contracts/errors";
import { IngestResult } from "@viralclaw/contracts/facts";
import { limits } from "@viralclaw/contracts/limits";
import type { Given } from "@viralclaw/contracts/pipeline";
import { s3ForTest, testBucket } from "@viralclaw/embedded/testing";
import { parseCidrs } from "@viralclaw/media/guard";
import { cheaply } from "@viralclaw/media/hostile/appetite";
import { baseClip, type Kind } from "@viralclaw/media/hostile/base";
import { startCanary } from "@viralclaw/media/hostile/canary";
import { flipped, noise, truncations } from "@viralclaw/media/hostile/damage";
import { hostileFiles } from "@viralclaw/media/hostile/files";
import { openStorage, type Storage } from "@viralclaw/storage/storage";
import { type Folder, requested, serveFiles, stageContext, tempFolder } from "./fixture.ts";
import { ingest } from "./ingest.ts";
import { extractSpeech, speechRateHz } from "./speech.ts";

/** What strangers may send: each ends in an error that is declared, or is a video after all whose sound can be had. */

const { signal } = new AbortController();
/** Each test waits for ffprobe most of the time. */
const sideBySide = { concurrency: 3 };

let folder: Folder;
let s3: Awaited<ReturnType<typeof s3ForTest>>;
let storage: Storage;
let server: Awaited<ReturnType<typeof serveFiles>>;
let runs = 0;

before(async () => {
  folder = await tempFolder();
  s3 = await s3ForTest();
  storage = openStorage({ ...s3, endpoint: s3.url, bucket: testBucket });
  server = await serveFiles(folder.dir);
});
after(async () => {
  await server[Symbol.asyncDispose]();
  storage.close();
  await s3.stop();
  await folder[Symbol.asyncDispose]();
});

/** How the ingest of a file in the test's folder ended, cheaply. What was accepted has a sound that lasts no longer than was said. */
const endOf = (path: string) => cheaply(() => ingested(path));

async function ingested(path: string): Promise<ErrorCode | "accepted"> {
  const workDir = folder.path(`work-${runs++}`);
  const deps = { storage, workDir, downloadAllow: parseCidrs("127.0.0.0/8") };
  const source = { type: "url", url: `${server.origin}/${path.split("/").map(encodeURIComponent).join("/")}` } as const;
  try {
    const result = IngestResult.parse(await ingest(requested(source), stageContext(), deps));
    assert.ok(result.duration_ms <= limits.maxVideoMs + limits.durationToleranceMs);
    assert.ok(result.video.width * result.video.height <= limits.maxVideoPixels);
    return await endOfExtraction(result, workDir);
  } catch (error) {
    assert.ok(error instanceof DeclaredError, `not declared: ${(error as Error).stack}`);
    const { code, detail, retryable } = explain(error.code, error.params);
    assert.doesNotMatch(detail, /[{}]|\/tmp|source"/, "every brace is filled in, and nothing of our machine is told");
    assert.equal(retryable, false, "the same file would only fail again");
    return code;
  } finally {
    assert.deepEqual(await readdir(workDir), [], "nothing is left behind");
  }
}

async function endOfExtraction({ source_key, audio }: Given<"ingest">, workDir: string): Promise<ErrorCode | "accepted"> {
  assert.ok(audio);
  await using place = await tempFolder();
  await storage.downloadTo(source_key, place.path("source"), {});
  const { samples } = await extractSpeech(place.path("source"), audio, { dir: place.dir, signal });
  assert.ok(samples.length <= ((audio.duration_ms + 1_100) * speechRateHz) / 1000, `${samples.length} samples`);
  assert.deepEqual((await readdir(place.dir)).sort(), ["source", "speech.s16le"]);
  assert.deepEqual(await readdir(workDir), []);
  return "accepted";
}

describe("a hostile file ends as it should, and reaches nothing", sideBySide, () => {
  for (const { name, make, ends } of hostileFiles) {
    it(`given ${name}, then it is ${ends}`, async () => {
      const path = `hostile-${runs++}`;
      await mkdir(folder.path(path));
      await using canary = await startCanary(folder.path(path));
      await make(folder.path(`${path}/file`), { folder: folder.path(path), canary });
      await canary.touched();

      assert.equal(await endOf(`${path}/file`), ends);

      assert.deepEqual(await canary.touched(), []);
    });
  }
});

/** What damage may lead to: whatever is left of the file is one of these, and never our fault. */
const ofDamage: readonly (ErrorCode | "accepted")[] = [
  "accepted",
  "not_a_video",
  "no_audio",
  "video_too_long",
  "video_too_big_picture",
];

describe("a damaged file ends in a declared error or is taken for what is left of it", sideBySide, () => {
  const damages: Record<string, (bytes: Buffer, seed: number) => Buffer> = {
    anywhere: (bytes, seed) => flipped(bytes, seed),
    "in its first kilobyte": (bytes, seed) => Buffer.concat([flipped(bytes.subarray(0, 1024), seed), bytes.subarray(1024)]),
    "in its last kilobytes, where an mp4 has its index": (bytes, seed) => flipped(bytes, seed, bytes.length - 3000),
  };
  for (const kind of ["mp4", "matroska", "webm", "mpegts"] satisfies Kind[]) {
    it(`given ${kind} that breaks off, at ten places`, async () => {
      for (const [i, bytes] of truncations(await readFile(await baseClip(kind))).entries()) {
        await writeFile(folder.path(`${kind}-cut-${i}`), bytes);
        const end = await endOf(`${kind}-cut-${i}`);
        assert.ok(ofDamage.includes(end), `cut ${i} ended in ${end}`);
        if (i === 0) assert.equal(end, "not_a_video");
      }
    });
    for (const [where, damage] of Object.entries(damages)) {
      it(`given ${kind} with bits turned over ${where}`, async () => {
        for (let seed = 1; seed <= 3; seed++) {
          const name = `${kind}-${where.slice(0, 12)}-${seed}`;
          await writeFile(folder.path(name), damage(await readFile(await baseClip(kind)), seed * 7));
          const end = await endOf(name);
          assert.ok(ofDamage.includes(end), `seed ${seed} ended in ${end}`);
        }
      });
    }
  }
});

describe("what is no video at all is not_a_video", sideBySide, () => {
  const others: Record<string, string | Buffer> = {
    "an empty file": "",
    "a zip named mp4": "PK\x03\x04\x14\0\0\0\x08\0",
    "a web page named mp4": "<!doctype html><title>Video</title>",
    noise: noise(100_000, 11),
    "zeros, ten megabytes of them": Buffer.alloc(10_000_000),
    "one byte": "x",
    "a line that never ends": "x".repeat(5_000_000),
    "the head of an mp4 and nothing else": Buffer.from("0000001c667479706d703432000000006d70343169736f6d69736f6d", "hex"),
  };
  for (const [name, bytes] of Object.entries(others)) {
    it(`given ${name}`, async () => {
      await writeFile(folder.path(`${name}.mp4`), bytes, "latin1");
      assert.equal(await endOf(`${name}.mp4`), "not_a_video");
    });
  }

  it("given a good video with control characters, quotes and a command in its name, then the name does no harm", async () => {
    const name = "a\u0001\n\u001b[31m 'b' \"c\" $(touch pwned) `id` %03d |e;f.m3u8";
    await writeFile(folder.path(name), await readFile(await baseClip("mp4")));
    assert.equal(await endOf(name), "accepted");
    await assert.rejects(stat("pwned"));
  });
});
