import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdir, symlink } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { guardNames } from "./confinement.ts";
import { sandboxStatus, tellSandbox } from "./sandbox.ts";
import { temporaryFolder } from "./testing.ts";

const exec = promisify(execFile);

test("every guard is in force, or missing with the machine's reason", async () => {
  const { inForce, missing } = await sandboxStatus();
  assert.deepEqual([...inForce, ...Object.keys(missing)].sort(), guardNames.toSorted());
  for (const reason of Object.values(missing)) assert.notEqual(reason, "");
});

test("a service says once, at its start, what holds; a guard that is missing is a warning", async () => {
  const told: [level: string, data: object][] = [];
  await tellSandbox({ info: (data) => told.push(["info", data]), warn: (data) => told.push(["warn", data]) });
  const sandbox = await sandboxStatus();
  assert.deepEqual(told, [[Object.keys(sandbox.missing).length === 0 ? "info" : "warn", { sandbox }]]);
});

/** A process of its own that tells its status, and whether its child runs behind what is left. */
const asking = `
  import { sandboxStatus } from ${JSON.stringify(new URL("sandbox.ts", import.meta.url).href)};
  import { run } from ${JSON.stringify(new URL("process.ts", import.meta.url).href)};
  const options = { cwd: "/tmp", reads: ["/proc"], signal: AbortSignal.timeout(9000) };
  const status = await run("cat", ["/proc/self/status"], options);
  console.log(JSON.stringify([await sandboxStatus(), /NoNewPrivs:\\t1/.test(status)]));
`;
const nodeAsking = [process.execPath, "--input-type=module", "-e", asking] as const;

test("on a machine without perl it says what is left, and programs still run", async () => {
  await using folder = await temporaryFolder();
  const bin = join(folder.dir, "bin");
  await mkdir(bin);
  for (const name of ["setpriv", "prlimit", "cat"]) await symlink(await which(name), join(bin, name));

  const [node, ...args] = nodeAsking;
  const { stdout } = await exec(node, args, { env: { PATH: bin } });

  const reason = "perl is not installed";
  const left = { inForce: ["privileges", "dies_with_us", "limits"], missing: { files: reason, calls: reason } };
  assert.deepEqual(JSON.parse(stdout), [left, true]);
});

test("on a kernel without Landlock it says so, and programs still run", async () => {
  // A filter that answers landlock_create_ruleset (444) as such a kernel does, ENOSYS, and allows all else.
  const oldKernel = "200000000000000015000001bc0100000600000026000500060000000000ff7f";
  const prctl = process.arch === "arm64" ? "prctl=167" : "prctl=157";
  const script = fileURLToPath(new URL("confine.pl", import.meta.url));

  const { stdout } = await exec("perl", [
    script,
    prctl,
    "guard=old",
    "no_new_privileges",
    `filter=${oldKernel}`,
    "--",
    ...nodeAsking,
  ]);

  const [status, runs] = JSON.parse(stdout);
  assert.deepEqual([status.missing, runs], [{ files: "Function not implemented" }, true]);
});

async function which(program: string): Promise<string> {
  return (await exec("sh", ["-c", `command -v ${program}`])).stdout.trim();
}
