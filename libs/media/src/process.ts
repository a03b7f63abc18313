import { type SpawnOptions, spawn } from "node:child_process";
import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import type { Readable } from "node:stream";
import { Writable } from "node:stream";
import { pipeline } from "node:stream/promises";

/**
 * Runs a foreign program as a child that cannot outlive us, cannot read our secrets and cannot fill our memory.
 * It refuses a shell: arguments go to the program as they are.
 */

/** What becomes of the child's stdout: thrown away, returned whole, poured into a stream, or handed over line by line. */
export type StdoutTo = "ignore" | "collect" | Writable | ((line: string) => void);

export interface RunOptions {
  signal: AbortSignal;
  cwd: string;
  /** The child is killed after this long. */
  timeoutMs?: number;
  /** Address space of the child, as prlimit(1) sets it; ignored where there is no prlimit. */
  memoryBytes?: number;
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
  const [program, ...rest] = [...guards(options.memoryBytes), command, ...args] as [string, ...string[]];
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
    ? setTimeout(() => kill(new Error(`took over ${options.timeoutMs} ms`)), options.timeoutMs)
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

const stderrTailLines = 30;
/** ffmpeg quotes metadata of the user's file; a longer line is cut. */
const maxLineLength = 4096;
const defaultMaxOutputBytes = 8 * 1024 ** 2;

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

/**
 * Programs that run the command with a tie to our life and a limit on its memory; none where util-linux is missing.
 * The death signal follows the thread that started the child and survives exec, so even kill -9 leaves no orphan behind.
 */
function guards(memoryBytes: number | undefined): string[] {
  const tie = onPath("setpriv") ? ["setpriv", "--pdeathsig", "KILL"] : [];
  const limit = memoryBytes !== undefined && onPath("prlimit") ? ["prlimit", `--as=${memoryBytes}`, "--core=0"] : [];
  return [...tie, ...limit];
}

const known = new Map<string, boolean>();

function onPath(program: string): boolean {
  const found = known.get(program) ?? (process.env.PATH ?? "").split(delimiter).some((dir) => isExecutable(join(dir, program)));
  known.set(program, found);
  return found;
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
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
    if (bytes > maxBytes) throw new Error(`wrote over ${maxBytes} bytes`);
    collected.push(chunk);
  }
}

/** Hands over whole lines without their end; a line that is too long is cut, so that no child can fill our memory with one. */
function onLines(from: Readable | null, take: (line: string) => void): void {
  let rest = "";
  from?.setEncoding("utf8");
  from?.on("data", (chunk: string) => {
    const lines = (rest + chunk).split(/\r?\n|\r/);
    rest = (lines.pop() ?? "").slice(0, maxLineLength);
    for (const line of lines) if (line !== "") take(line.slice(0, maxLineLength));
  });
  from?.on("end", () => {
    if (rest !== "") take(rest);
  });
}
