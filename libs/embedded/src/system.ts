import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { type Child, startChild, whenReady } from "./children.ts";
import { freePort, loopback } from "./ports.ts";
import { type Connections, type Servers, startServers } from "./servers.ts";

export type ServiceName = "gateway" | "transcriber" | "renderer";

export type Environment = Record<string, string | undefined>;

export interface SystemOptions {
  /** The checkout whose services are run. */
  root: string;
  /** Where servers keep their data, jobs their files and everything its log. */
  dir: string;
  /** Port of the API if it can be had, else a free one. */
  port?: number;
  /** Whether what is acknowledged survives a power cut; tests need not pay for that. */
  durable: boolean;
  /** Environment of the services beside what they need to find each other, or in place of it. */
  env?: Environment | ((servers: Connections) => Environment);
}

/** The whole product on one machine: real servers, and every service as a process of its own. */
export interface System {
  apiUrl: string;
  servers: Servers;
  /** The environment of its services, for commands that work on the same data. */
  env(): Environment;
  /** How long each part took to start, ms. */
  timings: Record<string, number>;
  /** Log file of each service. */
  logs: Record<ServiceName, string>;
  processes: Record<ServiceName, Child[]>;
  /** Starts one more process of a service; `env` is for it alone. */
  start(service: ServiceName, env?: Record<string, string>): Promise<Child>;
  /** Makes an API key for the customer of that e-mail address; `rate` is how many videos may be posted a minute with it. */
  createKey(email: string, options?: { mode?: "live" | "test"; rate?: number }): Promise<string>;
  /** Removes from the store what retention would remove in time; what no job has accepted, at once. */
  retain(): Promise<Record<string, { objects: number; bytes: number }>>;
  stop(): Promise<void>;
}

/** Node and the instrumentation of a service start in about a second; a busy machine needs more. */
const readyWithinMs = 60_000;
const stopGraceMs = 15_000;
const run = promisify(execFile);

/** Starts servers and services, and resolves when a job can be posted. What had been started is stopped where it throws. */
export async function startSystem(options: SystemOptions): Promise<System> {
  const root = resolve(options.root);
  const dir = resolve(options.dir);
  const timings: Record<string, number> = {};
  const servers = await timed(timings, "servers", () => startServers({ dir, durable: options.durable, buckets: [bucket] }));
  const processes: Record<ServiceName, Child[]> = { gateway: [], transcriber: [], renderer: [] };
  try {
    let apiUrl = urlOf(options.port ?? (await freePort()));
    const envNow = () =>
      serviceEnv({
        root,
        dir,
        servers,
        apiUrl,
        given: typeof options.env === "function" ? options.env(servers) : (options.env ?? {}),
      });
    const start = async (service: ServiceName, own: Record<string, string> = {}) => {
      const healthPort = own.HEALTH_PORT ?? String(await freePort());
      const started = processes[service].length;
      const name = started === 0 ? service : `${service}-${started + 1}`;
      const args = ["--import", "@viralclaw/runtime/telemetry", join("services", service, "src", "main.ts")];
      const env = {
        ...envNow(),
        OTEL_SERVICE_NAME: service,
        HEALTH_PORT: healthPort,
        WORK_DIR: join(dir, "work", service),
        ...own,
      };
      const child = await startChild({ name, dir: root, logDir: join(dir, "logs"), command: process.execPath, args, env });
      processes[service].push(child);
      await whenReady(child, service, readyWithinMs, () => answers(`http://${loopback}:${healthPort}/health/ready`));
      return child;
    };
    const startGateway = () =>
      start("gateway").catch(async (error: Error) => {
        if (!error.message.includes("EADDRINUSE")) throw error;
        // Something else has the wanted port: another checkout, say.
        apiUrl = urlOf(await freePort());
        processes.gateway = [];
        return start("gateway");
      });
    await timed(timings, "services", () => Promise.all([startGateway(), start("transcriber"), start("renderer")]));
    return {
      apiUrl,
      servers,
      env: envNow,
      timings,
      logs: {
        gateway: join(dir, "logs", "gateway.log"),
        transcriber: join(dir, "logs", "transcriber.log"),
        renderer: join(dir, "logs", "renderer.log"),
      },
      processes,
      start,
      createKey: async (email, { mode = "live", rate = 10 } = {}) => {
        const args = ["services/gateway/src/commands/create-key.ts", "--email", email, "--mode", mode, "--rate", String(rate)];
        const { stdout } = await run(process.execPath, args, { cwd: root, env: envNow() });
        return (JSON.parse(stdout) as { api_key: string }).api_key;
      },
      retain: async () => {
        const args = ["services/gateway/src/commands/retain.ts", "--loose-minutes", "0"];
        const { stdout } = await run(process.execPath, args, { cwd: root, env: envNow() });
        return JSON.parse(stdout) as Record<string, { objects: number; bytes: number }>;
      },
      stop: () => stopAll(processes, servers),
    };
  } catch (error) {
    await stopAll(processes, servers);
    throw error;
  }
}

const urlOf = (port: number) => `http://${loopback}:${port}`;
const bucket = "viralclip-output";

function serviceEnv({
  root,
  dir,
  servers,
  apiUrl,
  given,
}: {
  root: string;
  dir: string;
  servers: Servers;
  apiUrl: string;
  given: Record<string, string | undefined>;
}) {
  const { PATH, HOME, LANG, TZ } = process.env;
  return {
    PATH,
    HOME,
    LANG,
    TZ,
    NODE_ENV: "development",
    NODE_OPTIONS: "--disable-warning=ExperimentalWarning",
    // A third of a service's start is compiling what it imports.
    NODE_COMPILE_CACHE: join(root, ".cache", "node-compile"),
    HOST: loopback,
    PORT: new URL(apiUrl).port,
    PUBLIC_URL: apiUrl,
    DATABASE_URL: servers.databaseUrl,
    NATS_URL: servers.natsUrl,
    R2_ENDPOINT: servers.s3.url,
    R2_ACCESS_KEY: servers.s3.accessKeyId,
    R2_SECRET_KEY: servers.s3.secretAccessKey,
    R2_BUCKET: bucket,
    SECRET_KEY: secretKey(dir),
    // All customers of this machine share one address.
    IP_RATE_LIMIT_PER_MINUTE: "0",
    // What is posted here may lie on this machine; in production nothing but the public internet is downloaded from.
    DOWNLOAD_ALLOW: `${loopback}/32`,
    ...given,
  };
}

/** The same key for every run on the same data, or the API keys in it would be lost. */
function secretKey(dir: string): string {
  const file = join(dir, "secret-key");
  if (!existsSync(file)) {
    mkdirSync(dir, { recursive: true });
    writeFileSync(file, randomBytes(32).toString("base64url"), { mode: 0o600 });
  }
  return readFileSync(file, "utf8");
}

/** Services end before the servers they need, all of them at once. */
async function stopAll(processes: Record<ServiceName, Child[]>, servers: Servers): Promise<void> {
  await Promise.all(Object.values(processes).flatMap((children) => children.map((child) => child.stop("SIGTERM", stopGraceMs))));
  await servers.stop();
}

async function answers(url: string): Promise<boolean> {
  return fetch(url).then(
    ({ ok }) => ok,
    () => false,
  );
}

async function timed<T>(timings: Record<string, number>, name: string, task: () => Promise<T>): Promise<T> {
  const startedAt = performance.now();
  const done = await task();
  timings[name] = Math.round(performance.now() - startedAt);
  return done;
}
