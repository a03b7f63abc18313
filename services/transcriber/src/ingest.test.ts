import assert from "node:assert/strict";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { after, before, describe, it } from "node:test";
import { DeclaredError, explain } from "@viralclaw/contracts/errors";
import { IngestResult } from "@viralclaw/contracts/facts";
import type { Taken } from "@viralclaw/contracts/pipeline";
import { s3ForTest, testBucket } from "@viralclaw/embedded/testing";
import { parseCidrs } from "@viralclaw/media/guard";
import { openStorage, type Storage } from "@viralclaw/storage/storage";
import { type Folder, jobId, makeFile, requested, serveFiles, stageContext, tempFolder } from "./fixture.ts";
import { type IngestDeps, ingest } from "./ingest.ts";

const picture = "-f lavfi -i testsrc2=s=64x112:r=10";
const sound = "-f lavfi -i sine=440:r=16000";
const encoded = "-c:v libx264 -preset ultrafast -pix_fmt yuv420p -c:a aac";

let folder: Folder;
let s3: Awaited<ReturnType<typeof s3ForTest>>;
let storage: Storage;
let deps: IngestDeps;
let server: Awaited<ReturnType<typeof serveFiles>>;

before(async () => {
  folder = await tempFolder();
  await mkdir(folder.path("files"));
  s3 = await s3ForTest();
  storage = openStorage({ ...s3, endpoint: s3.url, bucket: testBucket });
  deps = { storage, workDir: folder.path("work"), downloadAllow: parseCidrs("127.0.0.0/8") };
  server = await serveFiles(folder.path("files"));
  await make("speech.mp4", `${picture} ${sound} -t 3 ${encoded}`);
});
after(async () => {
  await server[Symbol.asyncDispose]();
  storage.close();
  await s3.stop();
  await folder[Symbol.asyncDispose]();
});

const make = (name: string, command: string) => makeFile(folder.path(`files/${name}`), command);
const fromUrl = (name: string, changes: Partial<Taken<"ingest">> = {}) =>
  requested({ type: "url", url: `${server.origin}/${name}` }, changes);

/** What the customer reads of the error that ends the run; the run's folder must be gone. */
async function failureOf(fact: Taken<"ingest">, changes: Partial<IngestDeps> = {}) {
  const error = await ingest(fact, stageContext(), { ...deps, ...changes }).then(
    () => assert.fail("it was accepted"),
    (thrown: unknown) => thrown,
  );
  assert.ok(error instanceof DeclaredError, String(error));
  assert.deepEqual(await readdir(deps.workDir), [], "nothing is left behind");
  const { code, detail } = explain(error.code, error.params);
  assert.doesNotMatch(detail, /[{}]/, "every brace is filled in");
  return { code, detail };
}

describe("ingest", () => {
  it("given a URL, when the video is captionable, then it is stored, described and priced", async () => {
    const context = stageContext();
    const result = IngestResult.parse(await ingest(fromUrl("speech.mp4"), context, deps));
    const bytes = await readFile(folder.path("files/speech.mp4"));

    assert.equal(result.source_key, `jobs/${jobId}/ingest/${context.executionId}/source`);
    assert.equal(result.source_bytes, bytes.length);
    await storage.downloadTo(result.source_key, folder.path("stored"), {});
    assert.ok((await readFile(folder.path("stored"))).equals(bytes));
    assert.ok(result.duration_ms >= 3000 && result.duration_ms < 3100, String(result.duration_ms));
    assert.equal(result.tier, "up_to_1_min");
    assert.deepEqual([result.video.width, result.video.height, result.video.codec], [64, 112, "h264"]);
    assert.equal(result.audio?.codec, "aac");
    assert.deepEqual(
      context.told,
      context.told.toSorted((a, b) => a - b),
      "progress never runs backwards",
    );
    assert.equal(context.told.at(-1), 1);
    assert.deepEqual(await readdir(deps.workDir), [], "the run's folder is gone");
  });

  it("given an upload, then it stays where it is", async () => {
    await storage.uploadFrom("uploads/1", folder.path("files/speech.mp4"), "video/mp4", {});
    const context = stageContext();
    const result = await ingest(requested({ type: "upload", key: "uploads/1", bytes: 1 }), context, deps);
    assert.equal(result.source_key, "uploads/1");
    assert.ok(result.source_bytes > 1000);
    assert.equal(await storage.getText(`jobs/${jobId}/ingest/${context.executionId}/source`), undefined);
  });

  it("given a header without a length, then the video is as long as its packets", async () => {
    await make("live.mkv", `${picture} ${sound} -t 3 ${encoded} -live 1`);
    const result = await ingest(fromUrl("live.mkv"), stageContext(), deps);
    assert.ok(Math.abs(result.duration_ms - 3050) <= 100, String(result.duration_ms));
    assert.equal((await failureOf(fromUrl("live.mkv", { max_duration_ms: 2_000 }))).code, "video_too_long");
  });
});

