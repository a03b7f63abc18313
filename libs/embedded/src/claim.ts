import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { startOf } from "./proc.ts";

/** The right to use a folder, held by one process at a time. */
export interface Claim {
  /** Passes the claim on to the process that was started to use the folder. */
  passTo(pid: number): void;
  release(): void;
}

/**
 * Claims `dir` for the server `name`, with a pid file in it. The claim of a process that is gone, or whose number another
 * process bears now, is taken over; a holder on its way out is waited for.
 *
 * @throws if another process holds it: the message names the process and what to do.
 */
export async function claimDir(dir: string, name: string): Promise<Claim> {
  const folder = resolve(dir);
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `${name}.pid`);
  const deadline = performance.now() + holderGraceMs;
  while (!tryToWrite(file, process.pid)) {
    const holder = readHolder(file);
    if (holder === undefined) continue;
    if (!isAlive(holder)) {
      rmSync(file, { force: true });
    } else if (performance.now() > deadline) {
      throw new Error(heldMessage(name, folder, holder.pid));
    } else {
      await sleep(holderPollMs);
    }
  }
  return {
    passTo(pid) {
      writeFileSync(`${file}.${process.pid}`, identityOf(pid));
      renameSync(`${file}.${process.pid}`, file);
    },
    release: () => rmSync(file, { force: true }),
  };
}

/** A server whose parent was killed ends within a few milliseconds, Postgres' workers within some hundred. */
const holderGraceMs = 1_000;
const holderPollMs = 20;

interface Holder {
  pid: number;
  /** When the process started, in the kernel's ticks: tells it from a later process of the same number. Empty where unknown. */
  started: string;
}

function heldMessage(name: string, folder: string, pid: number): string {
  const where = `${name} is running on ${folder} already`;
  if (pid === process.pid) return `${where}, started by this same process (${pid}). Stop that one first, or give another folder.`;
  return `${where}: process ${pid}, of another run or of one that ended badly. End it with "kill ${pid}", or give another folder.`;
}

/** Writes the claim unless there is one. Linked into place, so that nobody ever reads half a file. */
function tryToWrite(file: string, pid: number): boolean {
  const draft = `${file}.${process.pid}`;
  writeFileSync(draft, identityOf(pid));
  try {
    linkSync(draft, file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  } finally {
    rmSync(draft, { force: true });
  }
}

function readHolder(file: string): Holder | undefined {
  try {
    const [pid = "", started = ""] = readFileSync(file, "utf8").trim().split(" ");
    return { pid: Number(pid), started };
  } catch {
    return undefined;
  }
}

function identityOf(pid: number): string {
  return `${pid} ${startOf(pid) ?? ""}\n`;
}

function isAlive(holder: Holder): boolean {
  if (!Number.isInteger(holder.pid) || holder.pid <= 0) return false;
  if (process.platform === "linux") {
    const started = startOf(holder.pid);
    return started !== undefined && started === holder.started;
  }
  try {
    process.kill(holder.pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
