import { rm } from "node:fs/promises";
import { join } from "node:path";
import { type NatsServer, startNats } from "@viralclaw/embedded/nats";
import { type PostgresServer, startPostgres } from "@viralclaw/embedded/postgres";
import { living, serviceNames } from "./processes.ts";
import type { Product } from "./product.ts";

/** The servers of a running product, to be stopped and started again where they were: same port, same data. */
export interface Outages extends AsyncDisposable {
  stopNats(): Promise<void>;
  /** With `wipe`, everything that NATS had stored is gone. */
  startNats(options?: { wipe?: boolean }): Promise<void>;
  stopPostgres(): Promise<void>;
  startPostgres(): Promise<void>;
}

const stopGraceMs = 10_000;

/** Its disposal ends the services first, which end better with their servers there. */
export function outagesOf({ system, dir }: Pick<Product, "system" | "dir">): Outages {
  let nats: NatsServer = system.servers.nats;
  let postgres: PostgresServer = system.servers.postgres;
  const natsDir = join(dir, "nats");
  return {
    stopNats: () => nats.stop(),
    async startNats({ wipe = false } = {}) {
      if (wipe) await rm(join(natsDir, "jetstream"), { recursive: true, force: true });
      nats = await startNats({ dir: natsDir, port: nats.port, durable: false });
    },
    stopPostgres: () => postgres.stop(),
    async startPostgres() {
      postgres = await startPostgres({ dir: join(dir, "postgres"), port: postgres.port, test: true });
    },
    async [Symbol.asyncDispose]() {
      const services = serviceNames.flatMap((service) => living(system, service));
      await Promise.all(services.map((child) => child.stop("SIGTERM", stopGraceMs)));
      await Promise.all([nats.stop(), postgres.stop()]);
    },
  };
}
