/**
 * Fuzzing: requests made from the OpenAPI document of a product that runs, valid, nearly valid and hostile. Whatever is sent, the
 * answer is one that the document declares, an error is a problem detail, nothing is a 5xx, and what was accepted comes to an end.
 * Prints a table by operation and kind; leaves it in out/bench/fuzz.json.
 *
 *   npm run fuzz [-- --requests 10000 --seed 7]
 *   npm run fuzz -- --seed 7 --only 4711      one of them again, shown as it goes over the wire
 */
import { parseArgs } from "node:util";
import { Accepted } from "@viralclaw/contracts/api";
import { exchange } from "@viralclaw/embedded/wire";
import { printTable, saveFigures } from "../bench/figures.ts";
import { untilAllEnded } from "../chaos/jobs.ts";
import { startProduct } from "../product.ts";
import { readDocument } from "./document.ts";
import { judge } from "./judge.ts";
import { makeRequest } from "./make.ts";
import { tally } from "./tally.ts";
import { stillWell } from "./well.ts";
import { bytesOf } from "./wired.ts";
import { openWorld } from "./world.ts";

const { values } = parseArgs({
  options: {
    requests: { type: "string", default: "10000" },
    seed: { type: "string", default: String(Date.now() % 100_000) },
    only: { type: "string" },
  },
});
const count = Number(values.requests);
const seed = Number(values.seed);
const only = values.only === undefined ? undefined : Number(values.only);
const atOnce = 8;
/** Longer than anything is waited for. */
const answerWithinMs = 20_000;
/** What was accepted has ended by then: a stage's longest retry delays, and a queue. */
const settleMs = 5 * 60_000;

console.log(`${count} requests, seed ${seed}`);
await using product = await startProduct();
const document = await readDocument(product.url);
await using world = await openWorld(product, document);
const { host } = new URL(product.url);
const gateway = product.system.processes.gateway[0];
const counts = tally();
const accepted = new Set<string>();

async function send(index: number): Promise<void> {
  const { operation, kind, trick, request } = makeRequest({ document, world, key: product.client.key, seed, index });
  const bytes = bytesOf(request, host);
  const options = { withinMs: answerWithinMs, bodiless: request.method === "HEAD", halfClose: request.cutOff };
  const exchanged = await exchange(product.url, [bytes], options);
  const verdict = judge(document, kind, request, exchanged);
  counts.add({ operation: operation.id, kind, trick, index, ...verdict });
  const [answer] = exchanged.answers;
  const job = answer?.status === 202 ? Accepted.safeParse(JSON.parse(answer.body.toString("utf8"))) : undefined;
  if (job?.success) accepted.add(job.data.job_id);
  if (only !== undefined) console.log(`${bytes.toString("latin1")}\n\n${answer?.status} ${answer?.body.toString("utf8")}\n`);
}

const begun = Date.now();
const queue = (only === undefined ? Array.from({ length: count }, (_, index) => index) : [only]).values();
await Promise.all(
  Array.from({ length: atOnce }, async () => {
    for (const index of queue) await send(index);
  }),
);
const seconds = (Date.now() - begun) / 1000;

console.log(`sent in ${seconds.toFixed(0)} s; ${accepted.size} jobs were accepted`);
const ended = await untilAllEnded(product.client, [...accepted], settleMs);
const promises = [
  ...counts.promises(),
  {
    promise: "every accepted job ended",
    measured: `${ended.size} of ${accepted.size}`,
    verdict: ended.size === accepted.size ? "kept" : "BROKEN",
  },
  ...(await stillWell(product, gateway)),
];
printTable(
  `${count} requests in ${seconds.toFixed(0)} s (seed ${seed}), by operation and kind: how often which status`,
  counts.rows(),
);
printTable("By what was done to them", counts.tricks());
printTable("Promises", promises);
counts.printFaults(`npm run fuzz -- --seed ${seed} --only`);
saveFigures("fuzz", { requests: count, seed, seconds, rows: counts.rows(), tricks: counts.tricks(), promises });
process.exitCode = promises.every(({ verdict }) => verdict === "kept") ? 0 : 1;
