import assert from "node:assert/strict";
import { once } from "node:events";
import { createReadStream } from "node:fs";
import { appendFile, readdir, readFile, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { connect } from "@nats-io/transport-node";
import { DeepHealth, type Job } from "@viralclaw/contracts/api";
import { limits } from "@viralclaw/contracts/limits";
import { Upload } from "@viralclaw/contracts/uploads";
import { buildPortugueseSample, portugueseSoundsDir } from "@viralclaw/embedded/stand-ins/portuguese";
import { ffmpeg, reading, spokenVideo, streamsOf } from "../media.ts";
import { filesLeft } from "../processes.ts";
import { type Client, type Product, startProduct } from "../product.ts";

let product: Product;
let client: Client;
let web: Server;
let webUrl: string;
/** What the test's own web server answers, by path. */
const pages: Record<string, string | number> = {};

before(async () => {
  product = await startProduct();
  client = product.client;
  web = createServer((request, response) => {
    const page = pages[request.url ?? ""];
    if (typeof page === "string") createReadStream(page).pipe(response);
    else response.writeHead(page ?? 404).end();
  });
  web.listen(0, "127.0.0.1");
  await once(web, "listening");
  webUrl = `http://127.0.0.1:${(web.address() as AddressInfo).port}`;
});
after(async () => {
  web.close();
  await product[Symbol.asyncDispose]();
});

const path = (name: string) => join(product.dir, name);
const plain = (text: string) =>
  text
    .toLowerCase()
    .replaceAll("-", " ")
    .replace(/[^a-z ]/g, "");

test("a posted file comes back captioned: the same frames and sound, as an mp4 that plays at once", async () => {
  const video = await spokenVideo(path('talk\'s: "first".mp4'));
  const job = await client.ended(await client.postFile(video, { language: "en", metadata: '{"post":7}' }));
  assertDone(job);
  assert.deepEqual(job.metadata, { post: 7 });
  assert.deepEqual(job.attempts, { ingest: 1, transcribe: 1, render: 1 });

  const bytes = Buffer.from(await (await fetch(job.result_url ?? "")).arrayBuffer());
  await writeFile(path("result.mp4"), bytes);
  const [before, now] = await Promise.all([streamsOf(video), streamsOf(path("result.mp4"))]);
  const packets = (streams: typeof now, type: string) => streams.find(({ codec_type }) => codec_type === type)?.nb_read_packets;
  assert.deepEqual(now.map(({ codec_name }) => codec_name).sort(), ["aac", "h264"]);
  assert.equal(packets(now, "video"), packets(before, "video"));
  assert.equal(packets(now, "audio"), packets(before, "audio"));
  assert.ok(bytes.indexOf("moov") < bytes.indexOf("mdat"), "faststart: the index comes before the data");
});

test("a style is tried on a job's own frame, and is drawn once for whoever asks again", async () => {
  const job = await client.ended(await client.postFile(await spokenVideo(path("tried.mp4")), { language: "en" }));
  assertDone(job);
  const at = `/api/styles/cordel/preview.png?job=${job.job_id}&at=1500&size=320`;
  const [plain, restyled] = [await client.get(at), await client.get(`${at}&style_overrides=${encodeURIComponent('{"tilt":4}')}`)];
  assert.deepEqual([plain.status, plain.headers.get("content-type")], [200, "image/png"]);
  const png = Buffer.from(await plain.arrayBuffer());
  assert.deepEqual([png.readUInt32BE(16), png.readUInt32BE(20)], [180, 320]);
  assert.notDeepEqual(Buffer.from(await restyled.arrayBuffer()), png);

  const etag = plain.headers.get("etag") ?? "";
  const headers = { "x-api-key": client.key, "if-none-match": etag };
  const again = await fetch(new URL(at, product.url), { headers });
  assert.deepEqual([again.status, again.headers.get("etag"), (await again.arrayBuffer()).byteLength], [304, etag, 0]);
});

test("what was said is there as words with times, and as subtitles in three formats", async () => {
  const job = await client.ended(await client.postFile(await spokenVideo(path("words.mp4")), { language: "en" }));
  assertDone(job);
  const transcript = (await (await client.get(job.transcript_urls?.json ?? "")).json()) as {
    text: string;
    words: { start_ms: number; end_ms: number }[];
  };
  assert.equal(plain(transcript.text), reading.text);
  for (const [index, word] of transcript.words.entries()) {
    assert.ok(word.start_ms < word.end_ms && word.end_ms <= (job.duration_ms ?? 0));
    assert.ok(word.start_ms >= (transcript.words[index - 1]?.end_ms ?? 0));
  }
  const as = async (format: "srt" | "vtt" | "ass") => (await client.get(job.transcript_urls?.[format] ?? "")).text();
  assert.match(await as("srt"), /^1\r?\n00:00:0\d,\d{3} --> 00:00:0\d,\d{3}\r?\n/);
  assert.match(await as("vtt"), /^WEBVTT/);
  for (const text of [await as("srt"), await as("vtt")]) assert.match(plain(text.replace(/\s+/g, " ")), /is to be ill disposed/);
  // The styled captions light each word once, in the order in which they are said.
  const lit = (await as("ass")).matchAll(/^Dialogue: .*,Active,.*\}(.+)$/gm);
  assert.equal(plain([...lit].map(([, word]) => word).join(" ")), reading.text);
});

