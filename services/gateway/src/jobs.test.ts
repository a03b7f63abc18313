import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { publishProgress, publishResult } from "@viralclaw/bus/message";
import type { Job } from "@viralclaw/contracts/api";
import type { FactData, FactName } from "@viralclaw/contracts/facts";
import { readFactSubject } from "@viralclaw/contracts/pipeline";
import { sql } from "kysely";
import { typeidUnboxed } from "typeid-js";
import { acceptance, type Gateway, log, problemOf, resultOf, startGateway, until } from "./gateway.fixture.ts";
import { lockJob } from "./job.ts";
import { sendFact, startRelay } from "./outbox.ts";

let gateway: Gateway;
before(async () => {
  gateway = await startGateway();
});
after(() => gateway[Symbol.asyncDispose]());

test("results take a job from stage to stage to its end, and each becomes a fact", async () => {
  const job_id = await gateway.accepted({ metadata: { a: 1 } });
  await publishResult(gateway.bus, resultOf(job_id, "ingest"));
  const ingested = await gateway.jobWhere(job_id, (job) => job.stage === "transcribe");
  assert.deepEqual([ingested.status, ingested.duration_ms], ["processing", 11_000]);
  await publishResult(gateway.bus, resultOf(job_id, "transcribe"));
  assert.equal((await gateway.jobWhere(job_id, (job) => job.stage === "render")).language, "en");
  await publishResult(gateway.bus, resultOf(job_id, "render"));
  const done = await gateway.jobWhere(job_id, (job) => job.status === "done");
  assert.equal(done.progress, 1);
  assert.ok(done.result_url?.includes("captioned.mp4"));
  assert.ok(done.result_expires_at && done.ended_at);
  assert.deepEqual(done.attempts, { ingest: 1, transcribe: 1, render: 1 });
  assert.deepEqual(done.timings.render, { waited_ms: 5, ran_ms: 20 });
  const facts = await gateway.db
    .selectFrom("facts")
    .select(["name", "sequence", "data"])
    .where("job_id", "=", job_id)
    .orderBy("sequence")
    .execute();
  assert.deepEqual(
    facts.map(({ name }) => name),
    ["job.requested", "job.ingested", "job.transcribed", "job.completed"],
  );
  assert.deepEqual(facts.at(-1)?.data.metadata, { a: 1 });
});

test("a failed stage ends the job with its code and what to change", async () => {
  const job_id = await gateway.accepted();
  await publishResult(gateway.bus, {
    ...resultOf(job_id, "ingest"),
    outcome: { ok: false, error: { code: "source_gone", params: { host: "example.com", http_status: 404 } } },
  });
  const failed = await gateway.jobWhere(job_id, (job) => job.status === "failed");
  assert.equal(failed.error?.code, "source_gone");
  assert.match(failed.error?.detail ?? "", /example\.com says that the video is not there \(404\)/);
  assert.ok(failed.error?.fix);
});

test("results that come twice, late, from another run or out of order change nothing", async () => {
  const job_id = await gateway.accepted();
  await gateway.advance({ ...resultOf(job_id, "ingest"), run: 2 });
  await gateway.advance(resultOf(job_id, "render"));
  assert.equal((await gateway.job(job_id)).status, "queued");
  const twins = [resultOf(job_id, "ingest"), resultOf(job_id, "ingest"), resultOf(job_id, "ingest")];
  await Promise.all(twins.map((result) => gateway.advance(result)));
  await gateway.advance({ ...resultOf(job_id, "transcribe"), outcome: { ok: false, error: { code: "no_speech", params: {} } } });
  await gateway.advance(resultOf(job_id, "transcribe"));
  const facts = await gateway.db.selectFrom("facts").select("name").where("job_id", "=", job_id).orderBy("sequence").execute();
  assert.deepEqual(
    facts.map(({ name }) => name),
    ["job.requested", "job.ingested", "job.failed"],
  );
});

