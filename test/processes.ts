import { readdir, readFile } from "node:fs/promises";
import type { Child } from "@viralclaw/embedded/children";
import type { ServiceName, System } from "@viralclaw/embedded/system";

/** The processes of a running product, as the operating system knows them. */

export const serviceNames: readonly ServiceName[] = ["gateway", "transcriber", "renderer"];

/** The processes of a service that have not ended. */
export const living = (system: System, service: ServiceName): Child[] =>
  system.processes[service].filter((child) => child.isRunning());

/** Kills every process of a service with -9, and resolves when they are gone. */
export async function killService(system: System, service: ServiceName): Promise<void> {
  await Promise.all(living(system, service).map((child) => child.stop("SIGKILL", 0)));
}

/** The live processes below `dir` that are ffmpeg or ffprobe, or are about to become it, with their command lines. Linux only. */
export async function encodersIn(dir: string): Promise<{ pid: number; command: string }[]> {
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  const found = await Promise.all(
    // Of a process that is dead and not yet reaped the command line is empty.
    pids.map(async (pid) => ({ pid: Number(pid), command: await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "") })),
  );
  return found.filter(({ command }) => /ffmpeg|ffprobe/.test(command) && command.includes(dir));
}

/** Whether that is ffmpeg at work on captions: past the guards that start it, whose arguments hold its own. */
export const burnsIn = ({ command }: { command: string }): boolean =>
  /^[^\0]*ffmpeg\0/.test(command) && command.includes("libx264");