test("a video is fetched from its URL, once", async () => {
  pages["/talk.mp4"] = await spokenVideo(path("url.mp4"));
  let fetched = 0;
  web.on("request", ({ url }) => void (url === "/talk.mp4" && fetched++));
  const job = await client.ended(await client.postUrl(`${webUrl}/talk.mp4`, { language: "en", style: "minimal" }));
  assertDone(job);
  assert.equal(job.style, "minimal");
  assert.equal(fetched, 1);
});

test("a video that was sent straight to the store, in parts, comes back captioned", async () => {
  const video = await spokenVideo(path("large.mp4"));
  await appendFile(video, freeBox(limits.singlePutBytes));
  const bytes = await readFile(video);
  const begun = await client.postJson("/api/uploads", { bytes: bytes.length, filename: "large.mp4" });
  const { upload_id, parts } = Upload.parse(await begun.json());
  const sent = (parts ?? []).map(({ url, part_number, bytes: length }) => {
    const from = (part_number - 1) * limits.partBytes;
    return fetch(url, { method: "PUT", body: bytes.subarray(from, from + length) });
  });
  assert.deepEqual([...new Set((await Promise.all(sent)).map(({ status }) => status))], [200]);
  assertDone(await client.ended(await client.postJson("/api/add-captions", { upload_id, language: "en" })));
});

test("the same sound is recognised once: the second job reuses its transcript", async () => {
  const video = await spokenVideo(path("again.mp4"), { seconds: 7 });
  const first = await client.ended(await client.postFile(video, { language: "en" }));
  const second = await client.ended(await client.postFile(video, { language: "en", style: "karaoke" }));
  assertDone(first);
  assertDone(second);
  const words = async (job: Job) =>
    ((await (await client.get(job.transcript_urls?.json ?? "")).json()) as { words: object[] }).words;
  assert.deepEqual(await words(second), await words(first));
});

const refusals: [name: string, code: string, given: () => Promise<Response>][] = [
  ["an address where there is nothing", "source_gone", () => client.postUrl(`${webUrl}/nothing.mp4`)],
  ["an address that wants a login", "source_refused", () => client.postUrl(`${webUrl}/private.mp4`)],
  ["an address that is not public", "host_not_public", () => client.postUrl("http://10.0.0.1/video.mp4")],
  [
    "a web page",
    "not_a_video",
    async () => client.postFile(await textFile("page.mp4", "<!doctype html><html><body>video</body></html>")),
  ],
  ["sound without pictures", "not_a_video", () => client.postFile(reading.file)],
  [
    "a video without sound",
    "no_audio",
    async () => client.postFile(await spokenVideo(path("mute.mp4"), { speech: null }), { language: "en" }),
  ],
  ["a video in which nobody speaks", "no_speech", async () => client.postFile(await silentVideo(), { language: "en" })],
  ["a video that is too long", "video_too_long", async () => client.postFile(await longVideo(), { language: "en" })],
  ["Portuguese, without a Groq key", "language_needs_groq", async () => client.postFile(await spokenVideo(path("pt.mp4")))],
  [
    "a language that turns out not to be English",
    "language_needs_groq",
    async () => client.postFile(await portugueseVideo(), { language: "auto" }),
  ],
];
for (const [name, code, given] of refusals) {
  test(`fails with ${code}, a sentence and what to change: ${name}`, async () => {
    pages["/private.mp4"] = 403;
    const job = await client.ended(await given());
    assert.equal(job.status, "failed", JSON.stringify(job));
    assert.equal(job.error?.code, code, JSON.stringify(job.error));
    assert.ok(job.error?.detail && job.error.fix);
    assert.doesNotMatch(`${job.error?.detail} ${job.error?.fix}`, /\{\w+\}|\/tmp\/|X-Amz/);
    assert.equal(job.result_url, null);
  });
}

