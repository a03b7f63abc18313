import { readdirSync, readFileSync, readlinkSync } from "node:fs";

/**
 * When a live process started, in the kernel's ticks since boot: with its number, this tells it from every other process.
 * Undefined if it is gone, or is dead and only waits to be reaped. From /proc/<pid>/stat, see proc_pid_stat(5); Linux only.
 */
export function startOf(pid: number): string | undefined {
  const stat = statOf(pid);
  return stat === undefined || isDead(stat.state) ? undefined : stat.started;
}

/**
 * Whether the process is dead and its number still taken, since its parent has not reaped it. An init that reaps late, or
 * never, as in a container without one, leaves the children of a killed process so.
 */
export function isZombie(pid: number): boolean {
  const stat = statOf(pid);
  return stat !== undefined && isDead(stat.state);
}

/** The processes whose working folder this is, as far as we may see. Linux only; empty elsewhere. */
export function processesIn(dir: string): number[] {
  return listProcesses().filter((pid) => {
    try {
      return readlinkSync(`/proc/${pid}/cwd`) === dir;
    } catch {
      return false;
    }
  });
}

function listProcesses(): number[] {
  try {
    return readdirSync("/proc").map(Number).filter(Number.isInteger);
  } catch {
    return [];
  }
}

function statOf(pid: number): { state: string; started: string } | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The second field is the command's name, in parentheses, and may itself hold spaces and parentheses.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return { state: fields[0] ?? "", started: fields[19] ?? "" };
  } catch {
    return undefined;
  }
}

function isDead(state: string): boolean {
  return state === "Z" || state === "X";
}
