import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, test } from "node:test";
import { serifFile } from "@viralclaw/captions/testing";
import type { FactData } from "@viralclaw/contracts/facts";
import { allOfJob, uploadedFontKey } from "@viralclaw/contracts/ids";
import { limits } from "@viralclaw/contracts/limits";
import type { Transcript } from "@viralclaw/contracts/transcript";
import { Upload } from "@viralclaw/contracts/uploads";
import { sql } from "kysely";
import { acceptance, type Gateway, log, problemOf, resultOf, retentionDays, startGateway } from "./gateway.fixture.ts";
import { retain, rulesOf } from "./retention.ts";

/** A customer's own font as the gateway takes it. What it looks like is in the renderer's tests. */

let gateway: Gateway;
let serif: Buffer;
before(async () => {
  gateway = await startGateway();
  serif = await readFile(serifFile);
});
after(() => gateway[Symbol.asyncDispose]());

const video = { video_url: "https://example.com/v.mp4", language: "en" };
const inFont = (upload_id: string, more = {}) => ({ style_overrides: { font: { upload_id }, ...more } });
const field = "style_overrides.font.upload_id";

test("an uploaded font is checked, and copied for the job; facts name its key only", async () => {
  const id = await uploaded(serif);
  const { job_id } = await acceptance(await gateway.post({ ...video, ...inFont(id) }));
  const key = await fontKeyOf(job_id);
  assert.ok(key?.startsWith(`${allOfJob(job_id)}upload/`), `${key}`);
  const bytes = await gateway.storage.sizeOf(key ?? "");
  assert.ok(bytes && bytes < serif.length);
  await toRender(job_id);
  const fact = await factOf(job_id, "job.transcribed");
  assert.deepEqual([fact.font_key, fact.style_overrides], [key, { font: { upload_id: id } }]);
  assert.deepEqual((await gateway.job(job_id)).style_overrides, { font: { upload_id: id } });
});

test("what is sent to the upload after its first use changes nothing; another use keeps it for a month", async () => {
  const upload = await begun({ kind: "font", bytes: serif.length });
  await send(upload, serif);
  await acceptance(await gateway.post({ ...video, ...inFont(upload.upload_id) }));
  await send(upload, Buffer.alloc(serif.length));
  await expiresIn(upload.upload_id, "1 hour");
  await acceptance(await gateway.post({ ...video, ...inFont(upload.upload_id) }));
  const { expires_at } = Upload.parse(await (await gateway.get(`/api/uploads/${upload.upload_id}`)).json());
  assert.ok(Date.parse(expires_at) > Date.now() + (limits.fontUploadDays - 1) * 86_400_000);
});

test("a font that cannot be used is refused with the reason and the field, and may be sent anew", async () => {
  const upload = await begun({ kind: "font", bytes: serif.length });
  const before = await gateway.objectCount();
  await send(upload, Buffer.concat([Buffer.from("PK\u0003\u0004"), serif]).subarray(0, serif.length));
  const problem = await problemOf(await gateway.post({ ...video, ...inFont(upload.upload_id) }), 422, "font_invalid");
  assert.match(problem.detail, /ZIP archive/);
  assert.deepEqual(problem.errors, [{ field, message: problem.detail }]);
  assert.equal(await gateway.objectCount(), before + 1);
  await send(upload, serif);
  await acceptance(await gateway.post({ ...video, ...inFont(upload.upload_id) }));
});

test("an upload that is another customer's, not whole, expired or a video is said to be so, with the field", async () => {
  const [unsent, expired] = [await begun({ kind: "font", bytes: 5000 }), await begun({ kind: "font", bytes: 5000 })];
  await expiresIn(expired.upload_id, "-1 second");
  const movie = await begun({ bytes: 5000 });
  const stranger = await gateway.newCustomer("font-stranger@example.com");
  const cases: [id: string, status: number, code: string, detail: RegExp, key?: string][] = [
    [await uploaded(serif), 404, "upload_not_found", /You have no upload/, stranger.key],
    [unsent.upload_id, 409, "upload_unfinished", / 0 of 5000 bytes/],
    [expired.upload_id, 410, "upload_expired", /could be used until/],
    [movie.upload_id, 409, "upload_of_other_kind", /is a video, and a font is needed/],
  ];
  for (const [id, status, code, detail, key] of cases) {
    const problem = await problemOf(await gateway.post({ ...video, ...inFont(id) }, key), status, code);
    assert.match(problem.detail, detail);
    assert.deepEqual(
      problem.errors?.map(({ field }) => field),
      [field],
    );
  }
  const asVideo = await problemOf(await gateway.post({ upload_id: await uploaded(serif) }), 409, "upload_of_other_kind");
  assert.match(asVideo.fix, /kind video/);
});

