import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { resolve } from "node:path";

/**
 * The oldest nats-server the bus may run on. Older ones accept the settings they lack and silently do without: 2.10 takes
 * a stream with message TTLs and never expires one. Written into scripts/setup.sh too.
 */
export const oldestNats = { major: 2, minor: 14 };

/**
 * Where this machine's nats-server is, and its version: NATS_SERVER_BIN if set, else what scripts/setup.sh put into
 * .cache/bin, else the one on the PATH.
 *
 * @throws if there is none, or it is too old: the message says how to get one.
 */
export function findNatsServer(): { path: string; version: string } {
  const path = process.env.NATS_SERVER_BIN
    ? resolve(process.env.NATS_SERVER_BIN)
    : existsSync(fetchedBinary)
      ? fetchedBinary
      : "nats-server";
  let output: string;
  try {
    output = execFileSync(path, ["--version"], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
  } catch (error) {
    throw new Error(`No nats-server could be run (tried ${path}). ${howToGetOne}`, { cause: error });
  }
  const [, major, minor, patch] = /v?(\d+)\.(\d+)\.(\d+)/.exec(output) ?? [];
  const version = `${major}.${minor}.${patch}`;
  if (
    Number(major) < oldestNats.major ||
    (Number(major) === oldestNats.major && Number(minor) < oldestNats.minor) ||
    major === undefined
  ) {
    throw new Error(
      `The nats-server at ${path} is ${major ? version : "of an unknown version"}; ${oldestNats.major}.${oldestNats.minor} or newer is needed. ${howToGetOne}`,
    );
  }
  return { path, version };
}

const fetchedBinary = resolve(import.meta.dirname, "../../../.cache/bin/nats-server");
const howToGetOne =
  'Run "npm run setup" (it unpacks one on Debian), or put a release of nats-io/nats-server on the PATH, or name its file in NATS_SERVER_BIN.';
