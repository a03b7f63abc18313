import { mkdir, readdir, rm, statfs } from "node:fs/promises";
import { join } from "node:path";
import { DeclaredError } from "@viralclaw/contracts/errors";

/**
 * A folder of temporary files for one run of a stage, gone when the run ends.
 * A process that was killed cannot clean up: the folder carries its pid, and the next start sweeps what the dead left behind.
 * The root must belong to one machine (or container): pids of another mean nothing here.
 */
export interface Workspace extends AsyncDisposable {
  dir: string;
}

/** Source, result and what lies between, for the largest video the service takes, with some air. */
const defaultRoomBytes = 1_500_000_000;

/**
 * Makes the folder `<root>/<pid>-<executionId>`; `await using` removes it.
 * Throws DeclaredError disk_full where less than `roomBytes` are free.
 */
export async function openWorkspace(
  root: string,
  executionId: string,
  { roomBytes = defaultRoomBytes }: { roomBytes?: number } = {},
): Promise<Workspace> {
  await mkdir(root, { recursive: true });
  const disk = await statfs(root);
  const freeBytes = disk.bavail * disk.bsize;
  if (freeBytes < roomBytes) throw new DeclaredError("disk_full", { free_bytes: freeBytes, needed_bytes: roomBytes });

  const dir = join(root, `${process.pid}-${executionId}`);
  await mkdir(dir);
  return { dir, [Symbol.asyncDispose]: () => rm(dir, { recursive: true, force: true }) };
}

/**
 * Removes the folders of processes that are dead, and returns their names. To be called once at start, before the first job:
 * a folder with our own pid is then of an earlier process, as a restarted container has the same pid each time.
 */
export async function sweepWorkspaces(root: string): Promise<string[]> {
  await mkdir(root, { recursive: true });
  const left = (await readdir(root)).filter((name) => {
    const pid = /^(\d+)-/.exec(name)?.[1];
    return pid !== undefined && (Number(pid) === process.pid || !isAlive(Number(pid)));
  });
  await Promise.all(left.map((name) => rm(join(root, name), { recursive: true, force: true })));
  return left;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it lives, but is not ours to signal.
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
