import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { DeepHealth, type Job } from "@viralclaw/contracts/api";
import type { Transcript } from "@viralclaw/contracts/transcript";
import { type GroqStandIn, startGroqStandIn } from "@viralclaw/embedded/stand-ins/groq";
import { buildPortugueseSample, portugueseSoundsDir, type SpokenSample } from "@viralclaw/embedded/stand-ins/portuguese";
import { spokenVideo } from "../media.ts";
import { type Product, startProduct } from "../product.ts";

const apiKey = "gsk_test_0123456789";
/** AAC begins with up to two frames of silence of its own (1024 samples each). */
const shiftMs = 60;

let groq: GroqStandIn;
let product: Product;
let spoken: SpokenSample;
let video: string;

before(async () => {
  groq = await startGroqStandIn({ known: [], apiKey });
  product = await startProduct({ GROQ_API_KEY: apiKey, GROQ_BASE_URL: groq.url });
  spoken = await buildPortugueseSample(portugueseSoundsDir, join(product.dir, "speech.wav"));
  await groq.learn({ audio: spoken.file, words: spoken.words, language: spoken.language });
  video = await spokenVideo(join(product.dir, "fala.mp4"), { speech: spoken.file, seconds: Math.ceil(spoken.durationMs / 1000) });
});
after(async () => {
  await product[Symbol.asyncDispose]();
  await groq.stop();
});

test("a Portuguese video is captioned with what is said, accents and punctuation whole, in time", async () => {
  const job = await product.client.ended(await product.client.postFile(video));
  assert.equal(job.status, "done", JSON.stringify(job.error));
  assert.equal(job.language, "pt");
  const transcript = await transcriptOf(job);
  assert.equal(transcript.engine, "groq");
  assert.deepEqual(
    transcript.words.map(({ text }) => text),
    spoken.words.map(({ text }) => text),
  );
  for (const [index, { start_ms, end_ms }] of transcript.words.entries()) {
    assert.ok(Math.abs(start_ms - (spoken.words[index]?.start_ms ?? 0)) <= shiftMs, `word ${index} starts at ${start_ms}`);
    assert.ok(end_ms > start_ms);
  }
  const srt = await (await product.client.get(job.transcript_urls?.srt ?? "")).text();
  assert.match(srt, /Óculos de sol!/);
  const ass = await (await product.client.get(job.transcript_urls?.ass ?? "")).text();
  assert.match(ass, /ÓCULOS/);
});

test("the language is found out where it is not said", async () => {
  const job = await product.client.ended(await product.client.postFile(video, { language: "auto" }));
  assert.equal(job.language, "pt", JSON.stringify(job.error));
});

test("what Groq was sent: FLAC named so, the model, the language, both granularities", () => {
  const asked = groq.requests.find(({ language }) => language === "pt");
  assert.equal(asked?.model, "whisper-large-v3-turbo");
  assert.equal(asked?.fileName, "audio.flac");
});

test("a job rides out a Groq that is over its limits for a moment", async () => {
  groq.setFault({ kind: "rate limited", retryAfterSeconds: 1 }, 2);
  const job = await product.client.ended(await product.client.postFile(await freshVideo("limits"), {}));
  assert.equal(job.status, "done", JSON.stringify(job.error));
});

test("a wrong key fails the job with what the operator must do, and is told nowhere", async () => {
  groq.setFault({ kind: "status", status: 401 }, 10);
  const job = await product.client.ended(await product.client.postFile(await freshVideo("key"), {}));
  groq.setFault(undefined);
  assert.equal(job.error?.code, "speech_engine_misconfigured");
  assert.ok(!JSON.stringify(job).includes(apiKey));
  const health = DeepHealth.parse(await (await fetch(`${product.url}/health/deep`)).json());
  assert.deepEqual([health.status, health.groq], ["degraded", "failing"]);
});

async function transcriptOf(job: Job): Promise<Transcript> {
  return (await (await product.client.get(job.transcript_urls?.json ?? "")).json()) as Transcript;
}

/** The same speech, shifted a little so that no transcript of it is known yet. */
async function freshVideo(name: string): Promise<string> {
  return spokenVideo(join(product.dir, `${name}.mp4`), {
    speech: spoken.file,
    seconds: Math.ceil(spoken.durationMs / 1000) + 1 + name.length,
  });
}
