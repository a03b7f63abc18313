import { createServer } from "node:net";

/** Everything this package starts listens here only: these servers are for one machine and ask for little proof of who calls. */
export const loopback = "127.0.0.1";

/**
 * Finds a TCP port on the loopback address that nothing listens on now. Another process may take it before you do:
 * start through `onFreePort` where that matters.
 */
export async function freePort(): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const server = createServer();
  server.once("error", reject);
  server.listen(0, loopback, () => {
    const address = server.address();
    server.close(() =>
      address !== null && typeof address === "object" ? resolve(address.port) : reject(new Error("no TCP port was given")),
    );
  });
  return promise;
}

/** A port can be lost between finding and using it about as often as another process asks in the same instant. */
const freePortAttempts = 5;

/**
 * Runs `start` on the wanted port, or on a free one if none is wanted. A free port that was lost meanwhile is replaced;
 * a wanted one that is taken is the caller's to know: the error goes through.
 */
export async function onFreePort<T>(wanted: number | undefined, start: (port: number) => Promise<T>): Promise<T> {
  if (wanted !== undefined) return start(wanted);
  for (let attempt = 1; ; attempt++) {
    try {
      return await start(await freePort());
    } catch (error) {
      if (attempt === freePortAttempts || !/address already in use/i.test(String(error))) throw error;
    }
  }
}
