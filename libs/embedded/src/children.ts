import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, renameSync } from "node:fs";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

export interface ChildOptions {
  /** Names the log file, `<name>.log` (the last run's is kept as `<name>.previous.log`), and the process in error messages. */
  name: string;
  /** The child's working folder; made if missing. */
  dir: string;
  /** Where its log goes; `dir` if left out. */
  logDir?: string;
  command: string;
  args: readonly string[];
  env?: NodeJS.ProcessEnv;
  /** A command that ends by executing the one given after it in its own place (`unshare --user`, say). */
  wrapper?: readonly string[];
  /** Opens Node's message channel to the child. */
  ipc?: boolean;
}

export interface Child {
  pid: number;
  process: ChildProcess;
  /** Resolves when the process has ended, however it did. Never rejects. */
  exited: Promise<void>;
  isRunning(): boolean;
  /** The last lines that it wrote, for an error message. */
  logTail(): string;
  /** Asks it to end by `signal` and resolves when it is gone; if it is still there after `graceMs`, it is killed. */
  stop(signal: NodeJS.Signals, graceMs: number): Promise<void>;
}

/**
 * Starts a process that never outlives this one, not even when this one is killed with -9: the kernel is asked to kill it
 * then (where util-linux's setpriv is; elsewhere an exit handler does what it can). What it writes goes to its log file.
 * It does not keep this process running, and a Ctrl-C in the terminal reaches this process alone, which ends it in order.
 *
 * @throws if the command cannot be started at all.
 */
export async function startChild(options: ChildOptions): Promise<Child> {
  const dir = resolve(options.dir);
  mkdirSync(dir, { recursive: true });
  const logDir = resolve(options.logDir ?? dir);
  mkdirSync(logDir, { recursive: true });
  const logFile = join(logDir, `${options.name}.log`);
  if (existsSync(logFile)) renameSync(logFile, join(logDir, `${options.name}.previous.log`));
  const log = openSync(logFile, "w");
  const [command = options.command, ...args] = [...(options.wrapper ?? []), ...dieWithParent(), options.command, ...options.args];
  const child = spawn(command, args, {
    cwd: dir,
    env: options.env ?? process.env,
    stdio: ["ignore", log, log, ...(options.ipc ? (["ipc"] as const) : [])],
    detached: dieWithParent().length > 0,
  });
  closeSync(log);

  const started = Promise.withResolvers<void>();
  const exited = Promise.withResolvers<void>();
  child.once("spawn", started.resolve);
  child.once("error", (error) => started.reject(new Error(`${options.name} did not start: ${error.message}`, { cause: error })));
  child.once("exit", () => {
    living.delete(child);
    exited.resolve();
  });
  await started.promise;
  endWithThisProcess(child);
  child.unref();
  child.channel?.unref();

  const isRunning = () => child.exitCode === null && child.signalCode === null;
  return {
    pid: child.pid ?? 0,
    process: child,
    exited: exited.promise,
    isRunning,
    logTail: () => readFileSync(logFile, "utf8").slice(-logTailCharacters).trim(),
    async stop(signal, graceMs) {
      if (!isRunning()) return;
      child.ref();
      child.kill(signal);
      const killer = setTimeout(() => child.kill("SIGKILL"), graceMs);
      await exited.promise;
      clearTimeout(killer);
    },
  };
}

/**
 * Waits until `probe` says that the child answers.
 *
 * @throws with the end of the child's log if it dies first, or is not ready within `limitMs` (it is killed then).
 */
export async function whenReady(child: Child, name: string, limitMs: number, probe: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + limitMs;
  for (;;) {
    if (!child.isRunning()) throw new Error(`${name} ended while starting. The end of its log:\n${child.logTail()}`);
    if (await probe()) return;
    if (performance.now() > deadline) {
      await child.stop("SIGKILL", 0);
      throw new Error(`${name} was not ready after ${limitMs / 1000} s. The end of its log:\n${child.logTail()}`);
    }
    await sleep(probeEveryMs);
  }
}

const probeEveryMs = 10;
const logTailCharacters = 2_000;

let deathSignal: readonly string[] | undefined;

/** The command prefix that asks the kernel for SIGKILL when the thread that starts the child ends. */
function dieWithParent(): readonly string[] {
  deathSignal ??=
    spawnSync("setpriv", ["--pdeathsig", "KILL", "--", "true"]).status === 0 ? ["setpriv", "--pdeathsig", "KILL", "--"] : [];
  return deathSignal;
}

const living = new Set<ChildProcess>();
let exitHookSet = false;

function endWithThisProcess(child: ChildProcess): void {
  living.add(child);
  if (exitHookSet) return;
  exitHookSet = true;
  process.once("exit", () => {
    for (const one of living) one.kill("SIGKILL");
  });
}
