import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type MediaInfo, probe } from "@viralclaw/media/probe";
import { openWorkspace, type Workspace } from "@viralclaw/media/workspace";
import type { Storage } from "@viralclaw/storage/storage";
import { digestOfFile } from "./pieces/key.ts";

/**
 * The videos that captions are drawn on, kept until nobody has asked for a while: whoever looks at a job's result, tries styles on it or edits its words
 * asks for the same video again within seconds.
 */
export interface Sources extends AsyncDisposable {
  /** Calls with the video, which stays at least until the call ends. Throws what its fetching and probing throw, or the signal's reason. */
  use<T>(key: string, bytes: number, call: (source: Source) => Promise<T>, signal?: AbortSignal): Promise<T>;
}

export interface Source {
  dir: string;
  file: string;
  media: MediaInfo;
  /** SHA-256 in hex, made when it is first asked for. */
  digest(): Promise<string>;
  /** Frames that were decoded, by their time in ms: see frames.ts. */
  frames: Map<number, Promise<string>>;
}

interface Kept {
  bytes: number;
  users: number;
  /** Removes it, once nobody has used it for `idleMs`. */
  timer?: NodeJS.Timeout;
  source: Promise<Source & { workspace: Workspace }>;
}

/** Two of the largest videos, or some fifty usual ones. */
const keptBytes = 1_000_000_000;
const keptIdleMs = 120_000;

/** Keeps videos below `workDir`; the one that was not used for longest goes first. */
export function keepSources(
  storage: Pick<Storage, "downloadTo">,
  workDir: string,
  { mostBytes = keptBytes, idleMs = keptIdleMs }: { mostBytes?: number; idleMs?: number } = {},
): Sources {
  const { signal } = new AbortController();
  // In the order of use, the oldest first.
  const kept = new Map<string, Kept>();
  let count = 0;

  async function fetch(key: string, bytes: number) {
    const workspace = await openWorkspace(workDir, `source-${count++}`, { roomBytes: bytes + roomBytes });
    try {
      const file = join(workspace.dir, "source");
      await storage.downloadTo(key, file, { signal });
      let digest: Promise<string> | undefined;
      return {
        ...{ dir: workspace.dir, file, media: await probe(file, { signal }), frames: new Map(), workspace },
        digest: () => (digest ??= digestOfFile(file)),
      };
    } catch (error) {
      kept.delete(key);
      await workspace[Symbol.asyncDispose]();
      throw error;
    }
  }

  async function remove(key: string, { source, timer }: Kept) {
    clearTimeout(timer);
    kept.delete(key);
    await source.then(({ workspace }) => workspace[Symbol.asyncDispose]()).catch(() => undefined);
  }

  async function makeRoom() {
    let total = [...kept.values()].reduce((sum, { bytes }) => sum + bytes, 0);
    for (const [key, one] of kept) {
      if (total <= mostBytes) return;
      if (one.users > 0) continue;
      total -= one.bytes;
      await remove(key, one);
    }
  }

  return {
    async use(key, bytes, call, signal) {
      const one: Kept = kept.get(key) ?? { bytes, users: 0, source: fetch(key, bytes) };
      kept.delete(key);
      kept.set(key, one);
      one.users++;
      clearTimeout(one.timer);
      try {
        return await call(await orAborted(one.source, signal));
      } finally {
        one.users--;
        if (one.users === 0 && kept.get(key) === one) one.timer = setTimeout(() => void remove(key, one), idleMs);
        await makeRoom();
      }
    },
    async [Symbol.asyncDispose]() {
      while ([...kept.values()].some(({ users }) => users > 0)) await sleep(50);
      await Promise.all([...kept].map(([key, one]) => remove(key, one)));
    },
  };
}

/** What is fetched for one may be wanted by another: it is fetched to its end whoever goes away. */
function orAborted<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return promise;
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const abort = () => reject(signal.reason);
  if (signal.aborted) abort();
  signal.addEventListener("abort", abort, { once: true });
  return Promise.race([promise, aborted]).finally(() => signal.removeEventListener("abort", abort));
}

/** For the stills that are drawn. */
const roomBytes = 100_000_000;
