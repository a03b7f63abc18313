import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { claimDir } from "./claim.ts";
import { isZombie, startOf } from "./proc.ts";

const root = mkdtempSync(join(tmpdir(), "viralclaw-claim-"));
after(() => rmSync(root, { recursive: true }));

test("a folder is claimed once; released, it can be claimed again", async () => {
  const dir = join(root, "once");
  const claim = await claimDir(dir, "server");
  await assert.rejects(claimDir(dir, "server"), new RegExp(`server is running on .*once already.*${process.pid}`));
  (await claimDir(dir, "another server")).release();
  claim.release();
  (await claimDir(dir, "server")).release();
  assert.equal(existsSync(join(dir, "server.pid")), false);
});

test("of many who claim at once, one gets it", async () => {
  const dir = join(root, "race");
  const outcomes = await Promise.allSettled(Array.from({ length: 10 }, () => claimDir(dir, "server")));
  assert.equal(outcomes.filter(({ status }) => status === "fulfilled").length, 1);
});

test("a claim passed on belongs to the process it was passed to, and is free when that is gone", async () => {
  const dir = join(root, "passed");
  const child = spawn("sleep", ["60"]);
  await once(child, "spawn");
  (await claimDir(dir, "server")).passTo(child.pid ?? 0);
  await assert.rejects(claimDir(dir, "server"), new RegExp(`process ${child.pid}.*kill ${child.pid}`));
  setTimeout(() => child.kill("SIGKILL"), 200);
  (await claimDir(dir, "server")).release();
});

test("the claim of an earlier process with a number that is in use again is void", async () => {
  const dir = join(root, "reused");
  (await claimDir(dir, "server")).release();
  writeFileSync(join(dir, "server.pid"), `${process.ppid} 1\n`);
  const claim = await claimDir(dir, "server");
  assert.equal(readFileSync(join(dir, "server.pid"), "utf8"), `${process.pid} ${startOf(process.pid)}\n`);
  claim.release();
});

test("a process that is dead and not reaped does not count as alive", async () => {
  // The shell that starts the child becomes a sleep, which reaps nothing: the child lives until it has, or the shell would reap it.
  const parent = spawn("sh", ["-c", "sleep 60 & echo $!; exec sleep 60"]);
  const [line] = await once(parent.stdout, "data");
  const pid = Number(String(line));
  while (readFileSync(`/proc/${parent.pid}/comm`, "utf8") !== "sleep\n") await sleep(5);
  process.kill(pid, "SIGKILL");
  while (!isZombie(pid)) await sleep(5);
  assert.equal(startOf(pid), undefined);
  parent.kill("SIGKILL");
});
