import { execFile } from "node:child_process";
import { accessSync, constants } from "node:fs";
import { delimiter, isAbsolute, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { architecture, type Confinement, type Guard, guardNames, stepsOf, utilLinux } from "./confinement.ts";

/**
 * The sandbox of a program that reads a stranger's file: should the file take the program over, it holds nothing of ours, can call
 * nobody, and what it may use up is little. No guard needs root, a container's privileges or more than Debian's base: they are what
 * a process may take away from itself, and confine.pl does so before it becomes the program.
 */
export interface SandboxStatus {
  inForce: readonly Guard[];
  /** Those that this machine refuses, and its reason. */
  missing: Readonly<Partial<Record<Guard, string>>>;
}

/**
 * Which guards hold here. Found out by putting them up, once in a process's life; from then on those that hold are demanded: a
 * child that cannot be given one is not run.
 */
export function sandboxStatus(): Promise<SandboxStatus> {
  status ??= tryGuards();
  return status;
}

/** Says which guards hold: to be called at a service's start, since one that is missing is for the operator to know. */
export async function tellSandbox(log: Record<"info" | "warn", (data: object, message: string) => void>): Promise<void> {
  const sandbox = await sandboxStatus();
  if (Object.keys(sandbox.missing).length === 0) log.info({ sandbox }, "ffmpeg runs behind all guards");
  else log.warn({ sandbox }, "ffmpeg runs without some of its guards: see libs/media/src/confinement.ts");
}

/** The program and its arguments, behind the guards that hold here. */
export async function confined(
  command: string,
  args: readonly string[],
  confinement: Confinement,
): Promise<[string, ...string[]]> {
  const { inForce } = await sandboxStatus();
  const program = onPath(command) ?? command;
  const wrappers = launcher
    ? [[launcher.perl, script, ...stepsOf(inForce, program, confinement, launcher.architecture), "--"]]
    : inForce.map((name) => [utilLinux[name]?.program ?? "", ...(utilLinux[name]?.args(confinement) ?? [])]);
  return [...wrappers.flat(), program, ...args] as [string, ...string[]];
}

let status: Promise<SandboxStatus> | undefined;

const script = fileURLToPath(new URL("confine.pl", import.meta.url));
const launcher = launcherHere();

function launcherHere() {
  const perl = onPath("perl");
  return perl !== undefined && architecture !== undefined ? { perl, architecture } : undefined;
}

async function tryGuards(): Promise<SandboxStatus> {
  const answers = launcher ? await askLauncher(launcher) : answersWithoutIt();
  const missing = guardNames.filter((name) => answers[name] !== holds);
  return {
    inForce: guardNames.filter((name) => answers[name] === holds),
    missing: Object.fromEntries(missing.map((name) => [name, answers[name] ?? "it did not answer"])),
  };
}

/** What confine.pl says of a guard that holds. */
const holds = "ok";

/** What came of each guard, as confine.pl tells it. */
async function askLauncher({ perl, architecture }: NonNullable<typeof launcher>): Promise<Partial<Record<Guard, string>>> {
  const any: Confinement = { memoryBytes: 2 ** 40, cpuSeconds: 3600, fileBytes: 0, reads: [], writes: [], mayStart: false };
  const args = [script, "--report", ...stepsOf(guardNames, perl, any, architecture), "--"];
  const { stdout } = await promisify(execFile)(perl, args, { env: {} });
  return Object.fromEntries(stdout.split("\n").map((line) => line.split(": ", 2)));
}

function answersWithoutIt(): Partial<Record<Guard, string>> {
  const reason = architecture ? "perl is not installed" : `the system calls of ${process.arch} are not known here`;
  const isThere = (name: Guard) => onPath(utilLinux[name]?.program ?? "") !== undefined;
  return Object.fromEntries(guardNames.map((name) => [name, utilLinux[name] && isThere(name) ? holds : reason]));
}

/** Where a program lies; undefined where it does not. */
function onPath(program: string): string | undefined {
  if (program === "" || isAbsolute(program)) return program || undefined;
  return (process.env.PATH ?? "")
    .split(delimiter)
    .map((dir) => join(dir, program))
    .find(isExecutable);
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