test("a cancelled job ends as cancelled, is told as a fact, and no result changes it", async () => {
  const job_id = await gateway.accepted({ metadata: { a: 1 } });
  await gateway.advance(resultOf(job_id, "ingest"));
  const cancelled = await gateway.cancel(job_id);
  assert.equal(cancelled.status, 200);
  assert.equal(((await cancelled.json()) as Job).status, "cancelled");
  await gateway.advance(resultOf(job_id, "transcribe"));
  const job = await gateway.job(job_id);
  assert.deepEqual([job.status, job.result_url, job.error], ["cancelled", null, null]);
  const facts = await gateway.db
    .selectFrom("facts")
    .select(["name", "data"])
    .where("job_id", "=", job_id)
    .orderBy("sequence")
    .execute();
  assert.deepEqual(facts.at(-1)?.name, "job.cancelled");
  assert.deepEqual(facts.at(-1)?.data.metadata, { a: 1 });
});

test("a job that has ended cannot be cancelled, and another customer's is not there", async () => {
  const job_id = await gateway.accepted();
  const stranger = await gateway.newCustomer("canceller@example.com");
  await problemOf(await gateway.cancel(job_id, stranger.key), 404, "job_not_found");
  await gateway.cancel(job_id);
  await problemOf(await gateway.cancel(job_id), 409, "job_already_ended");
});

const atOnce: [first: string, endsAs: "cancelled" | "done"][] = [
  ["cancel", "cancelled"],
  ["completion", "done"],
];
for (const [first, endsAs] of atOnce) {
  test(`of a cancel and a completion that meet at the job's row the first wins, everywhere the same: ${first}`, async () => {
    const job_id = await readyToEnd();
    const steps = { cancel: () => gateway.cancel(job_id), completion: () => gateway.advance(resultOf(job_id, "render")) };
    const second = first === "cancel" ? steps.completion : steps.cancel;
    // Who waits for a row's lock is served in order.
    const both = await gateway.db.transaction().execute(async (tx) => {
      await lockJob(tx, job_id);
      const one = steps[first as keyof typeof steps]();
      await waitersAtRows(1);
      const two = second();
      await waitersAtRows(2);
      return { one, two };
    });
    const answers = await Promise.all([both.one, both.two]);
    assert.equal(answers.find((answer) => answer instanceof Response)?.status, endsAs === "cancelled" ? 200 : 409);
    await assertEndedOnce(job_id, endsAs);
  });
}

test("of a cancel and a completion at the same moment one wins, everywhere the same: many times", async () => {
  for (let i = 0; i < 40; i++) {
    const job_id = await readyToEnd();
    const completed = publishResult(gateway.bus, resultOf(job_id, "render"));
    const [answer] = await Promise.all([gateway.cancel(job_id), completed]);
    await assertEndedOnce(job_id, answer.status === 200 ? "cancelled" : "done");
  }
});

async function readyToEnd(): Promise<string> {
  const job_id = await gateway.accepted();
  await gateway.advance(resultOf(job_id, "ingest"));
  await gateway.advance(resultOf(job_id, "transcribe"));
  return job_id;
}

async function waitersAtRows(count: number): Promise<void> {
  const waiting = sql`select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`;
  await until(async () => (await waiting.execute(gateway.db)).rows.length === count);
}

/** In the API, in the ledger and on the broker: one ending, this one. */
async function assertEndedOnce(job_id: string, status: "cancelled" | "done"): Promise<void> {
  const ending = { cancelled: "job.cancelled", done: "job.completed" } as const;
  assert.equal((await gateway.jobWhere(job_id, (job) => job.ended_at !== null)).status, status);
  const facts = await gateway.db.selectFrom("facts").select("name").where("job_id", "=", job_id).orderBy("sequence").execute();
  assert.deepEqual(
    facts.map(({ name }) => name),
    ["job.requested", "job.ingested", "job.transcribed", ending[status]],
  );
  const sent = async () => {
    const { state } = await gateway.bus.jsm.streams.info("FACTS", { subjects_filter: `viralclaw.job.*.*.*.${job_id}` });
    return Object.entries(state.subjects ?? {}).map(([subject, count]) => `${readFactSubject(subject)?.name} ${count}`);
  };
  await until(async () => (await sent()).length === facts.length);
  assert.deepEqual((await sent()).sort(), facts.map(({ name }) => `${name} 1`).sort());
}

