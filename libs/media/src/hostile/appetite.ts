import assert from "node:assert/strict";
import { AsyncLocalStorage } from "node:async_hooks";
import type { ChildProcess } from "node:child_process";
import { subscribe } from "node:diagnostics_channel";
import { readFileSync } from "node:fs";

/** What the programs that read a stranger's file have used up. Linux only: see proc(5). */
export interface Appetite {
  /** Of all of them together. */
  cpuSeconds: number;
  /** Of the one that held most at once. */
  memoryBytes: number;
  /** Of all of them together, to files and to us. */
  writtenBytes: number;
}

/** What the hungriest of the hostile files takes is 3 s, 370 MB (two hundred video streams) and 19 MB (210,000 frames, told by ffprobe). */
const most: Appetite = { cpuSeconds: 15, memoryBytes: 1e9, writtenBytes: 35e6 };

/** Does something, and throws where the children that it started used up more than a small file is worth, however it ended. */
export async function cheaply<T>(work: () => Promise<T>): Promise<T> {
  const { ended, used } = await withAppetite(work);
  for (const what of ["cpuSeconds", "memoryBytes", "writtenBytes"] as const)
    assert.ok(used[what] <= most[what], `${what}: ${used[what]} is more than ${most[what]}`);
  return ended;
}

/**
 * Does something, and answers how it ended and what the children used that it started. Each is looked at until it ends, so what it
 * did since the last look is not in it: a busy machine makes the figures no higher.
 */
export async function withAppetite<T>(work: () => Promise<T>): Promise<{ ended: Promise<T>; used: Appetite }> {
  const seen = new Map<ChildProcess, Appetite>();
  const looking = setInterval(() => {
    for (const [child, { memoryBytes }] of seen) {
      const used = look(child);
      // When it ends, its memory goes first.
      if (used) seen.set(child, { ...used, memoryBytes: Math.max(memoryBytes, used.memoryBytes) });
    }
  }, lookEveryMs);
  const ended = starters.run(seen, work);
  await Promise.allSettled([ended]);
  clearInterval(looking);
  const all = [...seen.values()];
  const sum = (of: "cpuSeconds" | "writtenBytes") => all.reduce((total, one) => total + one[of], 0);
  const memoryBytes = Math.max(0, ...all.map((one) => one.memoryBytes));
  return { ended, used: { cpuSeconds: sum("cpuSeconds"), memoryBytes, writtenBytes: sum("writtenBytes") } };
}

const lookEveryMs = 5;
const nothing: Appetite = { cpuSeconds: 0, memoryBytes: 0, writtenBytes: 0 };
/** USER_HZ, the same on every machine. */
const ticksPerSecond = 100;

const starters = new AsyncLocalStorage<Map<ChildProcess, Appetite>>();
subscribe("child_process", (message) => {
  starters.getStore()?.set((message as { process: ChildProcess }).process, nothing);
});

/** Undefined where it is not running. */
function look({ pid, exitCode, signalCode }: ChildProcess): Appetite | undefined {
  if (pid === undefined || exitCode !== null || signalCode !== null) return undefined;
  try {
    const of = (file: string) => readFileSync(`/proc/${pid}/${file}`, "utf8");
    // Behind the name, which may hold anything, utime and stime are the 12th and the 13th.
    const [user = 0, system = 0] = of("stat").split(") ").at(-1)?.split(" ").slice(11, 13).map(Number) ?? [];
    const memoryKb = /^VmHWM:\s+(\d+)/m.exec(of("status"))?.[1];
    const written = /^wchar: (\d+)/m.exec(of("io"))?.[1];
    return {
      cpuSeconds: (user + system) / ticksPerSecond,
      memoryBytes: Number(memoryKb ?? 0) * 1024,
      writtenBytes: Number(written ?? 0),
    };
  } catch {
    return undefined;
  }
}