test("wrong values are named: no upload's id, a font too large, a kind there is not", async () => {
  const fields = async (answer: Response) => (await problemOf(answer, 400, "invalid_request")).errors?.map(({ field }) => field);
  assert.deepEqual(await fields(await gateway.post({ ...video, ...inFont("serif.ttf") })), [field]);
  assert.deepEqual(await fields(await begin({ kind: "font", bytes: limits.maxFontBytes + 1 })), ["bytes"]);
  assert.deepEqual(await fields(await begin({ kind: "music", bytes: 5 })), ["kind"]);
});

test("a restyle has the font of its job, which outlives the upload, and a copy of its own", async () => {
  const id = await uploaded(serif);
  const { job_id } = await acceptance(await gateway.post({ ...video, ...inFont(id) }));
  await toRender(job_id);
  await gateway.advance(resultOf(job_id, "render"));
  await expiresIn(id, "-2 days");
  await gateway.db.updateTable("jobs").set({ ended_at: sql`now() - interval '2 hours'` }).where("id", "=", job_id).execute();
  await retain({ ...gateway, log, rules: { ...rulesOf(retentionDays), looseAfterMs: 0 } });
  assert.equal(await gateway.storage.sizeOf(uploadedFontKey(id)), undefined);
  await gateway.storage.putText("jobs/j/ingest/e/source", "a video", "video/mp4");

  for (const body of [{}, inFont(id, { size: 0.09 }), { style: "minimal", ...inFont(id) }]) {
    const again = (await acceptance(await restyle(job_id, body))).job_id;
    const key = (await factOf(again, "job.transcribed")).font_key ?? "";
    assert.ok(key.startsWith(allOfJob(again)), JSON.stringify(body));
    assert.ok(await gateway.storage.sizeOf(key));
  }
  const other = (await acceptance(await restyle(job_id, { style: "minimal" }))).job_id;
  assert.equal((await factOf(other, "job.transcribed")).font_key, null);
  await problemOf(await gateway.post({ ...video, ...inFont(id) }), 404, "upload_not_found");
});

test("a preview in a font of one's own is checked as well", async () => {
  const preview = (upload_id: string) =>
    gateway.get(
      `/api/styles/hormozi/preview.png?${new URLSearchParams({ style_overrides: JSON.stringify({ font: { upload_id } }) })}`,
    );
  await problemOf(await preview(await uploaded(Buffer.from("<html></html>"))), 422, "font_invalid");
  await problemOf(await preview(await uploaded(serif)), 503, "service_unavailable");
});

function begin(body: object): Promise<Response> {
  return postJson("/api/uploads", body);
}

const restyle = (id: string, body: object) => postJson(`/api/jobs/${id}/restyle`, body);

function postJson(path: string, body: object): Promise<Response> {
  const headers = { "x-api-key": gateway.owner.key, "content-type": "application/json" };
  return fetch(`${gateway.url}${path}`, { method: "POST", headers, body: JSON.stringify(body) });
}

const begun = async (body: object) => Upload.parse(await (await begin(body)).json());

async function uploaded(file: Buffer): Promise<string> {
  const upload = await begun({ kind: "font", bytes: file.length });
  assert.equal((await send(upload, file)).status, 200);
  return upload.upload_id;
}

const send = ({ put }: Upload, file: Buffer) =>
  fetch(put?.url ?? "", { method: "PUT", headers: put?.headers, body: new Uint8Array(file) });

const expiresIn = (id: string, interval: string) =>
  gateway.db
    .updateTable("uploads")
    .set({ expires_at: sql`now() + ${interval}::interval` })
    .where("id", "=", id)
    .execute();

const transcript: Transcript = {
  ...{ version: 1, language: "en", engine: "local", model: "m", timing_source: "recognised", duration_ms: 11_000 },
  ...{ text: "Hello", words: [{ text: "Hello", start_ms: 100, end_ms: 500, confidence: 1 }] },
};

async function toRender(id: string): Promise<void> {
  await gateway.storage.putText(`jobs/${id}/transcribe/exe/transcript.json`, JSON.stringify(transcript), "application/json");
  for (const stage of ["ingest", "transcribe"] as const) await gateway.advance(resultOf(id, stage));
}

async function factOf(id: string, name: "job.transcribed"): Promise<FactData<"job.transcribed">> {
  const { data } = await gateway.db
    .selectFrom("facts")
    .select("data")
    .where("job_id", "=", id)
    .where("name", "=", name)
    .executeTakeFirstOrThrow();
  return data as FactData<"job.transcribed">;
}

async function fontKeyOf(id: string): Promise<string | null> {
  const { request } = await gateway.db.selectFrom("jobs").select("request").where("id", "=", id).executeTakeFirstOrThrow();
  return request.font_key;
}
