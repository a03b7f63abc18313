import { Worker } from "node:worker_threads";
import type { Done, FromThread, Setting, Task, ToThread } from "./messages.ts";
import type { RecogniseOptions } from "./recognise.ts";

/** The thread ended while it was needed: it crashed, ran out of memory or was stopped. Another try gets a fresh one. */
export class ThreadEnded extends Error {
  override name = "ThreadEnded";
}

/** A thread with the engine in it. */
export type Thread = {
  /** Settled when the models are loaded. Throws ThreadEnded. */
  ready: Promise<void>;
  /** Does something in the thread; one call at a time. The samples are copied. An abort shows when the thread has answered it. Throws ThreadEnded. */
  ask(task: Task, options: RecogniseOptions): Promise<Done>;
  /** False from its end on. */
  isAlive(): boolean;
  /** Ends the thread at once, whatever it does. */
  end(): Promise<void>;
};

/** Opens the thread, whose module is `entry` (worker.ts). */
export function openThread(entry: URL, setting: Setting): Thread {
  const worker = new Worker(entry, { workerData: setting, resourceLimits: { maxOldGenerationSizeMb: maxHeapMb } });
  const ready = Promise.withResolvers<void>();
  let running: (PromiseWithResolvers<Done> & RecogniseOptions) | null = null;
  let alive = true;

  worker.on("message", (message: FromThread) => {
    if (message.kind === "ready") ready.resolve();
    if (message.kind === "progress") running?.onProgress?.(message.fraction);
    if (message.kind === "done") running?.resolve(message.result);
    if (message.kind === "failed") running?.reject(message.error);
  });
  const ended = (cause: unknown) => {
    alive = false;
    const error = new ThreadEnded("the recogniser's thread ended", { cause });
    ready.reject(error);
    running?.reject(error);
  };
  worker.on("error", ended);
  worker.on("exit", (code) => ended(`exit code ${code}`));
  ready.promise.catch(() => {}); // Whoever waits for it is told; nobody may.

  const tell = (message: ToThread, transfer: ArrayBuffer[] = []) => worker.postMessage(message, transfer);
  return {
    ready: ready.promise,
    async ask(task, { signal, onProgress }) {
      await ready.promise;
      if (!alive) throw new ThreadEnded("the recogniser's thread ended");
      signal?.throwIfAborted();
      running = { ...Promise.withResolvers<Done>(), onProgress };
      const cancel = () => tell({ kind: "cancel" });
      signal?.addEventListener("abort", cancel);
      // A copy of just these samples: a view would take its whole buffer along, and a transfer the caller's samples away.
      const copy = task.pcm.slice();
      tell({ ...task, pcm: copy }, [copy.buffer]);
      try {
        return await running.promise;
      } finally {
        signal?.removeEventListener("abort", cancel);
        running = null;
      }
    },
    isAlive: () => alive,
    async end() {
      await worker.terminate();
    },
  };
}

/** The engine's own data is some 60 MB; the models lie outside this heap. */
const maxHeapMb = 512;
