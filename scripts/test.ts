/**
 * Runs every test on real servers, which are started once; test files run side by side. Prints `N passed, N failed` last.
 *
 *   npm test                       everything
 *   npm test -- libs/bus           the files whose path holds that
 */
import { spawn } from "node:child_process";
import { globSync, rmSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { startServers } from "@viralclaw/embedded/servers";
import { serversVariable } from "@viralclaw/embedded/testing";

const root = resolve(import.meta.dirname, "..");
/** As many test files as may use the bus in one run: each has a NATS account of its own. */
const natsAccounts = 64;
/** Most files wait for servers and for ffmpeg, so one more than there are processors keeps them busy. */
const filesAtOnce = availableParallelism() + 1;

const wanted = process.argv.slice(2);
const files = globSync("{libs,services,test,scripts}/**/*.test.ts", {
  cwd: root,
  exclude: (path) => path.includes("node_modules"),
})
  .filter((file) => wanted.length === 0 || wanted.some((part) => file.includes(part)))
  // What takes longest begins first.
  .sort((a, b) => Number(b.startsWith("test/")) - Number(a.startsWith("test/")) || a.localeCompare(b));
if (files.length === 0) {
  console.error(`no test file has ${wanted.join(" or ")} in its path`);
  process.exit(1);
}

const dir = join(tmpdir(), `viralclaw-test-${process.pid}`);
const servers = await startServers({ dir, durable: false, accounts: natsAccounts, buckets: [] });
const node = spawn(process.execPath, ["--test", `--test-concurrency=${filesAtOnce}`, "--test-reporter=spec", ...files], {
  cwd: root,
  stdio: "inherit",
  env: {
    ...process.env,
    NODE_OPTIONS: "--disable-warning=ExperimentalWarning",
    NODE_COMPILE_CACHE: join(root, ".cache", "node-compile"),
    [serversVariable]: JSON.stringify(servers.connections),
  },
});
for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => node.kill(signal));
node.once("exit", async (code) => {
  await servers.stop();
  rmSync(dir, { recursive: true, force: true });
  process.exit(code ?? 1);
});
