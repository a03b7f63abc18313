import { execFile } from "node:child_process";
import { accessSync, constants } from "node:fs";
import { delimiter, isAbsolute, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { rightsByVersion, rulesFor } from "./landlock.ts";
import { type Architecture, syscallFilter } from "./syscall-filter.ts";

/**
 * The guards around a program that reads a stranger's file: should the file take the program over, it holds nothing of ours, can
 * call nobody, and what it may use up is little. No guard needs root, a container's privileges or more than Debian's base.
 */

/** What holds for each child, once for all. */
export const guards = {
  privileges: "no capabilities, and none to be gained by running another program",
  dies_with_us: "it is killed when we die, even by kill -9",
  limits: "memory, CPU time, size of a file, open files; no core dump",
  files: "it reads the system's libraries and fonts and what it is given, writes in its own folder only, starts no other program",
  calls: "no sockets, no new processes, no other process's memory or life, none of the kernel's rarer calls",
} as const;
export type Guard = keyof typeof guards;

export interface SandboxStatus {
  inForce: readonly Guard[];
  /** Those that this machine refuses, and its reason. */
  missing: Readonly<Partial<Record<Guard, string>>>;
}

/** What one child may do. */
export interface Confinement {
  /** Of address space. */
  memoryBytes: number;
  /** Of all its threads together. */
  cpuSeconds: number;
  /** The most that one file may grow to. */
  fileBytes: number;
  /** Folders and files it may read, besides those it may write. */
  reads: readonly string[];
  writes: readonly string[];
  /** Whether it may start the system's other programs: for scripts. A decoder never does. */
  mayStart: boolean;
}

let status: Promise<SandboxStatus> | undefined;

/**
 * Which guards hold here. Found out by putting them up, once in a process's life; from then on those that hold are demanded: a
 * child that cannot be given one is not run. To be logged at start, since what is missing is for the operator to know.
 */
export function sandboxStatus(): Promise<SandboxStatus> {
  status ??= tryGuards();
  return status;
}

/** The program and its arguments, behind the guards that hold here. */
export async function confined(
  command: string,
  args: readonly string[],
  confinement: Confinement,
): Promise<[string, ...string[]]> {
  const { inForce } = await sandboxStatus();
  const program = onPath(command) ?? command;
  if (launcher === undefined) return withoutPerl(inForce, [program, ...args], confinement);
  return [launcher, script, ...stepsOf(inForce, program, confinement), "--", program, ...args];
}

const script = fileURLToPath(new URL("confine.pl", import.meta.url));
const launcher = onPath("perl");

/** Names of Debian's util-linux, which put up some of the guards where there is no perl. */
const [setpriv, prlimit] = [onPath("setpriv"), onPath("prlimit")];

async function tryGuards(): Promise<SandboxStatus> {
  const names = Object.keys(guards) as Guard[];
  const answers = launcher === undefined ? {} : await askLauncher(launcher, names);
  const fallback: Partial<Record<Guard, boolean>> = { privileges: setpriv !== undefined, dies_with_us: setpriv !== undefined };
  fallback.limits = prlimit !== undefined;
  const holds = (name: Guard) => (launcher === undefined ? fallback[name] : answers[name] === "ok");
  const reason = (name: Guard) => answers[name] ?? "perl is not installed";
  return {
    inForce: names.filter(holds),
    missing: Object.fromEntries(names.filter((name) => !holds(name)).map((name) => [name, reason(name)])),
  };
}

/** What came of each guard, as the launcher told it. */
async function askLauncher(perl: string, names: readonly Guard[]): Promise<Record<string, string>> {
  const any: Confinement = { memoryBytes: 2 ** 40, cpuSeconds: 3600, fileBytes: 0, reads: [], writes: [], mayStart: false };
  const args = [script, "--report", ...stepsOf(names, perl, any), "--"];
  const { stdout } = await promisify(execFile)(perl, args, { env: {} });
  return Object.fromEntries(stdout.split("\n").map((line) => line.split(": ", 2)));
}

/** The arguments for confine.pl, in the order in which guards must be put up: the last ones forbid what the first ones do. */
function stepsOf(wanted: readonly Guard[], program: string, confinement: Confinement): string[] {
  const steps: Record<Guard, () => string[]> = {
    privileges: () => ["no_new_privileges", "no_capabilities"],
    dies_with_us: () => [`die_with=${process.pid}`],
    limits: () => limitsOf(confinement).map(({ number, soft, hard }) => `limit=${number}=${soft}=${hard}`),
    files: () => [
      `ruleset=${rightsByVersion.join("=")}`,
      ...rulesFor({ program, ...confinement }).map(({ path, rights }) => `allow=${rights}=${resolve(path)}`),
      "restrict",
    ],
    calls: () => [`filter=${filterFor(confinement).toString("hex")}`],
  };
  const numbers = callNumbers[process.arch as Architecture] ?? callNumbers.x64;
  return [...numbers, ...wanted.flatMap((name) => [`guard=${name}`, ...steps[name]()])];
}

/** System calls that confine.pl makes, from asm/unistd_64.h and asm-generic/unistd.h. */
const callNumbers = {
  x64: ["prctl=157", "prlimit64=302", "capset=126"],
  arm64: ["prctl=167", "prlimit64=261", "capset=91"],
} as const satisfies Record<Architecture, readonly string[]>;

const filters = new Map<boolean, Buffer>();

/** Of an architecture that is not known, an empty filter: the kernel refuses it, and the guard is told to be missing. */
function filterFor({ mayStart }: Confinement): Buffer {
  const isKnown = process.arch in callNumbers;
  const made =
    filters.get(mayStart) ?? (isKnown ? syscallFilter(process.arch as Architecture, { mayFork: mayStart }) : Buffer.alloc(0));
  filters.set(mayStart, made);
  return made;
}

/** ffmpeg with all its libraries and fonts opens some fifty. */
const openFiles = 256;

/** Over the soft limit of CPU time a program is told so by SIGXCPU, over the hard one by SIGKILL, which tells us nothing. */
const untilKilledSeconds = 2;

/** Numbers are those of sys/resource.h (RLIMIT_*), names those of prlimit(1). */
function limitsOf({ memoryBytes, cpuSeconds, fileBytes }: Confinement) {
  const cpu = Math.ceil(cpuSeconds);
  const fixed = (most: number) => ({ soft: Math.ceil(most), hard: Math.ceil(most) });
  return [
    { number: 0, name: "cpu", soft: cpu, hard: cpu + untilKilledSeconds },
    { number: 1, name: "fsize", ...fixed(fileBytes) },
    { number: 4, name: "core", ...fixed(0) },
    { number: 7, name: "nofile", ...fixed(openFiles) },
    { number: 9, name: "as", ...fixed(memoryBytes) },
  ];
}

/** Perl is missing only where somebody has removed it: what is left is said by `sandboxStatus`. */
function withoutPerl(inForce: readonly Guard[], command: readonly string[], confinement: Confinement): [string, ...string[]] {
  const guarded = [
    ...(setpriv && inForce.includes("privileges") ? [setpriv, "--no-new-privs", "--pdeathsig", "KILL"] : []),
    ...(prlimit && inForce.includes("limits")
      ? [prlimit, ...limitsOf(confinement).map(({ name, soft, hard }) => `--${name}=${soft}:${hard}`)]
      : []),
    ...command,
  ];
  return guarded as [string, ...string[]];
}

/** Where a program lies; undefined where it does not. */
function onPath(program: string): string | undefined {
  if (isAbsolute(program)) return program;
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
