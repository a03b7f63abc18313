import { join, resolve } from "node:path";
import { startChild, whenReady } from "../children.ts";
import type { Fault } from "./faults.ts";
import type { S3Options, S3Server } from "./server.ts";

/** What goes to the child. Answered with its id, and how many requests have met the fault. */
export type ToChild = { id: number } & Ask;
type Ask = { ask: "fail"; fault: Fault } | { ask: "heal" | "met" };

export type FromChild =
  | { ready: { url: string; port: number }; done?: undefined }
  | { done: number; met: number; ready?: undefined };

/** An S3 server in a process of its own, so that the bytes it moves do not take turns with this process' work. */
export interface S3Process extends S3Server {
  pid: number;
  /** Resolves when the process has ended, by `stop` or otherwise. */
  exited: Promise<void>;
}

/**
 * Starts `startS3` in a child process, which never outlives this one.
 *
 * @throws if `dir` is in use or the port taken.
 */
export async function startS3Process(options: S3Options): Promise<S3Process> {
  const { port, buckets = [], publicRead, accessKeyId, secretAccessKey } = options;
  const dir = resolve(options.dir);
  const child = await startChild({
    name: "s3",
    dir,
    command: process.execPath,
    args: [
      join(import.meta.dirname, "main.ts"),
      ...["--dir", dir],
      ...(port === undefined ? [] : ["--port", String(port)]),
      ...buckets.flatMap((bucket) => ["--bucket", bucket]),
      ...(publicRead ? ["--public-read"] : []),
    ],
    env: { ...process.env, NODE_OPTIONS: "", S3_ACCESS_KEY_ID: accessKeyId, S3_SECRET_ACCESS_KEY: secretAccessKey },
    ipc: true,
  });

  let ready: FromChild["ready"];
  let lastId = 0;
  const waiting = new Map<number, (met: number) => void>();
  child.process.on("message", (message: FromChild) => {
    if (message.ready) ready = message.ready;
    else waiting.get(message.done)?.(message.met);
  });
  const tell = async (what: Ask) => {
    const id = ++lastId;
    const { promise, resolve: done } = Promise.withResolvers<number>();
    waiting.set(id, done);
    // A caller that waits for nothing else must not run out of things to do.
    child.process.channel?.ref();
    child.process.send({ id, ...what } satisfies ToChild);
    const met = await Promise.race([promise, child.exited]);
    waiting.delete(id);
    if (waiting.size === 0) child.process.channel?.unref();
    return met ?? 0;
  };

  await whenReady(child, "The S3 server", readyLimitMs, async () => ready !== undefined);
  const { url, port: actualPort } = ready ?? { url: "", port: 0 };
  const stop = () => child.stop("SIGTERM", stopGraceMs);
  return {
    url,
    port: actualPort,
    pid: child.pid,
    exited: child.exited,
    fail: async (fault) => void (await tell({ ask: "fail", fault })),
    heal: async () => void (await tell({ ask: "heal" })),
    met: () => tell({ ask: "met" }),
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

const readyLimitMs = 20_000;
const stopGraceMs = 5_000;
