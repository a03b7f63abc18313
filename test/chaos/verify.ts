import { setTimeout as sleep } from "node:timers/promises";
import type { Job } from "@viralclaw/contracts/api";
import { piecesFolder, transcriptsFolder } from "@viralclaw/contracts/ids";
import pg from "pg";
import { encodersIn, filesLeft } from "../processes.ts";
import type { Product } from "../product.ts";
import { objectKeys } from "../stored.ts";

/** A run that its job has outlived is ended within a heartbeat, a third of the lease of 30 s. */
const quietWithinMs = 10_000;

export type Promised = { promise: string; measured: string; verdict: "kept" | "BROKEN" };

interface Given {
  product: Product;
  /** Ids of the jobs that were answered with 202. */
  accepted: readonly string[];
  ended: ReadonlyMap<string, Job>;
  wanted: number;
}

/** What accepted means, each promise with what was found. Looks behind the API where a customer cannot. */
export async function verify({ product, accepted, ended, wanted }: Given): Promise<Promised[]> {
  const { system, dir } = product;
  const jobs = [...ended.values()];
  const statuses = Object.groupBy(jobs, ({ status }) => status);
  const failed = jobs.filter(({ status }) => status !== "done").map(({ error }) => error?.code ?? "?");
  const db = new pg.Client(system.servers.databaseUrl);
  await db.connect();
  const count = async (query: string) => Number((await db.query<{ n: string }>(query)).rows[0]?.n);
  const twice = await count(`select count(*) as n from (select job_id from gateway.facts
    where name in ('job.completed', 'job.failed', 'job.cancelled') group by job_id having count(*) <> 1) as odd`);
  const rows = await count("select count(*) as n from gateway.jobs");
  const unsent = await count("select count(*) as n from gateway.facts where published_at is null");
  const runs = await count("select coalesce(sum(run) - count(*), 0) as n from gateway.jobs");
  const { rows: jobRows } = await db.query<{ names: string }>("select known::text || request::text as names from gateway.jobs");
  const named = jobRows.map(({ names }) => names).join();
  await db.end();
  const endedAt = Date.now();
  const remains = async () => ({ files: (await filesLeft(dir)).length, encoders: encodersIn(dir).length });
  let left = await remains();
  // A worker that was paused, or whose ack was lost, learns that its job has ended, and ends what it runs for it.
  while ((left.files > 0 || left.encoders > 0) && Date.now() - endedAt < quietWithinMs) {
    await sleep(200);
    left = await remains();
  }
  const quietAfter = `, ${((Date.now() - endedAt) / 1000).toFixed(1)} s after the last job's end`;
  const storedBefore = (await objectKeys(product)).length;
  await system.retain();
  const keys = await objectKeys(product);
  const results = await Promise.all(
    (statuses.done ?? []).map(async ({ result_url }) => (await fetch(result_url ?? "", { method: "GET" })).ok),
  );
  // An execution is accounted for where a job's row names one of its objects.
  const strays = keys.filter(
    (key) => !shared.some((folder) => key.startsWith(folder)) && !named.includes(key.slice(0, key.lastIndexOf("/") + 1)),
  );

  const table: [promise: string, measured: string, kept: boolean][] = [
    [
      "every job that was posted was accepted, once",
      `${accepted.length} of ${wanted}, ${new Set(accepted).size} different, ${rows} rows`,
      accepted.length === wanted && new Set(accepted).size === wanted && rows === wanted,
    ],
    ["every accepted job ended", `${ended.size} of ${accepted.length}`, ended.size === accepted.length],
    [
      "every one of them done",
      `${statuses.done?.length ?? 0}; ${failed.length === 0 ? "none failed" : tallied(failed)}`,
      failed.length === 0,
    ],
    ["each has one ending, as one fact", `${twice} with another number`, twice === 0],
    ["each result can be fetched", `${results.filter(Boolean).length} of ${results.length}`, results.every(Boolean)],
    ["every fact was sent", `${unsent} unsent`, unsent === 0],
    [
      "no stored object is left that no job accounts for, after retention",
      `${strays.length} of ${keys.length}; retention removed ${storedBefore - keys.length}`,
      strays.length === 0,
    ],
    ["no file is left in a worker's folder", `${left.files}${quietAfter}`, left.files === 0],
    ["no encoder outlives its job", `${left.encoders}${quietAfter}`, left.encoders === 0],
  ];
  const told: Promised[] = table.map(([promise, measured, kept]) => ({ promise, measured, verdict: kept ? "kept" : "BROKEN" }));
  return [...told, { promise: "(the sweep sent again)", measured: `${runs} jobs`, verdict: "kept" }];
}

/** Kept for a time of their own, whichever job they came from. */
const shared = [transcriptsFolder, piecesFolder];

/** "3 render_failed, 1 expired". */
function tallied(codes: readonly string[]): string {
  const groups = Object.entries(Object.groupBy(codes, (code) => code));
  return groups.map(([code, all]) => `${all?.length} ${code}`).join(", ");
}
