import { existsSync, readFileSync, realpathSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { isZombie, processesIn } from "./proc.ts";

/**
 * Makes a cluster ready to be started again after its server was killed: waits for the server's workers to end, which
 * they do once they notice, and removes the lock file of a server that is dead but not reaped, which Postgres would take
 * for a live one. Call it with the folder claimed.
 *
 * @throws if workers are still there after some seconds.
 */
export async function awaitLastServer(data: string): Promise<void> {
  const lock = join(data, "postmaster.pid");
  if (!existsSync(lock)) return;
  const workingFolder = realpathSync(data);
  const deadline = performance.now() + workersGraceMs;
  for (let workers = processesIn(workingFolder); workers.length > 0; workers = processesIn(workingFolder)) {
    if (performance.now() > deadline) {
      throw new Error(
        `Processes of an earlier Postgres still work on ${data}: ${workers.join(", ")}. End them with "kill ${workers.join(" ")}".`,
      );
    }
    await sleep(pollMs);
  }
  const [server] = readFileSync(lock, "utf8").split("\n");
  if (isZombie(Number(server))) rmSync(lock);
}

/** A worker in the middle of a long query looks for its server only now and then. */
const workersGraceMs = 10_000;
const pollMs = 20;