describe("ingest refuses", () => {
  const others: Record<string, { bytes: string; because: RegExp }> = {
    "page.mp4": { bytes: "<!doctype html><title>Video</title>", because: /web page/ },
    "film.zip": { bytes: "PK\x03\x04\x14\0\0\0\b\0", because: /archive/ },
    "notes.txt": { bytes: "um texto qualquer, bem comprido ".repeat(50), because: /damaged|not an mp4/ },
    "list.m3u8": { bytes: "#EXTM3U\n#EXTINF:10,\nfile:///etc/passwd\n", because: /playlist/ },
    "inputs.txt": { bytes: "ffconcat version 1.0\nfile /etc/passwd\n", because: /damaged|not an mp4/ },
    "empty.mp4": { bytes: "", because: /empty/ },
  };
  for (const [name, { bytes, because }] of Object.entries(others)) {
    it(`given ${name}, then it is not_a_video`, async () => {
      await writeFile(folder.path(`files/${name}`), bytes, "latin1");
      const { code, detail } = await failureOf(fromUrl(name));
      assert.equal(code, "not_a_video");
      assert.match(detail, because);
    });
  }

  const media: { name: string; command: string; code: string; because?: RegExp }[] = [
    { name: "song.mp3", command: `${sound} -t 1 -c:a libmp3lame`, code: "not_a_video", because: /sound file/ },
    { name: "song.mp4", command: `${sound} -t 1 -c:a aac`, code: "not_a_video", because: /no picture/ },
    { name: "photo.png", command: `${picture} -frames:v 1`, code: "not_a_video", because: /picture/ },
    { name: "silent.mp4", command: `${picture} -t 1 ${encoded}`, code: "no_audio" },
    {
      name: "long.mp4",
      command: `-f lavfi -i color=s=32x32:r=1 ${sound} -t 302 ${encoded}`,
      code: "video_too_long",
      because: /30[23] s; the limit is 300 s/,
    },
    {
      name: "huge.mp4",
      command: `-f lavfi -i color=s=5000x3600:r=1 ${sound} -t 1 ${encoded}`,
      code: "video_too_big_picture",
      because: /5000x3600/,
    },
  ];
  for (const { name, command, code, because } of media) {
    it(`given ${name}, then it is ${code}`, async () => {
      await make(name, command);
      const failure = await failureOf(fromUrl(name));
      assert.equal(failure.code, code);
      if (because) assert.match(failure.detail, because);
    });
  }

  it("given a video cut short, then it is not_a_video", async () => {
    const whole = await readFile(folder.path("files/speech.mp4"));
    await writeFile(folder.path("files/cut.mp4"), whole.subarray(0, whole.length / 2));
    const { code, detail } = await failureOf(fromUrl("cut.mp4"));
    assert.deepEqual([code, /cut short/.test(detail)], ["not_a_video", true]);
  });

  it("given more than was agreed, in length or in bytes, then it is refused", async () => {
    assert.equal((await failureOf(fromUrl("speech.mp4", { max_duration_ms: 2_000 }))).code, "video_too_long");
    assert.equal((await failureOf(fromUrl("speech.mp4", { max_bytes: 1_000 }))).code, "video_too_large");
    const upload = requested({ type: "upload", key: "uploads/1", bytes: 2_000 }, { max_bytes: 1_000 });
    assert.equal((await failureOf(upload)).code, "video_too_large");
  });

  it("given no room on the disk, then it is disk_full before anything is fetched", async () => {
    assert.equal((await failureOf(fromUrl("speech.mp4", { max_bytes: 10 ** 15 }))).code, "disk_full");
  });

  it("given a server that is not public, and nothing allowed, then it is host_not_public", async () => {
    assert.equal((await failureOf(fromUrl("speech.mp4"), { downloadAllow: [] })).code, "host_not_public");
  });

  it("given a video that is not there, then it is source_gone; an upload that is not there is the store's trouble", async () => {
    assert.equal((await failureOf(fromUrl("none.mp4"))).code, "source_gone");
    const upload = requested({ type: "upload", key: "uploads/none", bytes: 1 });
    assert.equal((await failureOf(upload)).code, "store_unavailable");
  });
});
