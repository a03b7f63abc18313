/**
 * How long the system takes to recover, by itself, from the loss of a server with all jobs under way. Prints a table of
 * disaster, jobs, verdict and times; leaves it in out/bench/recover.json.
 *
 *   npm run recover [-- --jobs 50 --store-seconds 60]
 */
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { Accepted } from "@viralclaw/contracts/api";
import pg from "pg";
import { printTable, quantile, saveFigures } from "../bench/figures.ts";
import { spokenVideo } from "../media.ts";
import { outagesOf } from "../outages.ts";
import { burnsIn, encodersIn } from "../processes.ts";
import { startProduct } from "../product.ts";

const { values } = parseArgs({
  options: { jobs: { type: "string", default: "50" }, "store-seconds": { type: "string", default: "60" } },
});
const jobs = Number(values.jobs);
const storeDownMs = Number(values["store-seconds"]) * 1000;
/** A server that is started again at once is away for as long as it takes. */
const awayMs = 1_000;
const cancels = 5;

await using product = await startProduct();
const { system, client, dir } = product;
await using outages = outagesOf(product);
const video = await spokenVideo(join(dir, "video.mp4"), { width: 160, height: 284 });
const large = await spokenVideo(join(dir, "large.mp4"), { width: 1080, height: 1920, seconds: 10 });

const disasters: Record<string, () => Promise<void>> = {
  "none, for comparison": async () => undefined,
  "NATS restarted": async () => {
    await outages.stopNats();
    await sleep(awayMs);
    await outages.startNats();
  },
  "NATS restarted with its store deleted": async () => {
    await outages.stopNats();
    await sleep(awayMs);
    await outages.startNats({ wipe: true });
  },
  "Postgres restarted": async () => {
    await outages.stopPostgres();
    await sleep(awayMs);
    await outages.startPostgres();
  },
  [`the store refuses for ${storeDownMs / 1000} s`]: async () => {
    await system.servers.s3.fail({ status: 503 });
    await sleep(storeDownMs);
    await system.servers.s3.heal();
  },
};

const rows = [];
for (const [disaster, happen] of Object.entries(disasters)) {
  const ids = await postAll();
  while ((await ledgerOf(ids)).ended === 0) await sleep(50);
  const before = await ledgerOf(ids);
  const begun = Date.now();
  await happen();
  const mended = Date.now();
  while ((await ledgerOf(ids)).ended < jobs) await sleep(50);
  const { endedAt, done, endings, sentAgain } = await ledgerOf(ids);
  const after = endedAt.map((at) => (at - mended) / 1000).filter((seconds) => seconds > 0);
  rows.push({
    disaster,
    "under way": jobs - before.ended,
    "ended as done": `${done} of ${jobs}`,
    "endings told": endings,
    "sent again": sentAgain,
    "lasted, s": seconds(mended - begun),
    "first done after, s": after.length === 0 ? "-" : seconds(Math.min(...after) * 1000),
    "all done after, s": after.length === 0 ? "-" : seconds(Math.max(...after) * 1000),
    verdict: done === jobs && endings === jobs ? "kept" : "BROKEN",
  });
  console.log(`${disaster}: ${done} of ${jobs} done`);
}
const killedMs = [];
for (let round = 0; round < cancels; round++) killedMs.push(await cancelledEncoder());

printTable(`Recovery with ${jobs} jobs under way; nobody intervenes`, rows);
const cancelled = { "p50, ms": Math.round(quantile(killedMs, 0.5)), "max, ms": Math.round(Math.max(...killedMs)) };
printTable("From POST …/cancel to the death of its ffmpeg (target 1000)", [cancelled]);
saveFigures("recover", { jobs, rows, cancelled });
process.exitCode = rows.every(({ verdict }) => verdict === "kept") ? 0 : 1;

async function postAll(): Promise<string[]> {
  const answers = await Promise.all(Array.from({ length: jobs }, () => client.postFile(video, { language: "en" })));
  return Promise.all(answers.map(async (answer) => Accepted.parse(await answer.json()).job_id));
}

/** Asked of the database: it is what counts, and costs the services nothing. While it restarts, nothing has ended. */
async function ledgerOf(ids: readonly string[]) {
  const db = new pg.Client(system.servers.databaseUrl);
  try {
    await db.connect();
    const { rows } = await db.query<{ ended_at: Date | null; status: string; run: number; endings: number }>(
      `select ended_at, status, run, (select count(*)::int from gateway.facts where job_id = jobs.id
         and name in ('job.completed', 'job.failed', 'job.cancelled')) as endings from gateway.jobs where id = any($1)`,
      [ids],
    );
    return {
      ended: rows.filter(({ ended_at }) => ended_at).length,
      endedAt: rows.flatMap(({ ended_at }) => ended_at?.getTime() ?? []),
      done: rows.filter(({ status }) => status === "done").length,
      endings: rows.reduce((sum, row) => sum + row.endings, 0),
      sentAgain: rows.filter(({ run }) => run > 1).length,
    };
  } finally {
    await db.end();
  }
}

/** Cancels a job in the middle of ffmpeg; answers how long that lived on, ms. */
async function cancelledEncoder(): Promise<number> {
  const { status_url } = Accepted.parse(await (await client.postFile(large, { language: "en" })).json());
  const encoders = () => encodersIn(dir).filter(burnsIn);
  while (encoders().length === 0) await sleep(5);
  const asked = performance.now();
  const answer = await client.post(`${status_url}/cancel`);
  if (answer.status !== 200) throw new Error(`the job could not be cancelled: ${answer.status}`);
  while (encoders().length > 0) await sleep(5);
  return performance.now() - asked;
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(1);
}
