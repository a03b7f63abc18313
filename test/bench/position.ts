/**
 * What it costs to say a job's place in the queue: of 500 waiting jobs the fifth and the last are asked for in turn, so that both meet
 * the same machine. All waiting jobs are asked once, too: their places must be 1 to the last, without a gap.
 *
 *   npm run bench:position
 */
import { Accepted, type Job } from "@viralclaw/contracts/api";
import { startProduct } from "../product.ts";
import { printTable, quantile, saveFigures } from "./figures.ts";

const asked = [5, 500];
const longest = Math.max(...asked);
const asks = 300;
const atOnce = 20;
const targetRatio = 1.25;

await using product = await startProduct();
const { client, system } = product;
// Nobody serves the queue, so it stays as long as it is.
await Promise.all(system.processes.transcriber.map((child) => child.stop("SIGKILL", 0)));

const ids: string[] = [];
while (ids.length < longest) {
  const count = Math.min(atOnce, longest - ids.length);
  const answers = await Promise.all(Array.from({ length: count }, () => client.postUrl("https://example.com/talk.mp4")));
  for (const answer of answers) ids.push(Accepted.parse(await answer.json()).job_id);
}
const inOrder = ids.toSorted();
const took = new Map(asked.map((place): [number, number[]] => [place, []]));
for (let i = 0; i < asks; i++)
  for (const [place, all] of took) {
    const begun = performance.now();
    await (await client.get(`/api/jobs/${inOrder[place - 1]}`)).arrayBuffer();
    all.push(performance.now() - begun);
  }
const rows = [...took].map(([place, all]) => ({
  place,
  p50: Number(quantile(all, 0.5).toFixed(2)),
  p99: Number(quantile(all, 0.99).toFixed(2)),
}));

const places: (number | null)[] = [];
for (const id of inOrder) places.push(((await (await client.get(`/api/jobs/${id}`)).json()) as Job).position);
const right = places.every((place, index) => place === index + 1);
const [few, many] = rows;
const ratio = (many?.p50 ?? Number.NaN) / (few?.p50 ?? Number.NaN);

printTable("GET of a job in the queue, by its place, ms", rows);
console.log(`\nplaces of all ${ids.length}: ${right ? "right" : "WRONG"}`);
console.log(
  `target: the last costs at most ${targetRatio} times what the fifth does: ${ratio <= targetRatio ? "met" : "MISSED"} (${ratio.toFixed(2)})`,
);
saveFigures("position", { rows, ratio, right });
process.exitCode = right && ratio <= targetRatio ? 0 : 1;