const wrongAddresses: [path: string, field: string][] = [
  ["/api/jobs/abc", "id"],
  ["/api/jobs/job_01k…", "id"],
  ["/api/jobs/JOB_01JD0000000000000000000000", "id"],
  ["/api/jobs/abc/transcript.srt", "id"],
  ["/api/jobs/job_01jd0000000000000000000000?wait=-1", "wait"],
  ["/api/jobs/job_01jd0000000000000000000000?wait=3600", "wait"],
  ["/api/jobs?limit=1000", "limit"],
  ["/api/jobs?limit=abc", "limit"],
  ["/api/jobs?status=foo", "status"],
];
for (const [path, field] of wrongAddresses) {
  test(`refused with the wrong parameter named: GET ${path}`, async () => {
    const problem = await problemOf(await gateway.get(encodeURI(path)), 400, "invalid_request");
    assert.deepEqual(
      problem.errors?.map((error) => error.field),
      [field],
    );
  });
}

test("an address that cannot be decoded is a problem too", async () => {
  await problemOf(await gateway.get("/api/jobs/%E0%A4%A"), 400, "malformed_body");
});

test("a waiting client is answered when the job ends", async () => {
  const job_id = await gateway.accepted();
  const waiting = gateway.get(`/api/jobs/${job_id}?wait=30`);
  await sleep(100);
  await publishResult(gateway.bus, {
    ...resultOf(job_id, "ingest"),
    outcome: { ok: false, error: { code: "no_audio", params: {} } },
  });
  const job = (await (await waiting).json()) as Job;
  assert.equal(job.status, "failed");
});

test("a client that waits in vain is answered with the job as it is", async () => {
  const job_id = await gateway.accepted();
  const job = (await (await gateway.get(`/api/jobs/${job_id}?wait=1`)).json()) as Job;
  assert.equal(job.status, "queued");
});

test("progress is told while a stage runs, and the job is then in work", async () => {
  const job_id = await gateway.accepted();
  publishProgress(gateway.bus, { job_id, run: 1, stage: "ingest", execution_id: typeidUnboxed("exe"), attempt: 2, progress: 0 });
  publishProgress(gateway.bus, {
    job_id,
    run: 1,
    stage: "ingest",
    execution_id: typeidUnboxed("exe"),
    attempt: 2,
    progress: 0.4,
  });
  const job = await gateway.jobWhere(job_id, ({ progress }) => progress === 0.4);
  assert.deepEqual([job.status, job.stage, job.attempts, job.position], ["processing", "ingest", { ingest: 2 }, null]);
  await until(
    async () =>
      (await gateway.db.selectFrom("jobs").select("status").where("id", "=", job_id).executeTakeFirstOrThrow()).status ===
      "processing",
  );
});

test("given a gateway that knows its public address, then the addresses in its answers are whole", async () => {
  await using twin = await gateway.twin("https://api.example.com/");
  const answer = await gateway.post({ video_url: "https://example.com/v.mp4" }, gateway.owner.key, twin.url);
  const { job_id, status_url } = await acceptance(answer);
  await gateway.advance(resultOf(job_id, "ingest"));
  await gateway.advance(resultOf(job_id, "transcribe"));
  const read = async (path: string) =>
    (await fetch(twin.url + path, { headers: { "x-api-key": gateway.owner.key } })).json() as Promise<Record<string, unknown>>;
  const job = `https://api.example.com/api/jobs/${job_id}`;
  assert.deepEqual([status_url, answer.headers.get("location")], [job, job]);
  const { transcript_urls } = await read(`/api/jobs/${job_id}`);
  assert.deepEqual(transcript_urls, {
    json: `${job}/transcript.json`,
    srt: `${job}/transcript.srt`,
    vtt: `${job}/transcript.vtt`,
    ass: `${job}/transcript.ass`,
  });
  const { preview_url } = await read("/api/styles/cordel");
  assert.equal(preview_url, "https://api.example.com/api/styles/cordel/preview.png");
});

test("while a stage is tried again the job says why its last attempt failed, and no longer when that stage is over", async () => {
  const job_id = await gateway.accepted();
  const ingest = { job_id, run: 1, stage: "ingest", execution_id: typeidUnboxed("exe") } as const;
  const error = { code: "source_unreachable", params: { host: "example.com", reason: "reset" } } as const;
  publishProgress(gateway.bus, { ...ingest, attempt: 1, progress: 0, error });
  publishProgress(gateway.bus, { ...ingest, attempt: 2, progress: 0.3 });
  const { last_error, error: final, ...job } = await gateway.jobWhere(job_id, ({ progress }) => progress === 0.3);
  assert.deepEqual([last_error?.code, last_error?.attempt, job.attempts, final], ["source_unreachable", 1, { ingest: 2 }, null]);
  assert.match(last_error?.detail ?? "", /example\.com.*reset/);
  await gateway.advance(resultOf(job_id, "ingest"));
  assert.equal((await gateway.job(job_id)).last_error, null);
});

