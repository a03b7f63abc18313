import { type JetStreamClient, type JetStreamManager, jetstream, jetstreamManager } from "@nats-io/jetstream";
import { connect, type NatsConnection } from "@nats-io/transport-node";
import { delivery } from "@viralclaw/contracts/pipeline";
import { ensureTopology } from "./topology.ts";

/**
 * The bus is NATS JetStream: it moves facts and results, and is the truth of neither (Postgres is).
 * It refuses servers older than `oldestServer`, messages that do not fit their schema, and facts over 8 kB.
 */
export interface Bus {
  nc: NatsConnection;
  js: JetStreamClient;
  jsm: JetStreamManager;
  /** How long a worker may say nothing before its message is another's. */
  leaseMs: number;
  /** Makes streams and consumers that are missing, as after the loss of the broker's store. */
  ensureTopology(): Promise<void>;
  /** Lets what is being sent go out, then closes. */
  [Symbol.asyncDispose](): Promise<void>;
}

export interface BusLog {
  info(data: object, message: string): void;
  warn(data: object, message: string): void;
  error(data: object, message: string): void;
}

/** 2.9 and 2.10 accept settings they do not know without a word, and lost data in ways mended since. */
const oldestServer = [2, 11] as const;

/** Connects and makes the topology. Reconnects for ever by itself. Throws where the server cannot be reached or is too old. */
export async function connectBus({ url, name, log, leaseMs = delivery.leaseMs }: BusOptions): Promise<Bus> {
  const address = new URL(url);
  const nc = await connect({
    servers: `${address.protocol}//${address.host}`,
    user: decodeURIComponent(address.username) || undefined,
    pass: decodeURIComponent(address.password) || undefined,
    name,
    maxReconnectAttempts: -1,
    reconnectTimeWait: 250,
    reconnectJitter: 250,
    // A silent link is noticed after 2 lost pings, well before a lease of 30 s is over.
    pingInterval: 5_000,
    maxPingOut: 2,
  });
  const version = nc.info?.version ?? "0.0.0";
  if (!isNewEnough(version)) {
    await nc.close();
    throw new Error(`NATS at ${address.host} is ${version}; ViralClaw needs ${oldestServer.join(".")} or newer`);
  }
  const jsm = await jetstreamManager(nc);
  const ensure = oneAtATime(() => ensureTopology(jsm, leaseMs));
  await ensure();
  void (async () => {
    for await (const status of nc.status()) {
      if (status.type === "reconnect") {
        log.warn({ server: address.host }, "reconnected to NATS");
        await ensure().catch((error: Error) => log.error({ err: error }, "topology could not be made after reconnecting"));
      } else if (status.type === "disconnect") log.warn({ server: address.host }, "connection to NATS lost");
    }
  })();
  return { nc, js: jetstream(nc), jsm, leaseMs, ensureTopology: ensure, [Symbol.asyncDispose]: () => nc.drain() };
}

export interface BusOptions {
  url: string;
  /** What the broker's operator sees of this connection. */
  name: string;
  log: BusLog;
  /** The same for every service, or they take turns at changing it. */
  leaseMs?: number;
}

/** Whether a server version such as "2.15.0" is at least the oldest that is supported. */
export function isNewEnough(version: string): boolean {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  return major > oldestServer[0] || (major === oldestServer[0] && minor >= oldestServer[1]);
}

/** Callers that come while one is under way share it. */
function oneAtATime(task: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | undefined;
  return () => {
    running ??= task().finally(() => {
      running = undefined;
    });
    return running;
  };
}
