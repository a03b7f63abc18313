import { type SpawnOptions, spawn } from "node:child_process";
import { type Readable, Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { Confinement } from "./confinement.ts";
import { onLines } from "./lines.ts";
import { confined } from "./sandbox.ts";

/**
 * Runs a foreign program as a child that cannot outlive us, cannot read our secrets and cannot fill our memory, behind the
 * guards of sandbox.ts. It refuses a shell: arguments go to the program as they are.
 */

/** What becomes of the child's stdout: thrown away, returned whole, poured into a stream, or handed over line by line. */
export type StdoutTo = "ignore" | "collect" | Writable | ((line: string) => void);

export interface RunOptions extends Partial<Confinement> {
  signal: AbortSignal;
  /** The job's folder: unless told otherwise, the one place of ours that the child may read and write. */
  cwd: string;
  /** The child is killed after this long. */
  timeoutMs?: number;
  stdout?: StdoutTo;
  /** The most that `stdout: "collect"` takes; a child that says more is killed. */
  maxOutputBytes?: number;
  onStderrLine?: (line: string) => void;
  /** Lines that the child writes to file descriptor 3: a side channel that nothing else writes to. */
  onSideLine?: (line: string) => void;
}

/**
 * Runs `command` to its end and returns what it wrote to stdout (empty unless collected).
 * Throws the signal's reason when aborted, else ProcessFailed on any other end than exit code 0.
 */
export async function run(command: string, args: readonly string[], options: RunOptions): Promise<Buffer> {
  options.signal.throwIfAborted();
  const stdout = options.stdout ?? "collect";
  const [program, ...rest] = await confined(command, args, confinementOf(options));
  options.signal.throwIfAborted();
  const child = spawn(program, rest, spawnOptions(options, stdout));

  const stderrTail: string[] = [];
  const collected: Buffer[] = [];
  let trouble: unknown;
  const kill = (reason: unknown) => {
    trouble ??= reason;
    killGroup(child.pid);
  };

  const onAbort = () => kill(options.signal.reason);
  options.signal.addEventListener("abort", onAbort, { once: true });
  const timer = options.timeoutMs
    ? setTimeout(() => kill(new LimitReached("time", `took over ${options.timeoutMs} ms`)), options.timeoutMs)
    : undefined;

  /** A listener that throws must not bring the whole service down: it ends this child only. */
  const tell = (listener: ((line: string) => void) | undefined, line: string) => {
    try {
      listener?.(line);
    } catch (error) {
      kill(error);
    }
  };
  onLines(child.stderr, (line) => {
    stderrTail.push(line);
    if (stderrTail.length > stderrTailLines) stderrTail.shift();
    tell(options.onStderrLine, line);
  });
  if (options.onSideLine) onLines(child.stdio[3] as Readable, (line) => tell(options.onSideLine, line));
  const limit = options.maxOutputBytes ?? defaultMaxOutputBytes;
  const to = typeof stdout === "function" ? (line: string) => tell(stdout, line) : stdout;
  const poured = child.stdout ? pour(child.stdout, to, collected, limit).catch(kill) : undefined;

  try {
    const { code, signal } = await ended(child);
    await poured;
    options.signal.throwIfAborted();
    if (trouble !== undefined || code !== 0)
      throw new ProcessFailed(command, code, signal, stderrTail, trouble === undefined ? undefined : { cause: trouble });
    return Buffer.concat(collected);
  } finally {
    clearTimeout(timer);
    options.signal.removeEventListener("abort", onAbort);
  }
}

/** The child did not end with exit code 0. `stderrTail` holds its last lines, for the log only: they may quote file names. */
export class ProcessFailed extends Error {
  readonly command: string;
  readonly exitCode: number | null;
  readonly killedBy: NodeJS.Signals | null;
  readonly stderrTail: readonly string[];

  constructor(
    command: string,
    exitCode: number | null,
    killedBy: NodeJS.Signals | null,
    stderrTail: readonly string[],
    options?: ErrorOptions,
  ) {
    const ending = killedBy ? `was killed by ${killedBy}` : `ended with code ${exitCode}`;
    super(`${command} ${ending}: ${stderrTail.at(-1) ?? "it said nothing"}`, options);
    this.name = "ProcessFailed";
    this.command = command;
    this.exitCode = exitCode;
    this.killedBy = killedBy;
    this.stderrTail = stderrTail;
  }
}

/** What a program can have too little of, or "crash" where it broke by itself. */
export type Limit = "time" | "memory" | "size" | "output" | "crash";

/** Why the child ended, if it was for one of its limits or for a fault of its own: most likely its input's doing, so that it would end so again. */
export function limitOf({ killedBy, stderrTail, cause }: ProcessFailed): Limit | undefined {
  if (cause instanceof LimitReached) return cause.limit;
  if (stderrTail.some((line) => outOfMemory.test(line))) return "memory";
  return killedBy === null ? undefined : limitBySignal[killedBy];
}

/** SIGKILL is not among them: without a reason of ours it came from outside, such as from the system when memory ran out. */
const limitBySignal: Partial<Record<NodeJS.Signals, Limit>> = {
  ...{ SIGXCPU: "time", SIGXFSZ: "size" },
  ...{ SIGSEGV: "crash", SIGABRT: "crash", SIGBUS: "crash", SIGFPE: "crash", SIGILL: "crash", SIGSYS: "crash", SIGTRAP: "crash" },
};

/** Whether it ended because the disk was full: no fault of its input, and worth another try. */
export function foundNoRoom({ stderrTail }: ProcessFailed): boolean {
  return stderrTail.some((line) => line.includes("No space left on device"));
}

const outOfMemory = /Cannot allocate memory|Out of memory|memory exhausted|std::bad_alloc/i;

class LimitReached extends Error {
  readonly limit: Limit;

  constructor(limit: Limit, message: string) {
    super(message);
    this.limit = limit;
  }
}

const stderrTailLines = 30;
const defaultMaxOutputBytes = 8 * 1024 ** 2;

/** What a child may have unless its caller knows better: enough for any header or sound that this service takes. */
const usual = { memoryBytes: 2 * 1024 ** 3, cpuSeconds: 600, fileBytes: 1024 ** 3 };

function confinementOf(options: RunOptions): Confinement {
  return {
    memoryBytes: options.memoryBytes ?? usual.memoryBytes,
    cpuSeconds: options.cpuSeconds ?? usual.cpuSeconds,
    fileBytes: options.fileBytes ?? usual.fileBytes,
    reads: options.reads ?? [],
    writes: options.writes ?? [options.cwd],
    mayStart: options.mayStart ?? false,
  };
}

/** `detached` makes the child the head of a process group, so that its own children can be killed with it. */
function spawnOptions({ cwd, onSideLine }: RunOptions, stdout: StdoutTo): SpawnOptions {
  return {
    cwd,
    // Nothing of our environment but the PATH: keys and passwords are no business of a program that reads a stranger's file.
    env: { PATH: process.env.PATH ?? "/usr/bin:/bin", HOME: cwd, LANG: "C.UTF-8" },
    detached: true,
    stdio: ["ignore", stdout === "ignore" ? "ignore" : "pipe", "pipe", onSideLine ? "pipe" : "ignore"],
  };
}

function killGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    // The group is gone already.
  }
}

function ended(child: ReturnType<typeof spawn>): Promise<{ code: number | null; signal: NodeJS.Signals | null }> {
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code, signal) => resolve({ code, signal }));
  });
}

async function pour(from: Readable, to: StdoutTo, collected: Buffer[], maxBytes: number): Promise<void> {
  if (to instanceof Writable) return pipeline(from, to);
  if (typeof to === "function") return onLines(from, to);
  let bytes = 0;
  for await (const chunk of from as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > maxBytes) throw new LimitReached("output", `wrote over ${maxBytes} bytes`);
    collected.push(chunk);
  }
}
