import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { ListMultipartUploadsCommand, ListObjectsV2Command, S3Client } from "@aws-sdk/client-s3";
import { type Bus, connectBus } from "@viralclaw/bus/connect";
import { consumeResults } from "@viralclaw/bus/results";
import { Accepted, type Job, type Problem } from "@viralclaw/contracts/api";
import type { Result, Stage } from "@viralclaw/contracts/pipeline";
import { migrate, openDatabase, openPool } from "@viralclaw/db/database";
import type { S3Server } from "@viralclaw/embedded/s3/server";
import { natsForTest, postgresForTest, s3ForTest, testBucket } from "@viralclaw/embedded/testing";
import { openLog } from "@viralclaw/runtime/log";
import { openStorage, type Storage } from "@viralclaw/storage/storage";
import { typeidUnboxed } from "typeid-js";
import { advance } from "./advance.ts";
import { type Database, schema, type Tables } from "./database.ts";
import { followJobs } from "./follow.ts";
import { createKey } from "./keys.ts";
import { migrations } from "./migrations.ts";
import { rateLimits } from "./rate-limit.ts";
import { buildServer } from "./server.ts";

export const log = openLog("gateway-test", "silent");
export const retentionDays = 30;
const secretKey = "a secret key that is at least 32 characters long";

export interface Customer {
  /** Of the key. */
  id: string;
  key: string;
}

/** A gateway on real servers, with a customer, and what a test asks it. No workers run: tests publish their results. */
export interface Gateway extends AsyncDisposable {
  url: string;
  db: Database;
  bus: Bus;
  storage: Storage;
  /** Makes the store misbehave. */
  store: Pick<S3Server, "fail" | "heal" | "met">;
  owner: Customer;
  /** Where requests keep what they are in the middle of. */
  workDir: string;
  /** With a key that may post `rate` videos a minute. */
  newCustomer(email: string, rate?: number): Promise<Customer>;
  /** GET with the owner's key. */
  get(path: string, key?: string): Promise<Response>;
  /** POST /api/add-captions as JSON, to another gateway where its `url` is given. */
  post(body: unknown, key?: string, url?: string, headers?: Record<string, string>): Promise<Response>;
  postForm(form: FormData): Promise<Response>;
  /** Posts a URL and answers the id of the accepted job. */
  accepted(body?: object): Promise<string>;
  cancel(id: string, key?: string): Promise<Response>;
  job(id: string): Promise<Job>;
  /** The job, once it is as wanted. */
  jobWhere(id: string, wanted: (job: Job) => boolean): Promise<Job>;
  advance(result: Result): Promise<void>;
  /** Another gateway on the same database, store and broker, which may know where customers reach it. */
  twin(publicUrl?: string): Promise<{ url: string } & AsyncDisposable>;
  /** Objects in the store, with uploads that were begun and not ended. */
  objectCount(): Promise<number>;
}

/** As long as any test takes. */
const patient = { headersMs: 60_000, requestMs: 300_000 };

