/** The recogniser's thread as recogniser.test.ts needs it: without models, and dying when it is told. See worker.ts for the real one. */
import { parentPort } from "node:worker_threads";
import type { FromThread, ToThread } from "./messages.ts";

const tell = (message: FromThread) => parentPort?.postMessage(message);
const cancelled = () => tell({ kind: "failed", error: new Error("cancelled") });

/** By the first sample. */
const deeds: ((pcm: Float32Array) => void)[] = [
  (pcm) => {
    tell({ kind: "progress", fraction: 0.5 });
    tell({ kind: "progress", fraction: 1 });
    const result = { words: [], averageLogProbability: null, misfit: null, speechMs: pcm.length, dropped: [] };
    tell({ kind: "done", result: { ...result, spent: { vadMs: 0, asrMs: 0, alignMs: 0 } } });
  },
  () => process.exit(3),
  () => tell({ kind: "failed", error: new Error("cannot do this") }),
  () => {},
];

parentPort?.on("message", (message: ToThread) => {
  if (message.kind === "cancel") cancelled();
  else deeds[message.pcm[0] ?? 0]?.(message.pcm);
});
tell({ kind: "ready" });
