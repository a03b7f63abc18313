import { randomUUID } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { startChild, whenReady } from "./children.ts";
import { claimDir } from "./claim.ts";
import { findNatsServer } from "./nats-binary.ts";
import { loopback, onFreePort } from "./ports.ts";

export interface NatsOptions {
  /** Its configuration, streams and log; made if missing, and what is there is kept. */
  dir: string;
  /** A free one if left out. */
  port?: number;
  /**
   * Sync every message to the disk before it is acknowledged (the default). By default NATS acknowledges first and syncs
   * every two minutes. `false` is faster, for tests.
   */
  durable?: boolean;
  /** Makes this many accounts that cannot see each other's streams; connect as `natsUser(0)` and so on. None: no password. */
  accounts?: number;
}

export interface NatsServer extends AsyncDisposable {
  /** `nats://127.0.0.1:port`, without a user. */
  url: string;
  /** Its HTTP monitoring: `/healthz`, `/jsz`, `/varz`. */
  monitorUrl: string;
  port: number;
  pid: number;
  version: string;
  /** Resolves when the server has ended, by `stop` or otherwise. */
  exited: Promise<void>;
  stop(): Promise<void>;
}

/**
 * Starts a nats-server with JetStream on the loopback address, and resolves when it is healthy.
 *
 * @throws if there is no nats-server of version 2.14 or newer, if `dir` is in use, or if it does not start.
 */
export async function startNats(options: NatsOptions): Promise<NatsServer> {
  const dir = resolve(options.dir);
  const binary = findNatsServer();
  const claim = await claimDir(dir, "nats");
  try {
    return await onFreePort(options.port, (port) =>
      onFreePort(undefined, async (monitorPort) => {
        const configFile = join(dir, "nats.conf");
        const name = `embedded-${randomUUID()}`;
        writeFileSync(configFile, configuration({ ...options, name, dir, port, monitorPort }));
        const child = await startChild({ name: "nats", dir, command: binary.path, args: ["-c", configFile] });
        claim.passTo(child.pid);
        void child.exited.then(claim.release);
        const monitorUrl = `http://${loopback}:${monitorPort}`;
        await whenReady(child, "nats-server", readyLimitMs, () => isHealthy(monitorUrl, name));
        const stop = () => child.stop("SIGTERM", stopGraceMs);
        return {
          url: `nats://${loopback}:${port}`,
          monitorUrl,
          port,
          pid: child.pid,
          version: binary.version,
          exited: child.exited,
          stop,
          [Symbol.asyncDispose]: stop,
        };
      }),
    );
  } catch (error) {
    claim.release();
    throw error;
  }
}

/** The user of one account of a server started with `accounts`. */
export function natsUser(index: number): { user: string; pass: string } {
  const user = `t${String(index).padStart(2, "0")}`;
  return { user, pass: user };
}

/** Recovering some GiB of streams after a crash takes seconds. */
const readyLimitMs = 30_000;
const stopGraceMs = 10_000;

/**
 * What the streams of one account may reserve. A stream reserves its `max_bytes` when it is made, used or not: FACTS and
 * RESULTS need less than this together.
 */
const maxFileBytesPerAccount = 8 * 1024 ** 3;
const maxMemoryBytesPerAccount = 256 * 1024 ** 2;

function configuration(options: NatsOptions & { name: string; port: number; monitorPort: number }): string {
  const accounts = options.accounts ?? 0;
  const shares = Math.max(accounts, 1);
  return `# Written by @viralclaw/embedded at every start.
server_name: "${options.name}"
listen: "${loopback}:${options.port}"
http: "${loopback}:${options.monitorPort}"
jetstream {
  store_dir: ${JSON.stringify(options.dir)}
  max_file_store: ${maxFileBytesPerAccount * shares}
  max_memory_store: ${maxMemoryBytesPerAccount * shares}
${options.durable === false ? "" : "  sync_interval: always\n"}}
${accounts > 0 ? `accounts {\n${Array.from({ length: accounts }, (_, index) => account(index)).join("")}}\n` : ""}`;
}

function account(index: number): string {
  const { user, pass } = natsUser(index);
  const limits = `max_file: ${maxFileBytesPerAccount}, max_mem: ${maxMemoryBytesPerAccount}`;
  return `  ${user.toUpperCase()}: { jetstream: { ${limits} }, users: [{ user: ${user}, password: ${pass} }] }\n`;
}

/**
 * `/healthz` answers 200 when the server listens and JetStream has recovered its streams. The name tells this server from
 * another that has the port meanwhile.
 */
async function isHealthy(monitorUrl: string, name: string): Promise<boolean> {
  try {
    const health = await fetch(`${monitorUrl}/healthz`);
    await health.body?.cancel();
    const { server_name } = (await (await fetch(`${monitorUrl}/varz`)).json()) as { server_name: string };
    return health.ok && server_name === name;
  } catch {
    return false;
  }
}
