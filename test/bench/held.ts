/**
 * How long one request can hold the gateway's event loop, on which every other request waits: hostile bodies as large as they may be,
 * each three times. What is told is the processor time of the gateway's main thread, the least of the three, which a busy machine
 * does not lengthen, and how long another request waited meanwhile, which it does.
 *
 *   npm run bench:held
 */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { spokenVideo } from "../media.ts";
import { startProduct } from "../product.ts";
import { printTable, saveFigures } from "./figures.ts";
import { bodies, hostileTranscripts } from "./held-bodies.ts";

/** Of processor time: another request waits no longer than a slow network makes it wait. */
const mostMs = 150;
const repeats = 3;
/** What /proc counts in (sysconf _SC_CLK_TCK), on every Linux that Node runs on. */
const tickMs = 10;

await using product = await startProduct();
const { client, url } = product;
const [gateway] = product.system.processes.gateway;
if (!gateway) throw new Error("No gateway runs.");

/** Of the thread that runs JavaScript, since it began. */
async function processorMs(): Promise<number> {
  const stat = await readFile(`/proc/${gateway?.pid}/task/${gateway?.pid}/stat`, "utf8");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) * tickMs;
}

async function measured(what: string, request: (run: number) => Promise<Response>) {
  const runs: { ms: number; waited: number; status: number; bytes: number }[] = [];
  for (let run = 0; run < repeats; run++) {
    const before = await processorMs();
    let waited = 0;
    let isOver = false;
    const others = (async () => {
      while (!isOver) {
        const begun = performance.now();
        await (await fetch(new URL("/health", url))).arrayBuffer();
        waited = Math.max(waited, performance.now() - begun);
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    })();
    const answer = await request(run);
    const { byteLength } = await answer.arrayBuffer();
    isOver = true;
    await others;
    runs.push({ ms: (await processorMs()) - before, waited, status: answer.status, bytes: byteLength });
  }
  const least = (of: "ms" | "waited") => Math.round(Math.min(...runs.map((run) => run[of])));
  const { status = 0, bytes = 0 } = runs[0] ?? {};
  return { what, status, "answer, bytes": bytes, "processor, ms": least("ms"), "another waited, ms": least("waited") };
}

const rows = [];
for (const [what, { method = "POST", path, type = "application/json", body }] of Object.entries(bodies())) {
  const headers = { "x-api-key": client.key, "content-type": type };
  rows.push(await measured(what, () => fetch(new URL(path, url), { method, headers, body })));
}
const video = await spokenVideo(join(product.dir, "held.mp4"), { width: 160, height: 284 });
for (const [what, { language, words }] of Object.entries(hostileTranscripts())) {
  const job = await client.ended(await client.postFile(video, { language, text: "a" }));
  const path = `/api/jobs/${job.job_id}/transcript`;
  const headers = { "x-api-key": client.key, "content-type": "application/json" };
  const put = (run: number) => ({ method: "PUT", headers, body: JSON.stringify({ version: run + 1, words }) });
  rows.push(await measured(`PUT transcript: ${what}`, (run) => fetch(new URL(path, url), put(run))));
  for (const ending of [".json", ".srt", ".vtt"])
    rows.push(await measured(`GET ${ending}: ${what}`, () => client.get(path + ending)));
}
const sorted = rows.toSorted((a, b) => b["processor, ms"] - a["processor, ms"]);
printTable(`Hostile requests, ${repeats} times each: how long they hold the gateway`, sorted);
const over = sorted.filter((row) => row["processor, ms"] > mostMs);
console.log(`\npromise: none holds it longer than ${mostMs} ms: ${over.length === 0 ? "kept" : `BROKEN by ${over.length}`}`);
saveFigures("held", rows);
process.exitCode = over.length === 0 ? 0 : 1;
