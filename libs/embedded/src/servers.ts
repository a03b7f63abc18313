import { join, resolve } from "node:path";
import { type NatsServer, startNats } from "./nats.ts";
import { type PostgresServer, startPostgres } from "./postgres.ts";
import { type S3Process, startS3Process } from "./s3/process.ts";
import type { Credentials } from "./s3/signature.ts";

/**
 * Real servers for the demo, for development and for tests: child processes on the loopback address, which die with their parent.
 * They are for one machine and one developer: they refuse a folder that another process uses, and ask for next to no proof of
 * who calls, so nothing here is ever started in production.
 */
export interface ServersOptions {
  /** Each server has a folder of its own in it: `nats`, `postgres`, `s3`. What is there is kept. */
  dir: string;
  /** Whether what is acknowledged is on the disk: true for the demo and whatever is meant to last, false for tests. */
  durable: boolean;
  /** See `NatsOptions`. */
  accounts?: number;
  /** Made if missing. */
  buckets: readonly string[];
  /** See `S3Options`. */
  publicRead?: boolean;
  /** Free ones where left out. */
  ports?: { nats?: number; postgres?: number; s3?: number };
}

/** Where the servers are, as plain data: it can be handed to another process. */
export interface Connections {
  /** Without a user, which a server with accounts asks for: see `natsUser`. */
  natsUrl: string;
  natsAccounts: number;
  /** The superuser's, of the database `postgres`. */
  databaseUrl: string;
  /** Path style, region `auto`. */
  s3: Credentials & { url: string };
  /** The folder they were started in. */
  dir: string;
}

export interface Servers extends Connections, AsyncDisposable {
  connections: Connections;
  nats: NatsServer;
  postgres: PostgresServer;
  s3: S3Process & Credentials;
  /** How long each one took to answer, in whole milliseconds. They start side by side. */
  startedMs: Readonly<Record<"nats" | "postgres" | "s3", number>>;
  stop(): Promise<void>;
}

/**
 * Starts NATS, Postgres and an S3 store side by side, all on free ports of the loopback address.
 *
 * @throws what the first of them throws that does not start; the others are stopped then.
 */
export async function startServers(options: ServersOptions): Promise<Servers> {
  const { dir, durable, accounts, buckets, publicRead, ports = {} } = options;
  const [nats, postgres, s3] = await Promise.allSettled([
    timed(startNats({ dir: join(dir, "nats"), port: ports.nats, durable, accounts })),
    timed(startPostgres({ dir: join(dir, "postgres"), port: ports.postgres, test: !durable })),
    timed(startS3Process({ dir: join(dir, "s3"), port: ports.s3, buckets, publicRead, ...localKeys })),
  ]);
  if (nats.status === "rejected" || postgres.status === "rejected" || s3.status === "rejected") {
    const outcomes = [nats, postgres, s3];
    await Promise.all(outcomes.map((outcome) => (outcome.status === "fulfilled" ? outcome.value.server.stop() : undefined)));
    throw outcomes.find((outcome) => outcome.status === "rejected")?.reason;
  }
  const stop = async () => {
    await Promise.all([nats.value.server.stop(), postgres.value.server.stop(), s3.value.server.stop()]);
  };
  const connections: Connections = {
    natsUrl: nats.value.server.url,
    natsAccounts: accounts ?? 0,
    databaseUrl: postgres.value.server.url,
    s3: { url: s3.value.server.url, ...localKeys },
    dir: resolve(dir),
  };
  return {
    ...connections,
    connections,
    nats: nats.value.server,
    postgres: postgres.value.server,
    s3: { ...s3.value.server, ...localKeys },
    startedMs: { nats: nats.value.ms, postgres: postgres.value.ms, s3: s3.value.ms },
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

/** No secret: the store listens on the loopback address only. Fixed, so that signed URLs stay good over a restart. */
const localKeys: Credentials = { accessKeyId: "viralclaw-local", secretAccessKey: "viralclaw-local-secret" };

async function timed<T>(starting: Promise<T>): Promise<{ server: T; ms: number }> {
  const begin = performance.now();
  const server = await starting;
  return { server, ms: Math.round(performance.now() - begin) };
}
