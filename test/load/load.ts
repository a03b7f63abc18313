/**
 * A crowd: many videos posted as files and many as URLs, all at the same moment. None may be refused or lost, and no
 * service's memory may grow with the crowd. Prints what POST and the whole job took as a table; leaves the figures in
 * out/bench/load.json and plots of times and of memory beside it.
 *
 *   npm run load [-- --files 100 --urls 500]
 */
import { once } from "node:events";
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { printTable, quantile, saveFigures } from "../bench/figures.ts";
import { savePlot } from "../bench/plot.ts";
import { spokenVideo } from "../media.ts";
import { startProduct } from "../product.ts";
import { crowdOf, type Visit } from "./crowd.ts";
import { watchMemory } from "./memory.ts";
import { padded } from "./padded.ts";

const { values } = parseArgs({
  options: { files: { type: "string", default: "100" }, urls: { type: "string", default: "500" } },
});
const [files, urls] = [Number(values.files), Number(values.urls)];
/** Of each posted file: a minute of a phone's video at 8 Mbit/s has 60 MB, and a hundred of those do not fit on every disk. */
const fileBytes = 16_000_000;
/** Far less than what is posted: what memory may grow by while everything is under way. */
const growthMb = { gateway: 300, transcriber: 300, renderer: 150 };

await using product = await startProduct();
const { client, dir, system } = product;
const video = await spokenVideo(join(dir, "video.mp4"), { width: 160, height: 284 });
const large = await padded(video, join(dir, "large.mp4"), fileBytes);
const { size } = await stat(video);
const source = createServer((_, response) => {
  response.writeHead(200, { "content-type": "video/mp4", "content-length": size });
  createReadStream(video).pipe(response);
}).listen(0, "127.0.0.1");
await once(source, "listening");
const url = `http://127.0.0.1:${(source.address() as AddressInfo).port}/talk.mp4`;

// The first job loads the recogniser.
await client.ended(await client.postFile(video, { language: "en" }));
const memory = watchMemory(system.processes);
const visits = await crowdOf(client, [
  ...Array.from({ length: files }, () => ({ kind: "file" as const, post: () => client.postFile(large, { language: "en" }) })),
  ...Array.from({ length: urls }, () => ({ kind: "url" as const, post: () => client.postUrl(url, { language: "en" }) })),
]);
const used = memory.stop();
source.close();

const seconds = (values: number[]) => ({
  p50: (quantile(values, 0.5) / 1000).toFixed(2),
  p99: (quantile(values, 0.99) / 1000).toFixed(2),
  max: (Math.max(...values) / 1000).toFixed(2),
});
const of = (kind: Visit["kind"]) => visits.filter((visit) => visit.kind === kind);
const kinds = (["file", "url"] as const).filter((kind) => of(kind).length > 0);
const times = kinds.flatMap((kind) => [
  { what: `POST, ${kind}`, jobs: of(kind).length, ...seconds(of(kind).map(({ postMs }) => postMs)) },
  { what: `POST to done, ${kind}`, jobs: of(kind).length, ...seconds(of(kind).flatMap(({ doneMs }) => doneMs ?? [])) },
]);
printTable(`${files} files of ${fileBytes / 1e6} MB and ${urls} URLs at once, s`, times);
printTable("Memory (resident), MB", used.table);

const refused = visits.filter(({ status }) => status !== 202);
if (refused.length > 0) printTable("Refused", tallied(refused));
const notDone = visits.filter(({ status, ended }) => status === 202 && ended !== "done");
const grown = Object.entries(growthMb).filter(([service, most]) => used.growthMb(service) > most);
const verdicts = [
  { promise: "none is refused", measured: `${refused.length} of ${visits.length}`, verdict: refused.length === 0 },
  { promise: "every job is done", measured: `${notDone.length} are not`, verdict: notDone.length === 0 },
  ...Object.entries(growthMb).map(([service, most]) => ({
    promise: `${service} grows by ${most} MB at most`,
    measured: `${used.growthMb(service)} MB`,
    verdict: used.growthMb(service) <= most,
  })),
];
printTable(
  "Promises",
  verdicts.map(({ verdict, ...row }) => ({ ...row, verdict: verdict ? "kept" : "BROKEN" })),
);
saveFigures("load", { files, urls, fileBytes, times, memory: used.table });

const out = (name: string) => resolve(import.meta.dirname, "../../out/bench", name);
const share = (values: number[]) =>
  values.toSorted((a, b) => a - b).map((ms, index): [number, number] => [ms / 1000, (100 * (index + 1)) / values.length]);
savePlot(out("load-times.svg"), {
  title: `${files} files and ${urls} URLs posted at once`,
  x: "seconds since the first was posted",
  y: "% answered, % done",
  series: kinds.flatMap((kind) => [
    { name: `POST answered, ${kind}`, points: share(of(kind).map(({ postMs }) => postMs)) },
    { name: `done, ${kind}`, points: share(of(kind).flatMap(({ doneMs }) => doneMs ?? [])) },
  ]),
});
savePlot(out("load-memory.svg"), {
  title: "Memory under that load",
  x: "seconds since the first was posted",
  y: "resident MB",
  series: used.series,
});
process.exitCode = refused.length + notDone.length + grown.length === 0 ? 0 : 1;

function tallied(visits: readonly Visit[]) {
  const groups = Object.entries(Object.groupBy(visits, ({ kind, status, code }) => `${kind} ${status} ${code}`));
  return groups.map(([what, all]) => ({ what, times: all?.length ?? 0 }));
}
