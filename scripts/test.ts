/**
 * Runs every test on real servers, which are started once; test files run side by side. Prints `N passed, N failed` last.
 *
 *   npm test                       everything
 *   npm test -- libs/bus           the files whose path holds that
 */
import { globSync, rmSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { pipeline } from "node:stream/promises";
import { run } from "node:test";
import { spec } from "node:test/reporters";
import { startServers } from "@viralclaw/embedded/servers";
import { serversVariable } from "@viralclaw/embedded/testing";

const root = resolve(import.meta.dirname, "..");
/** As many test files as may use the bus in one run: each has a NATS account of its own. */
const natsAccounts = 64;
/** Most files wait for servers and for ffmpeg, so one more than there are processors keeps them busy. */
const filesAtOnce = availableParallelism() + 1;
/** A test that hangs is named after this long: the longest takes a quarter of a minute. What it left running ends with the run. */
const longestTestMs = 5 * 60_000;
const longestRunMs = 30 * 60_000;
/** What takes longest, by its seconds, begins first: else the last of them runs alone in the end. All others take less than ten. */
const longest = [
  "test/promise/kills",
  "services/renderer/src/pieces/pieces",
  "test/acceptance/captions",
  "test/promise/leases",
  "services/transcriber/src/hostile",
  "test/acceptance/words",
  "test/acceptance/portuguese",
  "test/promise/cancel",
  "services/renderer/src/hostile",
  "test/hostile/secrets",
  "test/acceptance/trace",
  "test/hostile/api",
  "services/transcriber/src/transcribe",
  "services/renderer/src/timing",
  "services/gateway/src/queue",
  "services/transcriber/src/own-words",
  "services/renderer/src/preview",
  "services/transcriber/src/ingest",
  "services/gateway/src/bounds",
].map((name) => `${name}.test.ts`);

const wanted = process.argv.slice(2);
const files = globSync("{libs,services,test,scripts}/**/*.test.ts", {
  cwd: root,
  exclude: (path) => path.includes("node_modules"),
})
  .filter((file) => wanted.length === 0 || wanted.some((part) => file.includes(part)))
  .sort((a, b) => rank(a) - rank(b) || a.localeCompare(b));
if (files.length === 0) {
  console.error(`no test file has ${wanted.join(" or ")} in its path`);
  process.exit(1);
}

const dir = join(tmpdir(), `viralclaw-test-${process.pid}`);
const servers = await startServers({ dir, durable: false, accounts: natsAccounts, buckets: [] });
const stopping = new AbortController();
for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => stopping.abort());
setTimeout(() => stopping.abort(), longestRunMs).unref();
let ended = { passed: 0, failed: files.length };
// By its API: the command line would sort the files by name.
const running = run({
  files: files.map((file) => join(root, file)),
  cwd: root,
  concurrency: filesAtOnce,
  signal: stopping.signal,
  timeout: longestTestMs,
  env: {
    ...process.env,
    NODE_OPTIONS: "--disable-warning=ExperimentalWarning",
    NODE_COMPILE_CACHE: join(root, ".cache", "node-compile"),
    [serversVariable]: JSON.stringify(servers.connections),
  },
});
running.on("test:summary", ({ file, success, counts }) => {
  if (file !== undefined) return;
  const { tests, passed, skipped, todo } = counts;
  ended = { passed, failed: success ? 0 : Math.max(1, tests - passed - skipped - todo) };
});
await pipeline(running.compose(spec), process.stdout, { end: false });
await servers.stop();
rmSync(dir, { recursive: true, force: true });
console.log(`${ended.passed} passed, ${ended.failed} failed`);
process.exit(ended.failed === 0 ? 0 : 1);

function rank(file: string): number {
  const place = longest.indexOf(file);
  return place < 0 ? longest.length : place;
}
