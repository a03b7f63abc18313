/**
 * What the system adds to the media work of a job: from POST to done as the client sees it, less the time the stages ran.
 * And how soon a waiting client is answered after the job has ended.
 *
 *   npm run bench:overhead [-- --jobs 20]
 */
import { join } from "node:path";
import { parseArgs } from "node:util";
import type { Job } from "@viralclaw/contracts/api";
import { stageNames } from "@viralclaw/contracts/pipeline";
import { spokenVideo } from "../media.ts";
import { lookOf, startProduct } from "../product.ts";
import { printTable, quantile, saveFigures } from "./figures.ts";

const targetP50Ms = 150;
const { values } = parseArgs({ options: { jobs: { type: "string", default: "20" } } });

await using product = await startProduct();
const { client } = product;
const video = await spokenVideo(join(product.dir, "video.mp4"));
// The first job loads the recogniser.
await client.ended(await client.postFile(video, { language: "en" }));

const jobs: { totalMs: number; workMs: number; answeredMs: number; job: Job }[] = [];
for (let i = 0; i < Number(values.jobs); i++) {
  // Each in a look of its own: nothing that an earlier one encoded can be used again.
  const asked = { language: "en", style_overrides: JSON.stringify(lookOf(i)) };
  const postedAt = Date.now();
  const job = await client.ended(await client.postFile(video, asked));
  const answeredAt = Date.now();
  if (job.status !== "done" || !job.ended_at) throw new Error(`a job ended as ${job.status}: ${job.error?.detail}`);
  const workMs = stageNames.reduce((sum, stage) => sum + (job.timings[stage]?.ran_ms ?? 0), 0);
  jobs.push({ totalMs: answeredAt - postedAt, workMs, answeredMs: answeredAt - Date.parse(job.ended_at), job });
}

const row = (what: string, values: number[]) => ({
  what,
  p50: quantile(values, 0.5),
  p90: quantile(values, 0.9),
  max: Math.max(...values),
});
const rows = [
  row(
    "POST to done",
    jobs.map(({ totalMs }) => totalMs),
  ),
  ...stageNames.map((stage) =>
    row(
      `  ${stage}: ran`,
      jobs.map(({ job }) => job.timings[stage]?.ran_ms ?? 0),
    ),
  ),
  ...stageNames.map((stage) =>
    row(
      `  ${stage}: waited`,
      jobs.map(({ job }) => job.timings[stage]?.waited_ms ?? 0),
    ),
  ),
  row(
    "overhead: POST to done less what ran",
    jobs.map(({ totalMs, workMs }) => totalMs - workMs),
  ),
  row(
    "waiting client answered after the end",
    jobs.map(({ answeredMs }) => answeredMs),
  ),
];
printTable(`Overhead of ${jobs.length} jobs, one at a time, ms`, rows);
const p50 = quantile(
  jobs.map(({ totalMs, workMs }) => totalMs - workMs),
  0.5,
);
console.log(`\ntarget: overhead p50 <= ${targetP50Ms} ms: ${p50 <= targetP50Ms ? "met" : "MISSED"} (${p50} ms)`);
saveFigures("overhead", rows);
process.exitCode = p50 <= targetP50Ms ? 0 : 1;
