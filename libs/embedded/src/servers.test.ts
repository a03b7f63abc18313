import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { loopback } from "./ports.ts";
import { processesIn } from "./proc.ts";
import { startServers } from "./servers.ts";

const root = mkdtempSync(join(tmpdir(), "viralclaw-servers-"));
after(() => rmSync(root, { recursive: true }));
const limit = { timeout: 60_000 };

test("all three start, on ports of their own, twice side by side", async () => {
  const start = (name: string) => startServers({ dir: join(root, name), durable: false, buckets: ["media"] });
  const both = await Promise.all([start("one"), start("two")]);
  const ports = both.flatMap(({ natsUrl, databaseUrl, s3 }) => [natsUrl, databaseUrl, s3.url].map((url) => new URL(url).port));
  assert.equal(new Set(ports).size, 6);
  for (const { connections, startedMs } of both) {
    assert.deepEqual(JSON.parse(JSON.stringify(connections)), connections, "plain data, to hand to another process");
    assert.ok(Object.values(startedMs).every((ms) => ms > 0));
  }
  await Promise.all(both.map((servers) => servers.stop()));
  for (const { nats, postgres, s3 } of both) assert.deepEqual([nats.pid, postgres.pid, s3.pid].filter(isRunning), []);
});

test("if one does not start, none is left", async () => {
  // Not to keep a failed run open.
  const taken = createServer().unref().listen(0, loopback);
  await once(taken, "listening");
  const address = taken.address();
  const s3 = address !== null && typeof address === "object" ? address.port : 0;
  const dir = join(root, "half");
  await assert.rejects(startServers({ dir, durable: false, buckets: [], ports: { s3 } }), /EADDRINUSE/);
  assert.deepEqual(processesOf(dir), []);
  taken.close();
});

test(
  "a process that is killed with -9 leaves no server, and the next one starts on its data at once",
  limit,
  async ({ signal }) => {
    const dir = join(root, "killed");
    const program = `
    import { startServers } from ${JSON.stringify(join(import.meta.dirname, "servers.ts"))};
    await startServers({ dir: ${JSON.stringify(dir)}, durable: false, buckets: ["media"] });
    console.log("up");
    setInterval(() => {}, 1000);`;
    for (let round = 1; round <= 2; round++) {
      const parent = spawn(process.execPath, ["--input-type=module", "-e", program], { stdio: ["ignore", "pipe", "inherit"] });
      await Promise.race([once(parent.stdout, "data"), once(parent, "exit")]);
      assert.ok(processesOf(dir).length >= 3);
      parent.kill("SIGKILL");
      await once(parent, "exit");
    }
    const servers = await startServers({ dir, durable: false, buckets: ["media"] });
    await servers.stop();
    await noneLeft(dir, signal);
  },
);

test("a process that ends without stopping them leaves no server", limit, async ({ signal }) => {
  const dir = join(root, "ended");
  const program = `
    import { startServers } from ${JSON.stringify(join(import.meta.dirname, "servers.ts"))};
    await startServers({ dir: ${JSON.stringify(dir)}, durable: false, buckets: [] });`;
  execFileSync(process.execPath, ["--input-type=module", "-e", program]);
  await noneLeft(dir, signal);
});

test("a process that waits for nothing but the store's misbehaviour lives until that has begun", () => {
  const program = `
    import { startS3Process } from ${JSON.stringify(join(import.meta.dirname, "s3/process.ts"))};
    const keys = { accessKeyId: "key", secretAccessKey: "secret" };
    const store = await startS3Process({ dir: ${JSON.stringify(join(root, "told"))}, buckets: ["media"], ...keys });
    await store.fail({ status: 503 });
    await store.heal();
    console.log("told");
    await store.stop();`;
  assert.equal(String(execFileSync(process.execPath, ["--input-type=module", "-e", program])), "told\n");
});

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Waits for what the kernel was told to kill: the test's own limit ends the waiting for what lives on. */
async function noneLeft(dir: string, signal: AbortSignal): Promise<void> {
  while (processesOf(dir).length > 0) await sleep(20, undefined, { signal });
}

/** The processes that name the folder in their command line, or work in Postgres' part of it, as its workers do. */
function processesOf(dir: string): number[] {
  const naming = readdirSync("/proc")
    .map(Number)
    .filter((pid) => Number.isInteger(pid) && pid !== process.pid && commandLine(pid).includes(`${dir}/`));
  return [...new Set([...naming, ...processesIn(join(dir, "postgres/data"))])];
}

/** Empty for a process that is gone, or dead and not reaped yet. */
function commandLine(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8");
  } catch {
    return "";
  }
}
