import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { refusedCalls, syscallFilter } from "./syscall-filter.ts";

const calls = Object.values(refusedCalls).flat();
const instructionBytes = 8;

test("every call has a name and numbers of its own", () => {
  for (const architecture of ["x64", "arm64"] as const) {
    const numbers = calls.flatMap((call) => call[architecture] ?? []);
    assert.equal(new Set(numbers).size, numbers.length, architecture);
  }
  assert.equal(new Set(calls.map(({ name }) => name)).size, calls.length);
});

/** Of Debian's linux-libc-dev; newer calls are not in it. */
const headers = { x64: "/usr/include/x86_64-linux-gnu/asm/unistd_64.h", arm64: "/usr/include/asm-generic/unistd.h" };

for (const [architecture, header] of Object.entries(headers)) {
  test(`the numbers on ${architecture} are those of the kernel's own header`, { skip: !existsSync(header) }, () => {
    const text = readFileSync(header, "utf8");
    const known = new Map(
      [...text.matchAll(/#define __NR(?:3264)?_(\w+)\s+(\d+)$/gm)].map(([, name, number]) => [name, Number(number)]),
    );
    let checked = 0;
    for (const call of calls) {
      const number = call[architecture as keyof typeof headers];
      if (!known.has(call.name)) continue;
      assert.equal(number, known.get(call.name), call.name);
      checked++;
    }
    assert.ok(checked > 70);
  });
}

test("a filter is as long as the kernel takes (4096 instructions), and ends by allowing the rest", () => {
  for (const architecture of ["x64", "arm64"] as const) {
    const filter = syscallFilter(architecture, { mayFork: false });
    assert.equal(filter.length % instructionBytes, 0);
    assert.ok(filter.length / instructionBytes <= 4096);
    assert.equal(filter.readUInt32LE(filter.length - 4), 0x7fff0000);
  }
});

test("a program that may fork is refused the rest all the same", () => {
  const [strict, forking] = [false, true].map((mayFork) => syscallFilter("x64", { mayFork }));
  assert.ok(strict && forking && forking.length < strict.length);
  const socket = Buffer.from("1500000129000000", "hex");
  const fork = Buffer.from("1500000139000000", "hex");
  assert.deepEqual([strict.includes(socket), strict.includes(fork)], [true, true]);
  assert.deepEqual([forking.includes(socket), forking.includes(fork)], [true, false]);
});
