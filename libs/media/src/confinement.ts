import { resolve } from "node:path";
import { rightsByVersion, rulesFor } from "./landlock.ts";
import { type Architecture, syscallFilter } from "./syscall-filter.ts";

/** The guards of sandbox.ts, spelt out as command lines of what puts them up: confine.pl, or some of them util-linux. */

/** What holds for each child, in the order in which it must be put up: the last ones forbid what the first ones do. */
export const guards = {
  privileges: "no capabilities, and none to be gained by running another program",
  dies_with_us: "it is killed when we die, even by kill -9",
  limits: "memory, CPU time, size of a file, open files; no core dump",
  files: "it reads the system's libraries and fonts and what it is given, writes in its own folder only, starts no other program",
  calls: "no sockets, no new processes, no other process's memory or life, none of the kernel's rarer calls",
} as const;
export type Guard = keyof typeof guards;
export const guardNames = Object.keys(guards) as Guard[];

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

/** The architecture of this machine, if its system calls are known here. */
export const architecture: Architecture | undefined =
  process.arch === "x64" || process.arch === "arm64" ? process.arch : undefined;

/** The arguments of confine.pl for these guards, up to its "--". */
export function stepsOf(wanted: readonly Guard[], program: string, confinement: Confinement, on: Architecture): string[] {
  const { mayStart } = confinement;
  const steps: Record<Guard, () => string[]> = {
    privileges: () => ["no_new_privileges", "no_capabilities"],
    dies_with_us: () => [`die_with=${process.pid}`],
    limits: () => limitsOf(confinement).map(({ number, soft, hard }) => `limit=${number}=${soft}=${hard}`),
    files: () => [
      `ruleset=${rightsByVersion.join("=")}`,
      ...rulesFor({ program, ...confinement }).map(({ path, rights }) => `allow=${rights}=${resolve(path)}`),
      "restrict",
    ],
    calls: () => [`filter=${syscallFilter(on, { mayFork: mayStart }).toString("hex")}`],
  };
  return [...callNumbers[on], ...wanted.flatMap((name) => [`guard=${name}`, ...steps[name]()])];
}

/** What util-linux can put up, by the program of it that does, and how. */
export const utilLinux: Partial<Record<Guard, { program: string; args: (confinement: Confinement) => string[] }>> = {
  privileges: { program: "setpriv", args: () => ["--no-new-privs"] },
  dies_with_us: { program: "setpriv", args: () => ["--pdeathsig", "KILL"] },
  limits: { program: "prlimit", args: (all) => limitsOf(all).map(({ name, soft, hard }) => `--${name}=${soft}:${hard}`) },
};

/** System calls that confine.pl makes, from asm/unistd_64.h and asm-generic/unistd.h. */
const callNumbers = {
  x64: ["prctl=157", "prlimit64=302", "capset=126"],
  arm64: ["prctl=167", "prlimit64=261", "capset=91"],
} as const satisfies Record<Architecture, readonly string[]>;

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
