import { randomUUID } from "node:crypto";
import { closeSync, mkdirSync, openSync, rmSync } from "node:fs";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { natsUser, startNats } from "./nats.ts";
import { cloneDatabase, createDatabase, dropDatabase, startPostgres } from "./postgres.ts";
import { type S3Server, startS3 } from "./s3/server.ts";
import type { Credentials } from "./s3/signature.ts";
import type { Connections } from "./servers.ts";

/**
 * The environment variable in which the test run hands its servers (`Connections`, as JSON) to its test files. A file that
 * is run by itself finds it empty, and starts what it needs.
 */
export const serversVariable = "VIRALCLAW_TEST_SERVERS";

export interface TestServer extends AsyncDisposable {
  url: string;
  stop(): Promise<void>;
}

/** A JetStream that nobody else uses: an account of the run's server, in the URL, or a server of its own. */
export async function natsForTest(): Promise<TestServer> {
  const shared = sharedServers();
  if (!shared) return inOwnFolder("nats", (dir) => startNats({ dir, durable: false }));
  const { user, pass } = natsUser(takeAccount(shared));
  const url = new URL(shared.natsUrl);
  url.username = user;
  url.password = pass;
  // Nothing to undo: the account is not given out again.
  return testServer(url.href.replace(/\/$/, ""), async () => {});
}

/** A database with its tables, of which each test file gets a copy. */
export interface Template {
  name: string;
  /** Makes the tables. It is called by the first file that asks, and must close its connections. */
  prepare(url: string): Promise<void>;
}

/** A database that nobody else uses, on the run's server or one of its own: a copy of the template, or empty without one. */
export async function postgresForTest(template?: Template): Promise<TestServer> {
  const shared = sharedServers();
  if (!shared) {
    const server = await inOwnFolder("postgres", (dir) => startPostgres({ dir, test: true }));
    await template?.prepare(server.url);
    return server;
  }
  const name = `test_${randomUUID().replaceAll("-", "")}`;
  const url = template ? await copyOf(template, shared, name) : await createDatabase(shared.databaseUrl, name);
  return testServer(url, () => dropDatabase(shared.databaseUrl, name));
}

/** The template is made once a run: files that come meanwhile wait on Postgres' own lock. */
async function copyOf({ name, prepare }: Template, { databaseUrl }: Connections, copy: string): Promise<string> {
  const template = `template_${name}`;
  const client = new pg.Client(databaseUrl);
  await client.connect();
  try {
    await client.query("select pg_advisory_lock(hashtext($1))", [template]);
    const { rowCount } = await client.query("select 1 from pg_database where datname = $1", [template]);
    if (rowCount === 0) await prepare(await createDatabase(databaseUrl, template));
    return await cloneDatabase(databaseUrl, template, copy);
  } finally {
    await client.end();
  }
}

/** The bucket of a store made by `s3ForTest`. */
export const testBucket = "test";

/** A store that nobody else uses, in this process, with one bucket: whoever makes it fail disturbs no other file. */
export async function s3ForTest(): Promise<S3Server & Credentials> {
  const keys: Credentials = { accessKeyId: "test", secretAccessKey: "test-secret" };
  const server = await inOwnFolder("s3", (dir) => startS3({ dir, buckets: [testBucket], ...keys }));
  return { ...server, ...keys };
}

function sharedServers(): Connections | undefined {
  const text = process.env[serversVariable];
  return text ? (JSON.parse(text) as Connections) : undefined;
}

/** Test files run in processes of their own: the first to make an account's file has the account. */
function takeAccount({ dir, natsAccounts }: Connections): number {
  const taken = join(dir, "accounts-taken");
  mkdirSync(taken, { recursive: true });
  for (let index = 0; index < natsAccounts; index++) {
    try {
      closeSync(openSync(join(taken, String(index)), "wx"));
      return index;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    }
  }
  throw new Error(`All ${natsAccounts} NATS accounts of this run are taken: start the servers with more.`);
}

async function inOwnFolder<T extends TestServer>(name: string, start: (dir: string) => Promise<T>): Promise<T> {
  const dir = await mkdtemp(join(tmpdir(), `viralclaw-${name}-`));
  const server = await start(dir);
  const stop = async () => {
    await server.stop();
    rmSync(dir, { recursive: true, force: true });
  };
  return { ...server, stop, [Symbol.asyncDispose]: stop };
}

function testServer(url: string, stop: () => Promise<void>): TestServer {
  return { url, stop, [Symbol.asyncDispose]: stop };
}
