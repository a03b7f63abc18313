import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdir, readdir, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { DeclaredError } from "@viralclaw/contracts/errors";
import { temporaryFolder } from "./testing.ts";
import { openWorkspace, sweepWorkspaces } from "./workspace.ts";

test("a workspace is a folder of its own while it is used, and gone after", async () => {
  await using root = await temporaryFolder();
  let dir = "";
  {
    await using workspace = await openWorkspace(join(root.dir, "work"), "exe_1", { roomBytes: 0 });
    dir = workspace.dir;
    await mkdir(join(dir, "deep"));
    await writeFile(join(dir, "deep", "file"), "x");
    assert.ok((await stat(dir)).isDirectory());
  }
  await assert.rejects(stat(dir));
});

test("a disk without room is a declared error, before anything is written", async () => {
  await using root = await temporaryFolder();
  await assert.rejects(
    openWorkspace(root.dir, "exe_1", { roomBytes: Number.MAX_SAFE_INTEGER }),
    (error) => error instanceof DeclaredError && error.code === "disk_full",
  );
  assert.deepEqual(await readdir(root.dir), []);
});

test("at start, the folders of dead processes are removed, and those of an earlier life of our own pid; no others", async () => {
  await using root = await temporaryFolder();
  const dead = spawnSync("true").pid;
  for (const name of [`${dead}-exe_1`, `${process.pid}-exe_2`, `${process.ppid}-exe_3`, "1-exe_4", "notes"])
    await mkdir(join(root.dir, name));

  const swept = await sweepWorkspaces(root.dir);

  assert.deepEqual(swept.sort(), [`${dead}-exe_1`, `${process.pid}-exe_2`].sort());
  assert.deepEqual((await readdir(root.dir)).sort(), [`${process.ppid}-exe_3`, "1-exe_4", "notes"].sort());
});

test("there is nothing to sweep where nothing has run yet", async () => {
  await using root = await temporaryFolder();
  assert.deepEqual(await sweepWorkspaces(join(root.dir, "never")), []);
});
