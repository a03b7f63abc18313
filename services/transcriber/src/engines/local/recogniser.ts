import type { Task } from "./messages.ts";
import type { KnownWords } from "./place.ts";
import type { RecogniseOptions } from "./recognise.ts";
import type { LocalResult } from "./result.ts";
import type { PlacedWord } from "./script.ts";
import { openThread, type Thread, ThreadEnded } from "./thread.ts";

/** The English recogniser, in a thread of its own. */
export type LocalRecogniser = AsyncDisposable & {
  /** Loads the models (a second, 0.3 GB), which the first transcription would do else. Throws ThreadEnded where they cannot be. */
  warm(): Promise<void>;
  /**
   * Recognises what is said in mono audio at 16 kHz; see LocalResult. The samples are copied. Calls wait for each other: another
   * recogniser makes two at a time. Throws the signal's reason, at once; the thread itself is free again after the token or the
   * chunk's alignment at work, within 0.1 s mostly. Throws ThreadEnded if the thread dies under it: the next call gets a fresh one.
   */
  transcribe(pcm: Float32Array, options?: RecogniseOptions): Promise<LocalResult>;
  /** Finds out when known words are said; see placeWords. Otherwise as transcribe. */
  place(pcm: Float32Array, known: KnownWords, options?: RecogniseOptions): Promise<PlacedWord[]>;
  /** Ends the thread. What runs and what waits throws ThreadEnded. */
  stop(): Promise<void>;
};

export type LocalRecogniserOptions = {
  /** For the recogniser's matrices. A second saves a fifth of the time on an idle machine, and doubles it on a busy one: rather make more recognisers. */
  threads?: number;
  /** The thread's module: tests have their own. */
  entry?: URL;
};

/** Makes a recogniser. It loads nothing before it is used. */
export function startLocalRecogniser({
  threads = 1,
  entry = new URL("worker.ts", import.meta.url),
}: LocalRecogniserOptions = {}): LocalRecogniser {
  // onnxruntime would keep a device id and a queue of events for Microsoft below HOME. It reads the process's own environment,
  // which only the main thread can set.
  process.env.ORT_DISABLE_TELEMETRY = "1";
  let thread: Thread | null = null;
  let stopped = false;
  let lastTurn: Promise<unknown> = Promise.resolve();

  const livingThread = () => {
    if (stopped) throw new ThreadEnded("the recogniser was stopped");
    if (!thread?.isAlive()) thread = openThread(entry, { threads });
    return thread;
  };
  const ask = async (task: Task, options: RecogniseOptions = {}) => {
    options.signal?.throwIfAborted();
    const turn = lastTurn.then(() => {
      options.signal?.throwIfAborted();
      return livingThread().ask(task, options);
    });
    lastTurn = turn.catch(() => {});
    return await orAbort(turn, options.signal);
  };
  const stop = async () => {
    stopped = true;
    await thread?.end();
  };
  return {
    async warm() {
      await livingThread().ready;
    },
    // The thread answers what it was asked.
    transcribe: async (pcm, options) => (await ask({ kind: "transcribe", pcm }, options)) as LocalResult,
    place: async (pcm, known, options) => (await ask({ kind: "place", pcm, known }, options)) as PlacedWord[],
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

/** The work's result, or the signal's reason as soon as it comes. */
async function orAbort<Result>(work: Promise<Result>, signal?: AbortSignal): Promise<Result> {
  if (!signal) return await work;
  const aborted = Promise.withResolvers<never>();
  const abort = () => aborted.reject(signal.reason);
  signal.addEventListener("abort", abort);
  try {
    return await Promise.race([work, aborted.promise]);
  } finally {
    signal.removeEventListener("abort", abort);
  }
}
