import { existsSync } from "node:fs";

/**
 * Which files a child may touch, as rules of Landlock (linux/landlock.h), the kernel's file rights that a process gives up by
 * itself. They hold for paths that are opened from then on; stdin, stdout and stderr stay.
 */

/** A place and what may be done below it, as bits of the kernel's. */
export interface Rule {
  path: string;
  rights: number;
}

export interface FileRights {
  /** The program itself: only it can be started. */
  program: string;
  reads: readonly string[];
  /** Folders in which files may be made, changed and removed. */
  writes: readonly string[];
  /** Whether other programs of the system may be started. */
  mayStart: boolean;
}

/** Every right that a version of Landlock can take away, oldest version first (Linux 5.13, 5.19, 6.2, 6.7, 6.10). */
export const rightsByVersion = [0x1fff, 0x3fff, 0x7fff, 0x7fff, 0xffff] as const;

/** What is allowed, given what a program of ours needs; all else is refused. */
export function rulesFor({ program, reads, writes, mayStart }: FileRights): Rule[] {
  return [
    ...systemRules(),
    ...[program, ...loaders].filter(existsSync).map((path) => ({ path, rights: right.execute | right.readFile })),
    ...(mayStart ? programFolders.filter(existsSync).map((path) => ({ path, rights: right.execute | reading })) : []),
    ...reads.map((path) => ({ path, rights: reading })),
    ...writes.map((path) => ({ path, rights: writing })),
  ];
}

/** Bits of LANDLOCK_ACCESS_FS_*. */
const right = {
  execute: 1 << 0,
  writeFile: 1 << 1,
  readFile: 1 << 2,
  readFolder: 1 << 3,
  removeFolder: 1 << 4,
  removeFile: 1 << 5,
  makeFolder: 1 << 7,
  makeFile: 1 << 8,
  truncate: 1 << 14,
} as const;

const reading = right.readFile | right.readFolder;
/** No links, pipes and devices: we read what a child has left, and would follow them. */
const writing =
  reading | right.writeFile | right.truncate | right.makeFile | right.makeFolder | right.removeFile | right.removeFolder;

/** What any program needs to start, and libass to find fonts for characters that a style's own font lacks. Nothing of ours lies there. */
const libraries = ["/lib", "/lib64", "/usr/lib", "/usr/lib64", "/usr/local/lib"];
const fonts = ["/etc/fonts", "/usr/share/fonts", "/usr/local/share/fonts", "/usr/share/fontconfig", "/var/cache/fontconfig"];
/** How many processors there are. */
const machine = ["/sys/devices/system/cpu", "/sys/devices/system/node"];
const files = [
  { path: "/etc/ld.so.cache", rights: right.readFile },
  { path: "/dev/urandom", rights: right.readFile },
  { path: "/dev/zero", rights: right.readFile },
  { path: "/dev/null", rights: right.readFile | right.writeFile },
];

/** What starts a program that is linked to libraries: to the kernel that is a program too. */
const loaders = ["/lib64/ld-linux-x86-64.so.2", "/lib/ld-linux-aarch64.so.1"];
const programFolders = ["/bin", "/usr/bin"];

let known: Rule[] | undefined;

/** Looked for once: the system's folders do not come and go. */
function systemRules(): Rule[] {
  known ??= [...[...libraries, ...fonts, ...machine].map((path) => ({ path, rights: reading })), ...files].filter(({ path }) =>
    existsSync(path),
  );
  return known;
}