test("a cancelled job stops at once, and leaves nothing behind", async () => {
  const video = await spokenVideo(path("cancel.mp4"), { width: 720, height: 1280, seconds: 20 });
  const answer = await client.postFile(video, { language: "en" });
  const { status_url } = (await answer.clone().json()) as { status_url: string };
  while (((await (await client.get(status_url)).json()) as Job).stage !== "render") await sleep(50);
  const cancelled = await client.post(`${status_url}/cancel`);
  assert.equal(cancelled.status, 200);
  assert.equal((await client.ended(answer)).status, "cancelled");
  assert.equal((await client.post(`${status_url}/cancel`)).status, 409);
  while ((await filesLeft(product.dir)).length > 0) await sleep(100);
});

test("priority and the customer's own list hold across jobs; another customer sees none of them", async () => {
  const stranger = await product.newClient("stranger@example.com");
  const { jobs } = (await (await client.get("/api/jobs?limit=5")).json()) as { jobs: Job[] };
  assert.equal(jobs.length, 5);
  assert.deepEqual(((await (await stranger.get("/api/jobs")).json()) as { jobs: Job[] }).jobs, []);
  assert.equal((await stranger.get(`/api/jobs/${jobs[0]?.job_id}`)).status, 404);
});

test("/health/deep finds every part well and the workers alive", async () => {
  const health = DeepHealth.parse(await (await fetch(`${product.url}/health/deep`)).json());
  assert.deepEqual(health.workers, { transcriber: 1, renderer: 1 });
  assert.deepEqual(
    [health.status, health.database, health.nats, health.storage, health.groq],
    ["ok", "ok", "ok", "ok", "not_configured"],
  );
});

test("a follower hears of the end on NATS, as a CloudEvent with all that a biller and a notifier need", async () => {
  await using nats = await connect({ servers: product.system.servers.natsUrl });
  const heard = new Promise<Record<string, unknown>>((resolve) => {
    nats.subscribe("viralclaw.job.*.completed.>", { max: 1, callback: (_, message) => resolve(message.json()) });
  });
  await nats.flush();
  const job = await client.ended(
    await client.postFile(await spokenVideo(path("heard.mp4")), {
      language: "en",
      webhook_url: "https://bot.example/hook",
      metadata: '{"a":1}',
    }),
  );
  assertDone(job);
  const fact = await heard;
  assert.equal(fact.job_id, job.job_id);
  for (const field of ["customer_id", "key_id", "mode", "tier", "duration_ms", "result_key", "webhook_url", "metadata"])
    assert.ok(fact[field] !== undefined, field);
});

test("no file of any job is left on the workers' disks", async () => {
  assert.deepEqual(await filesLeft(product.dir), []);
});

test("nothing that a service uses keeps anything in the home folder", async () => {
  assert.deepEqual(await readdir(join(product.dir, "home")).catch(() => []), []);
});

function assertDone(job: Job) {
  assert.equal(job.status, "done", JSON.stringify(job.error));
}

async function textFile(name: string, text: string): Promise<string> {
  await writeFile(path(name), text);
  return path(name);
}

/** A box of MP4 that players skip: four bytes of length, its name, and nothing. */
function freeBox(bytes: number): Buffer {
  const box = Buffer.alloc(bytes);
  box.writeUInt32BE(bytes);
  box.write("free", 4);
  return box;
}

async function silentVideo(): Promise<string> {
  const file = path("silent.mp4");
  await ffmpeg(
    "-f",
    "lavfi",
    "-i",
    "color=gray:size=320x320:rate=10:duration=4",
    "-f",
    "lavfi",
    "-i",
    "anoisesrc=amplitude=0.002:duration=4",
    "-c:a",
    "aac",
    file,
  );
  return file;
}

async function longVideo(): Promise<string> {
  const file = path("long.mp4");
  await ffmpeg(
    "-f",
    "lavfi",
    "-i",
    "color=gray:size=64x64:rate=1:duration=302",
    "-f",
    "lavfi",
    "-i",
    "anullsrc=r=16000:d=302",
    "-c:a",
    "aac",
    "-b:a",
    "16k",
    file,
  );
  return file;
}

async function portugueseVideo(): Promise<string> {
  const { file } = await buildPortugueseSample(portugueseSoundsDir, path("pt.wav"));
  return spokenVideo(path("portuguese.mp4"), { speech: file, seconds: 14 });
}
