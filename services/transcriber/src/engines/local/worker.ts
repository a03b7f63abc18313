/**
 * The entry of the recogniser's thread (see thread.ts, its other end). The engine has one to itself since the aligner blocks it, and
 * SoundSwallower's runtime handles uncaught exceptions of the thread it is loaded in.
 */
import { parentPort, workerData } from "node:worker_threads";
import type { FromThread, Setting, ToThread } from "./messages.ts";
import { placeWords } from "./place.ts";
import { loadModels, recogniseWith } from "./recognise.ts";

if (!parentPort) throw new Error("worker.ts is the entry of a thread: call startLocalRecogniser()");
const port = parentPort;
const tell = (message: FromThread) => port.postMessage(message);

const { threads }: Setting = workerData;
const models = await loadModels(threads);
let running = new AbortController();

port.on("message", async (message: ToThread) => {
  if (message.kind === "cancel") return running.abort();
  running = new AbortController();
  try {
    const onProgress = (fraction: number) => tell({ kind: "progress", fraction });
    const options = { signal: running.signal, onProgress };
    const result =
      message.kind === "place"
        ? await placeWords(message.pcm, message.known, models, options)
        : await recogniseWith(models, message.pcm, options);
    tell({ kind: "done", result });
  } catch (error) {
    tell({ kind: "failed", error });
  }
});

tell({ kind: "ready" });
