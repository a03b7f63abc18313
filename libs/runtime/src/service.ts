import { hostname } from "node:os";
import type * as z from "zod";
import { CommonConfig, ConfigError, loadConfig } from "./config.ts";
import { startHealthServer } from "./health.ts";
import { type Log, openLog } from "./log.ts";
import { answerMetrics, stopTelemetry } from "./telemetry.ts";
import { within } from "./within.ts";

/**
 * The life of a service around its own main: configuration, log, telemetry, health, shutdown. It refuses to start on an
 * environment that is not complete, and to end without having told what runs to come to its end. This is what that main is given.
 */
export interface ServiceScope<Config> {
  config: Config & z.infer<typeof CommonConfig>;
  log: Log;
  /** Names this process among its like: service, host and process id. */
  instance: string;
  /** Aborted when the process is told to end. */
  stopping: AbortSignal;
  /** Registers how something is ended; the last registered is ended first. */
  defer(what: string, end: () => unknown): void;
  /** Registers what /health/ready asks: resolves when the part works, rejects when not. */
  ready(part: string, check: () => Promise<unknown>): void;
}

/** Ending must not hang: what has not ended by then is left to the operating system. */
const endWithinMs = 10_000;
const checkWithinMs = 3_000;

/**
 * Runs a service from its first line to its last: configuration, log, telemetry, its own main, health, and on SIGTERM or
 * SIGINT an orderly end (not ready, nothing new taken, what runs finished or handed over, connections closed).
 * Exits with 0 after that, with 1 where it could not start, and with 2 where the environment is not complete.
 */
export async function runService<S extends z.ZodObject>(
  name: string,
  schema: S,
  main: (scope: ServiceScope<z.infer<S>>) => Promise<void>,
): Promise<void> {
  const startedAt = performance.now();
  const log = openLog(name, process.env.LOG_LEVEL ?? "info");
  const ends: { what: string; end: () => unknown }[] = [];
  const checks: { part: string; check: () => Promise<unknown> }[] = [];
  const stopping = new AbortController();

  const exit = async (code: number) => {
    stopping.abort();
    for (const { what, end } of ends.toReversed()) {
      try {
        await end();
      } catch (error) {
        log.error({ err: error, what }, "could not be ended properly");
      }
    }
    await within(endWithinMs, stopTelemetry()).catch(() => undefined);
    process.exit(code);
  };

  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    process.on(signal, () => {
      if (stopping.signal.aborted) return;
      log.info({ signal }, "ending");
      void exit(0);
    });
  }
  process.on("uncaughtException", (error) => {
    log.fatal({ err: error }, "an error that nobody caught");
    process.exit(1);
  });

  try {
    const config = loadConfig(CommonConfig.extend(schema.shape), process.env) as unknown as ServiceScope<z.infer<S>>["config"];
    const faults = async () => {
      const found: Record<string, string> = stopping.signal.aborted ? { process: "ending" } : {};
      for (const { part, check } of checks) {
        await within(checkWithinMs, check()).catch((error: Error) => {
          found[part] = error.message;
        });
      }
      return found;
    };
    await main({
      config,
      log,
      instance: `${name}@${hostname()}:${process.pid}`,
      stopping: stopping.signal,
      defer: (what, end) => ends.push({ what, end }),
      ready: (part, check) => checks.push({ part, check }),
    });
    const health = await startHealthServer({
      host: config.HEALTH_HOST,
      port: config.HEALTH_PORT,
      faults,
      metrics: answerMetrics,
    });
    ends.push({ what: "health", end: () => health.close() });
    log.info({ started_ms: Math.round(performance.now() - startedAt), health_port: health.port }, "ready");
  } catch (error) {
    if (error instanceof ConfigError) {
      log.fatal(error.message);
      return exit(2);
    }
    log.fatal({ err: error }, "could not start");
    return exit(1);
  }
}