test("the queue's position counts those more urgent, then those older", async () => {
  const at = async (priority: number) =>
    await acceptance(await gateway.post({ video_url: "https://example.com/v.mp4", priority }));
  const low = await at(5);
  const lower = await at(5);
  const high = await at(1);
  assert.equal(lower.position, low.position + 1);
  assert.ok(high.position < low.position);
  assert.equal((await gateway.job(low.job_id)).position, low.position + 1);
});

test("the list goes through all jobs of the customer, newest first, page by page", async () => {
  const customer = await gateway.newCustomer("pages@example.com");
  const posted: string[] = [];
  for (let i = 0; i < 5; i++)
    posted.push((await acceptance(await gateway.post({ video_url: "https://example.com/v.mp4" }, customer.key))).job_id);
  const seen: string[] = [];
  for (let cursor: string | null = null, pages = 0; ; pages++) {
    const answer = await fetch(`${gateway.url}/api/jobs?limit=2${cursor ? `&cursor=${cursor}` : ""}`, {
      headers: { "x-api-key": customer.key },
    });
    const page = (await answer.json()) as { jobs: Job[]; next_cursor: string | null };
    seen.push(...page.jobs.map(({ job_id }) => job_id));
    cursor = page.next_cursor;
    if (!cursor) {
      assert.equal(pages, 2);
      break;
    }
  }
  assert.deepEqual(seen, posted.toReversed());
  await problemOf(await gateway.get(`/api/jobs?cursor=nonsense`, customer.key), 400, "invalid_request");
});

test("whoever sends a fact does not wait where the relay has it at the same moment: it would hold a connection meanwhile", async () => {
  const job_id = await gateway.accepted();
  const row = await gateway.db.selectFrom("facts").selectAll().where("job_id", "=", job_id).executeTakeFirstOrThrow();
  const fact = { ...row, data: row.data as FactData<FactName>, createdAt: row.created_at };
  const outcome = await gateway.db.transaction().execute(async (tx) => {
    await tx.selectFrom("facts").select("id").where("id", "=", row.id).forUpdate().execute();
    const sent = sendFact(gateway.db, gateway.bus, log, fact).then(() => "sent");
    return Promise.race([sent, waitersAtRows(1).then(() => "waits at the row")]);
  });
  assert.equal(outcome, "sent");
});

test("a fact that was committed and never sent is sent by the relay, once", async () => {
  const job_id = await gateway.accepted();
  await until(
    async () =>
      (await gateway.db.selectFrom("facts").select("published_at").where("job_id", "=", job_id).executeTakeFirstOrThrow())
        .published_at !== null,
  );
  // As if the gateway had been killed between commit and publish.
  await gateway.db
    .updateTable("facts")
    .set({ published_at: null, id: typeidUnboxed("evt"), created_at: new Date(Date.now() - 10_000) })
    .where("job_id", "=", job_id)
    .execute();
  let heard = 0;
  const subscription = gateway.bus.nc.subscribe(`viralclaw.job.captions.requested.3.${job_id}`, { callback: () => void heard++ });
  const stops = [startRelay(gateway.db, gateway.bus, log), startRelay(gateway.db, gateway.bus, log)];
  await until(async () => heard > 0);
  await sleep(1_500);
  await Promise.all(stops.map((stop) => stop()));
  subscription.unsubscribe();
  assert.equal(heard, 1);
});

test("what is wrong with a query or an address is told in the words of this API", async () => {
  const said = async (path: string) => (await problemOf(await gateway.get(path), 400, "invalid_request")).errors;
  assert.deepEqual(await said("/api/jobs?limit=many"), [{ field: "limit", message: "must be a number" }]);
  assert.deepEqual(await said("/api/jobs?limit=1.5"), [{ field: "limit", message: "must be a whole number" }]);
  assert.match(JSON.stringify(await said("/api/jobs/job_1")), /"field":"id","message":"must /);
});
