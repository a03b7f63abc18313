import { setTimeout as sleep } from "node:timers/promises";
import type { ServiceName } from "@viralclaw/embedded/system";
import { outagesOf } from "../outages.ts";
import { living, serviceNames } from "../processes.ts";
import type { Product } from "../product.ts";

/** What may happen to a running system. Each ends with everything running again; that the jobs survive is what is tested. */
export interface Disasters extends AsyncDisposable {
  /** By name; each resolves when the damage is mended. */
  table: Record<string, () => Promise<void>>;
}

/** Lasts longer than the others, which go on meanwhile. */
export const pauseName = "pause a renderer beyond its lease";

/** Longer than a worker's lease of 30 s: its message is by then another's. */
const pausedMs = 34_000;
const downMs = 1_000;
const storeDownMs = 8_000;

export function disastersOf(product: Product, random: () => number): Disasters {
  const { system } = product;
  const outages = outagesOf(product);

  async function kill(service: ServiceName): Promise<void> {
    const [child] = living(system, service).sort(() => random() - 0.5);
    if (!child) return;
    await child.stop("SIGKILL", 0);
    await sleep(downMs * random());
    await system.start(service);
  }

  async function restartNats({ wipe }: { wipe: boolean }): Promise<void> {
    await outages.stopNats();
    await sleep(downMs * random());
    await outages.startNats({ wipe });
  }

  const table: Disasters["table"] = {
    "kill -9 a transcriber": () => kill("transcriber"),
    "kill -9 a renderer": () => kill("renderer"),
    "kill -9 the gateway": () => kill("gateway"),
    async "kill -9 every service at once"() {
      await Promise.all(serviceNames.map(kill));
    },
    async [pauseName]() {
      const [child] = living(system, "renderer");
      if (!child) return;
      process.kill(child.pid, "SIGSTOP");
      await sleep(pausedMs);
      // Another disaster may have killed it meanwhile.
      if (child.isRunning()) process.kill(child.pid, "SIGCONT");
    },
    "restart NATS": () => restartNats({ wipe: false }),
    "restart NATS with an empty store": () => restartNats({ wipe: true }),
    async "restart Postgres"() {
      await outages.stopPostgres();
      await sleep(downMs * random());
      await outages.startPostgres();
    },
    async "the store refuses"() {
      await system.servers.s3.fail({ status: 503 });
      await sleep(storeDownMs * random());
      await system.servers.s3.heal();
    },
  };
  return {
    table,
    [Symbol.asyncDispose]: () => outages[Symbol.asyncDispose](),
  };
}

/** Numbers in [0, 1) that are the same for the same seed (mulberry32), so that a run that failed can be run again. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