export async function startGateway({
  perAddress = 0,
  trustedProxies = [] as string[],
  timeouts = patient,
} = {}): Promise<Gateway> {
  const [database, nats, store] = await Promise.all([
    postgresForTest({ name: "gateway", prepare: makeTables }),
    natsForTest(),
    s3ForTest(),
  ]);
  const db = openDatabase<Tables>({ url: database.url, schema, max: 5, log });
  const bus = await connectBus({ url: nats.url, name: "gateway test", log });
  const storage = openStorage({ endpoint: store.url, bucket: testBucket, ...store });
  const follower = followJobs(bus, db, log);
  const stopResults = consumeResults(bus, (result) => advance(result, { db, bus, log }), log);
  const workDir = await mkdtemp(join(tmpdir(), "gateway-test-"));
  const pool = openPool({ url: database.url, schema, max: 2, log });
  const limits = rateLimits(pool, perAddress);
  const shared = { db, bus, storage, follower, log, secretKey, trustedProxies, timeouts, workDir, retentionDays };
  const server = await buildServer({ ...shared, limits });
  const url = await server.listen({ host: "127.0.0.1", port: 0 });
  const client = new S3Client({ endpoint: store.url, region: "auto", forcePathStyle: true, credentials: store });

  const newCustomer = async (email: string, ratePerMinute = 10_000) => {
    const customerId = typeidUnboxed("cus");
    await db.insertInto("customers").values({ id: customerId, email, name: email, plan: "free" }).execute();
    return createKey(db, secretKey, { customerId, name: "test", mode: "live", ratePerMinute });
  };
  const owner = await newCustomer("owner@example.com");
  const get = (path: string, key = owner.key) => fetch(`${url}${path}`, { headers: { "x-api-key": key } });
  const post = (body: unknown, key = owner.key, at: string = url, headers: Record<string, string> = {}) =>
    fetch(`${at}/api/add-captions`, {
      method: "POST",
      headers: { "x-api-key": key, "content-type": "application/json", ...headers },
      body: JSON.stringify(body),
    });
  const job = async (id: string) => (await (await get(`/api/jobs/${id}`)).json()) as Job;

  return {
    url,
    db,
    bus,
    storage,
    store,
    owner,
    newCustomer,
    get,
    post,
    postForm: (form) => fetch(`${url}/api/add-captions`, { method: "POST", headers: { "x-api-key": owner.key }, body: form }),
    accepted: async (body = {}) => (await acceptance(await post({ video_url: "https://example.com/v.mp4", ...body }))).job_id,
    cancel: (id, key = owner.key) => fetch(`${url}/api/jobs/${id}/cancel`, { method: "POST", headers: { "x-api-key": key } }),
    job,
    async jobWhere(id, wanted) {
      for (;;) {
        const found = await job(id);
        if (wanted(found)) return found;
        await sleep(20);
      }
    },
    workDir,
    advance: (result) => advance(result, { db, bus, log }),
    async twin(publicUrl) {
      const other = openPool({ url: database.url, schema, max: 2, log });
      const app = await buildServer({ ...shared, limits: rateLimits(other, perAddress), publicUrl });
      return {
        url: await app.listen({ host: "127.0.0.1", port: 0 }),
        async [Symbol.asyncDispose]() {
          await app.close();
          await other.end();
        },
      };
    },
    async objectCount() {
      const [objects, uploads] = await Promise.all([
        client.send(new ListObjectsV2Command({ Bucket: testBucket })),
        client.send(new ListMultipartUploadsCommand({ Bucket: testBucket })),
      ]);
      return (objects.KeyCount ?? 0) + (uploads.Uploads?.length ?? 0);
    },
    async [Symbol.asyncDispose]() {
      client.destroy();
      await server.close();
      await stopResults();
      follower.stop();
      await bus[Symbol.asyncDispose]();
      await Promise.all([pool.end(), db.destroy()]);
      storage.close();
      await rm(workDir, { recursive: true });
      await Promise.all([database.stop(), nats.stop(), store.stop()]);
    },
  };
}

async function makeTables(url: string): Promise<void> {
  const db = openDatabase<Tables>({ url, schema, max: 1, log });
  await migrate(db, schema, migrations);
  await db.destroy();
}

/** The body of a 202. */
export const acceptance = async (answer: Response) => Accepted.parse(await answer.json());

export async function until(condition: () => Promise<boolean>) {
  while (!(await condition())) await sleep(20);
}

/** Checks that an answer is a whole problem detail of that code, and that nothing of ours shows in it. */
export async function problemOf(answer: Response, status: number, code: string): Promise<Problem> {
  const problem = (await answer.json()) as Problem;
  assert.equal(answer.status, status, JSON.stringify(problem));
  assert.match(answer.headers.get("content-type") ?? "", /^application\/problem\+json/);
  assert.equal(problem.code, code);
  assert.equal(problem.type, `/errors#${code}`);
  assert.ok(problem.title && problem.detail && problem.fix);
  assert.doesNotMatch(JSON.stringify(problem), /\{\w+\}|at .*\.ts:\d+/);
  return problem;
}

/** What each stage finds of a video of 11 s. */
const stageData: Record<Stage, Record<string, unknown>> = {
  ingest: {
    source_key: "jobs/j/ingest/e/source",
    source_bytes: 1000,
    duration_ms: 11_000,
    tier: "up_to_1_min",
    video: {
      stream_index: 0,
      codec: "h264",
      width: 1080,
      height: 1920,
      rotation: 0,
      fps: 30,
      pixel_format: "yuv420p",
      color_transfer: "bt709",
      start_ms: 0,
    },
    audio: { stream_index: 1, codec: "aac", start_ms: 0, duration_ms: 11_000 },
  },
  transcribe: {
    transcript_key: "",
    language: "en",
    engine: "local",
    model: "moonshine-tiny",
    timing_source: "recognised",
    words: 22,
    reused: false,
  },
  render: {
    result_key: "jobs/j/render/e/captioned.mp4",
    result_bytes: 2000,
    ass_key: "jobs/j/render/e/captions.ass",
    report_key: "jobs/j/render/e/report.json",
  },
};

/** The result of a stage that went well, as a worker would send it. */
export function resultOf(jobId: string, stage: Stage): Result {
  const data =
    stage === "transcribe"
      ? { ...stageData.transcribe, transcript_key: `jobs/${jobId}/transcribe/exe/transcript.json` }
      : stageData[stage];
  return {
    job_id: jobId,
    run: 1,
    stage,
    fact_id: typeidUnboxed("evt"),
    execution_id: typeidUnboxed("exe"),
    attempt: 1,
    waited_ms: 5,
    ran_ms: 20,
    outcome: { ok: true, data },
  };
}
