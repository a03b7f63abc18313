import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { promisify } from "node:util";
import type { Job } from "@viralclaw/contracts/api";
import type { Report } from "@viralclaw/contracts/report";
import type { Transcript } from "@viralclaw/contracts/transcript";
import { Upload } from "@viralclaw/contracts/uploads";
import type * as z from "zod";
import { reading, serifFile, spokenVideo } from "../media.ts";
import { type Product, startProduct } from "../product.ts";

/** Words in and out, and letters of a brand's own, as a bot that edits captions meets them. */

let product: Product;
before(async () => {
  product = await startProduct();
});
after(() => product[Symbol.asyncDispose]());

const path = (name: string) => join(product.dir, name);
const word = (text: string, start_ms: number, end_ms: number, more = {}) => ({ text, start_ms, end_ms, ...more });
const json = async <T>(answer: Response): Promise<T> => (await answer.json()) as T;

test("given a silent video and words of one's own, when they are edited and restyled, then each video is the original with its own captions alone", async () => {
  const { client } = product;
  const source = await spokenVideo(path("mute.mp4"), { speech: null, seconds: 4 });
  const words = [word("STOP", 200, 900), word("POSTING", 900, 2500, { emphasis: true })];

  const first = await client.ended(await client.postFile(source, { language: "en", words: JSON.stringify(words) }));

  assertDone(first);
  assert.deepEqual([first.timing_source, first.attempts], ["customer", { ingest: 1, transcribe: 1, render: 1 }]);
  const address = `/api/jobs/${first.job_id}`;
  const transcript = await json<Transcript>(await client.get(`${address}/transcript`));
  assert.deepEqual([transcript.version, transcript.engine, transcript.text], [1, null, "STOP POSTING"]);

  const edited = await fetch(new URL(`${address}/transcript`, product.url), {
    method: "PUT",
    headers: { "x-api-key": client.key, "content-type": "application/json", "if-match": '"1"' },
    body: JSON.stringify({ words: [word("START", 200, 900), word("FILMING", 900, 2500)] }),
  });
  assert.equal((await json<Transcript>(edited)).version, 2);
  // The captions of words that no video shows yet are laid out when they are asked for.
  assert.deepEqual(await Promise.all(["", "?version=1"].map((version) => drawnWords(first, version))), [
    ["START", "FILMING"],
    ["STOP", "POSTING"],
  ]);

  const second = await client.ended(
    await client.postJson(`${address}/restyle`, { style_overrides: { position: { vertical: 0.25 } } }),
  );
  assertDone(second);
  assert.deepEqual([second.restyled_from, second.attempts], [first.job_id, { render: 1 }]);
  const third = await client.ended(
    await client.postJson(`/api/jobs/${second.job_id}/restyle`, { style: "minimal", transcript_version: 2 }),
  );
  assertDone(third);

  const [inFirst, inSecond, inThird] = await Promise.all([
    drawnWords(first, "?version=1"),
    ...[second, third].map((job) => drawnWords(job)),
  ]);
  assert.deepEqual(
    [inFirst, inSecond, inThird],
    [
      ["STOP", "POSTING"],
      ["START", "FILMING"],
      ["START", "FILMING"],
    ],
  );
  // Where the first video's captions were, the second is the source; where the second's were, the third is.
  const [low, high] = ["crop=360:120:0:340", "crop=360:100:0:110"];
  const [a, b, c] = await Promise.all([first, second, third].map(fetched));
  const differs = { first: await likeness(source, a, low), second: await likeness(source, b, high) };
  assert.ok((await likeness(source, b, low)) > differs.first + 6, "no caption of the first is left in the second");
  assert.ok((await likeness(source, c, high)) > differs.second + 6, "no caption of the second is left in the third");
});

test("given a glossary, then a name is spelt so; and the report says what is hard to read", async () => {
  const { client } = product;
  const video = await spokenVideo(path("glossary.mp4"));
  const job = await client.ended(await client.postFile(video, { language: "en", glossary: '["ColdHearted"]' }));
  assertDone(job);
  assert.equal(job.timing_source, "recognised");
  assert.match((await json<Transcript>(await client.get(`/api/jobs/${job.job_id}/transcript`))).text, /rather ColdHearted and/);
  const report = await json<z.infer<typeof Report>>(await client.get(`/api/jobs/${job.job_id}/report`));
  assert.equal(report.timing_source, "recognised");
  assert.ok((report.legibility.closest_to_edge_px ?? -1) >= -0.5);
  for (const { at_ms, until_ms } of report.legibility.findings) assert.ok(at_ms < until_ms && until_ms <= (job.duration_ms ?? 0));
});

