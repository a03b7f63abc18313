/**
 * What it costs to say a job's place in the queue: the last of 5 waiting jobs is asked for, then the last of 500. All waiting
 * jobs are asked once, too: their places must be 1 to the last, without a gap.
 *
 *   npm run bench:position
 */
import { Accepted, type Job } from "@viralclaw/contracts/api";
import { startProduct } from "../product.ts";
import { printTable, quantile, saveFigures } from "./figures.ts";

const lengths = [5, 500];
const asks = 300;
const atOnce = 20;
const targetRatio = 1.25;

await using product = await startProduct();
const { client, system } = product;
// Nobody serves the queue, so it stays as long as it is.
await Promise.all(system.processes.transcriber.map((child) => child.stop("SIGKILL", 0)));

const ids: string[] = [];
const rows: { queued: number; p50: number; p99: number }[] = [];
for (const length of lengths) {
  while (ids.length < length) {
    const answers = await Promise.all(
      Array.from({ length: Math.min(atOnce, length - ids.length) }, () => client.postUrl("https://example.com/talk.mp4")),
    );
    for (const answer of answers) ids.push(Accepted.parse(await answer.json()).job_id);
  }
  const last = ids.toSorted().at(-1);
  const took: number[] = [];
  for (let i = 0; i < asks; i++) {
    const begun = performance.now();
    await (await client.get(`/api/jobs/${last}`)).arrayBuffer();
    took.push(performance.now() - begun);
  }
  rows.push({ queued: length, p50: Number(quantile(took, 0.5).toFixed(2)), p99: Number(quantile(took, 0.99).toFixed(2)) });
}

const places: (number | null)[] = [];
for (const id of ids.toSorted()) places.push(((await (await client.get(`/api/jobs/${id}`)).json()) as Job).position);
const right = places.every((place, index) => place === index + 1);
const [few, many] = rows;
const ratio = (many?.p50 ?? Number.NaN) / (few?.p50 ?? Number.NaN);

printTable("GET of the last job in the queue, ms", rows);
console.log(`\nplaces of all ${ids.length}: ${right ? "right" : "WRONG"}`);
console.log(
  `target: 500 cost at most ${targetRatio} times what 5 do: ${ratio <= targetRatio ? "met" : "MISSED"} (${ratio.toFixed(2)})`,
);
saveFigures("position", { rows, ratio, right });
process.exitCode = right && ratio <= targetRatio ? 0 : 1;
