import assert from "node:assert/strict";
import { test } from "node:test";
import { run } from "../process.ts";
import { temporaryFolder } from "../testing.ts";
import { cheaply, withAppetite } from "./appetite.ts";

/** A program that holds that many bytes, works until it has had so much CPU time, and says that much; then it waits to be looked at. */
const eating = (heldBytes: number, cpuSeconds: number, saidBytes: number) => async () => {
  await using folder = await temporaryFolder();
  const program = `my $held = "x" x ${heldBytes}; while ((times)[0] < ${cpuSeconds}) {} print "x" x ${saidBytes}; close STDOUT; select undef, undef, undef, 0.2`;
  await run("perl", ["-e", program], { cwd: folder.dir, signal: new AbortController().signal, maxOutputBytes: 1e8 });
};

test("given a child, then its CPU time, its memory and what it wrote are told", async () => {
  const { used } = await withAppetite(eating(200_000_000, 0.3, 1_000_000));
  assert.ok(used.cpuSeconds >= 0.3 && used.memoryBytes >= 200_000_000 && used.writtenBytes >= 1_000_000, JSON.stringify(used));
  const { used: other } = await withAppetite(async () => "no child");
  assert.deepEqual(other, { cpuSeconds: 0, memoryBytes: 0, writtenBytes: 0 });
});

test("given one that takes too much, then that is an error", async () => {
  await assert.rejects(cheaply(eating(10, 0, 40_000_000)), /writtenBytes: 4\d+ is more/);
  const failing = async () => eating(10, 0, 40_000_000)().then(() => Promise.reject(new Error("the file's")));
  await assert.rejects(cheaply(failing), /is more/);
  assert.equal(await cheaply(async () => 1), 1);
});
