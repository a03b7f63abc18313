import { setTimeout as sleep } from "node:timers/promises";
import type { Log } from "./log.ts";

/**
 * Does something now and then every so often, one time after another. A tick that fails is logged, and the next one comes as
 * if it had not; one that answers "again" is followed by the next at once. Returns a function that waits for the last to end.
 */
export function startClock(
  what: string,
  everyMs: number,
  log: Log,
  tick: () => Promise<"again" | undefined>,
): () => Promise<void> {
  const stopping = new AbortController();
  const loop = (async () => {
    while (!stopping.signal.aborted) {
      const answer = await tick().catch((error: Error) => log.warn({ err: error }, `${what} could not be done`));
      if (answer !== "again") await sleep(everyMs, undefined, { signal: stopping.signal }).catch(() => undefined);
    }
  })();
  return async () => {
    stopping.abort();
    await loop;
  };
}
