import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type MediaInfo, probe } from "@viralclaw/media/probe";
import { openWorkspace, type Workspace } from "@viralclaw/media/workspace";
import type { Storage } from "@viralclaw/storage/storage";

/** Videos that previews are drawn on, kept until nobody has asked for a while: whoever tries styles on a job asks again within seconds. */
export interface Sources extends AsyncDisposable {
  /** Calls with the video, which stays at least until the call ends. */
  use<T>(key: string, bytes: number, call: (source: Source) => Promise<T>): Promise<T>;
}

export interface Source {
  dir: string;
  file: string;
  media: MediaInfo;
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
    const workspace = await openWorkspace(workDir, `preview-${count++}`, { roomBytes: bytes + roomBytes });
    try {
      const file = join(workspace.dir, "source");
      await storage.downloadTo(key, file, { signal });
      return { dir: workspace.dir, file, media: await probe(file, { signal }), frames: new Map(), workspace };
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
    async use(key, bytes, call) {
      const one: Kept = kept.get(key) ?? { bytes, users: 0, source: fetch(key, bytes) };
      kept.delete(key);
      kept.set(key, one);
      one.users++;
      clearTimeout(one.timer);
      try {
        return await call(await one.source);
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

/** For the stills that are drawn. */
const roomBytes = 100_000_000;