test("given English text, then it is laid on its speech; a script that is not for this video is refused", async () => {
  const { client } = product;
  const video = await spokenVideo(path("text.mp4"));
  const job = await client.ended(await client.postFile(video, { language: "en", text: reading.text }));
  assertDone(job);
  assert.equal(job.timing_source, "aligned");
  const srt = "1\n00:10:00,000 --> 00:10:02,000\nlate\n";
  const late = await client.ended(await client.postFile(video, { language: "en", srt }));
  assert.equal(late.error?.code, "words_after_end");
  assert.match(late.error?.detail ?? "", /line 2 begins at 600000 ms/);
});

test("given an uploaded font, then preview, video and restyle are drawn in it, and the report says what it lacks", async () => {
  const { client } = product;
  const file = await readFile(serifFile);
  const begun = await client.postJson("/api/uploads", { kind: "font", bytes: file.length, filename: "Brand.ttf" });
  const { upload_id, put } = Upload.parse(await begun.json());
  assert.equal((await fetch(put?.url ?? "", { method: "PUT", headers: put?.headers, body: new Uint8Array(file) })).status, 200);
  const style_overrides = JSON.stringify({ font: { upload_id } });

  const source = await spokenVideo(path("brand.mp4"), { speech: null, seconds: 2 });
  const words = [word("Hamburg", 100, 900), word("Ωmega", 900, 1700)];
  const job = await client.ended(
    await client.postFile(source, { language: "en", words: JSON.stringify(words), style_overrides }),
  );
  assertDone(job);
  const restyled = await client.ended(
    await client.postJson(`/api/jobs/${job.job_id}/restyle`, { transcript_version: 1, quality: "fast" }),
  );
  assertDone(restyled);
  for (const { job_id } of [job, restyled]) {
    const report = (await (await client.get(`/api/jobs/${job_id}/report`)).json()) as { captions: Record<string, unknown> };
    assert.deepEqual(report.captions.fonts, [upload_id, "Noto Sans Black"]);
    assert.deepEqual(report.captions.stray_fonts, []);
  }

  const preview = async (query: Record<string, string>) => {
    const answer = await client.get(
      `/api/styles/hormozi/preview.png?${new URLSearchParams({ job: job.job_id, at: "500", ...query })}`,
    );
    assert.equal(answer.status, 200, await answer.clone().text());
    return Buffer.from(await answer.arrayBuffer());
  };
  assert.notDeepEqual(await preview({ style_overrides }), await preview({}));
});

function assertDone(job: Job) {
  assert.equal(job.status, "done", JSON.stringify(job.error));
}

/** The words that are lit, in order; of the newest version, or another. */
async function drawnWords(job: Job, version = ""): Promise<string[]> {
  const script = await (await product.client.get(`/api/jobs/${job.job_id}/transcript.ass${version}`)).text();
  return [...script.matchAll(/^Dialogue: .*,Active(?:Key)?,.*\}([^}\n]+)$/gm)].map(([, text]) => (text ?? "").toUpperCase());
}

async function fetched(job: Job): Promise<string> {
  const file = path(`${job.job_id}.mp4`);
  await writeFile(file, Buffer.from(await (await fetch(job.result_url ?? "")).arrayBuffer()));
  return file;
}

/** PSNR in dB of a part of two videos, on average: about 20 where something is drawn on one of them. */
async function likeness(one: string, other: string | undefined, crop: string): Promise<number> {
  const graph = `[0:v]${crop}[a];[1:v]${crop}[b];[a][b]psnr`;
  const args = ["-nostdin", "-v", "info", "-i", one, "-i", other ?? "", "-lavfi", graph, "-f", "null", "-"];
  const { stderr } = await promisify(execFile)("ffmpeg", args);
  return Number(/PSNR.*average:([\d.]+|inf)/.exec(stderr)?.[1]?.replace("inf", "100"));
}
