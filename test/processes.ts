import { readdirSync, readFileSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
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
export function encodersIn(dir: string): { pid: number; command: string }[] {
  return runningProcesses().filter(({ command }) => /ffmpeg|ffprobe/.test(command) && command.includes(dir));
}

/**
 * Every process of this machine with its command line, arguments parted by NUL; of one that is dead and not yet reaped it is empty.
 * Linux only, where /proc lies on no disk: read without a promise for each file it takes 0.7 ms and not 10, and tests ask often.
 */
export function runningProcesses(): { pid: number; command: string }[] {
  const pids = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  return pids.map((pid) => ({ pid: Number(pid), command: commandOf(pid) }));
}

function commandOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8");
  } catch {
    return "";
  }
}

/** The files in a folder and all folders below it; none where it is not there. */
export async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  return entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name));
}

/** What lies in the workers' folders of a product, but for the videos that renderers keep for two minutes. */
export async function filesLeft(productDir: string): Promise<string[]> {
  return (await filesBelow(join(productDir, "work"))).filter((file) => !/\/\d+-source-\d+\//.test(file));
}

/** Whether that is ffmpeg at work on captions: past the guards that start it, whose arguments hold its own. */
export const burnsIn = ({ command }: { command: string }): boolean =>
  /^[^\0]*ffmpeg\0/.test(command) && command.includes("libx264");
