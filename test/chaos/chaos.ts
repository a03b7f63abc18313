/**
 * Accepted means never lost: posts many jobs while the system is killed, paused, wiped and cut off at random, and then checks
 * every promise. Prints a table of promise, measured, verdict; leaves it in out/bench/chaos.json.
 *
 *   npm run chaos [-- --jobs 100 --minutes 2 --seed 7]
 */
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { printTable, saveFigures } from "../bench/figures.ts";
import { spokenVideo } from "../media.ts";
import { startProduct } from "../product.ts";
import { disastersOf, pauseName, seeded } from "./disasters.ts";
import { postUntilAccepted, untilAllEnded } from "./jobs.ts";
import { verify } from "./verify.ts";

const { values } = parseArgs({
  options: {
    jobs: { type: "string", default: "100" },
    minutes: { type: "string", default: "2" },
    seed: { type: "string", default: String(Date.now() % 100_000) },
  },
});
const jobs = Number(values.jobs);
const chaosMs = Number(values.minutes) * 60_000;
const random = seeded(Number(values.seed));
/** Between two disasters. */
const breathMs = 4_000;
/** A pause beyond a lease, twice, and the longest retry delays; and each job may still have all its work before it. */
const settleMs = 6 * 60_000 + jobs * 2_000;

console.log(`${jobs} jobs, ${values.minutes} minutes of disasters, seed ${values.seed}`);
await using product = await startProduct();
const { system, dir, client } = product;
await Promise.all([system.start("transcriber"), system.start("renderer")]);
await using disasters = disastersOf(product, random);
const video = await spokenVideo(join(dir, "video.mp4"), { width: 160, height: 284 });

const begun = Date.now();
const posting = postUntilAccepted(client, video, { count: jobs, overMs: chaosMs, longestMs: chaosMs + settleMs });
const happened: Record<string, number> = {};
const longOnes: Promise<void>[] = [];
let deck: string[] = [];
while (Date.now() - begun < chaosMs) {
  // Like cards: each disaster comes once before any comes again.
  if (deck.length === 0) deck = Object.keys(disasters.table).sort(() => random() - 0.5);
  const name = deck.pop() ?? "";
  console.log(`${String(Math.round((Date.now() - begun) / 1000)).padStart(4)} s  ${name}`);
  happened[name] = (happened[name] ?? 0) + 1;
  const disaster = disasters.table[name]?.() ?? Promise.resolve();
  if (name === pauseName) longOnes.push(disaster);
  else await disaster;
  await sleep(breathMs * random());
}
await Promise.all(longOnes);
const chaosOver = Date.now();
const accepted = await posting;
const ended = await untilAllEnded(client, accepted, settleMs);
const recoveredMs = Date.now() - chaosOver;

const promises = await verify({ product, accepted, ended, wanted: jobs });
printTable(
  "Disasters",
  Object.entries(happened).map(([disaster, times]) => ({ disaster, times })),
);
printTable(
  `Promises, after ${jobs} jobs (seed ${values.seed}); all had ended ${(recoveredMs / 1000).toFixed(1)} s after the last disaster`,
  promises,
);
saveFigures("chaos", { jobs, seed: Number(values.seed), happened, recoveredMs, promises });
process.exitCode = promises.every(({ verdict }) => verdict === "kept") ? 0 : 1;
