import { metrics } from "@opentelemetry/api";
import { pipeline } from "@viralclaw/contracts/pipeline";
import { startClock } from "@viralclaw/runtime/clock";
import type { Log } from "@viralclaw/runtime/log";
import type { Removed } from "@viralclaw/storage/removal";
import type { Storage } from "@viralclaw/storage/storage";
import { alone } from "./alone.ts";
import type { Database } from "./database.ts";
import { keepMs } from "./job.ts";
import { removeExpired, removeLoose } from "./retain-jobs.ts";
import { removeUploads } from "./retain-uploads.ts";
import { removeOrphans, removePieces, removeTranscripts } from "./walk-store.ts";

/**
 * Removes stored objects whose time is over. Objects go first, then the row says so: killed at any point, the next tick does again
 * what was not finished. The rows of jobs stay.
 */
export interface RetentionDeps {
  db: Database;
  storage: Storage;
  log: Log;
  rules: Rules;
}

export interface Rules {
  /** How long the files of a job are kept after it ended; the transcripts that jobs share as well. */
  keepMs: number;
  /** How long the encoded pieces of a video are kept: they save work where a video is edited, which is soon or never. */
  piecesMs: number;
  /** How long what no job has accepted is left alone: whoever writes it may still be at it. */
  looseAfterMs: number;
}

export type RetentionStep = (deps: RetentionDeps) => Promise<Step>;

/** What a batch removed, and whether there is more to be done at once. */
export interface Step {
  removed: Removed;
  more: boolean;
}

/** By what is removed, as the metrics call it. */
const steps: Record<string, RetentionStep> = {
  not_accepted: removeLoose,
  expired: removeExpired,
  uploads: removeUploads,
  orphans: removeOrphans,
  transcripts: removeTranscripts,
  pieces: removePieces,
};

const everyMs = 60_000;
const longestRunMs = Math.max(...Object.values(pipeline).map((stage) => stage.longestRunMs));

/** Twice the longest run: a zombie has been stopped by then, and a posted file has its job. */
export const rulesOf = (retentionDays: number): Rules => ({
  keepMs: keepMs(retentionDays),
  piecesMs: Math.min(keepMs(retentionDays), weekMs),
  looseAfterMs: 2 * longestRunMs,
});
const weekMs = 7 * 86_400_000;

const meter = metrics.getMeter("@viralclaw/gateway");
const removedObjects = meter.createCounter("viralclip_removed_objects", { description: "Stored objects removed, by why" });
const removedBytes = meter.createCounter("viralclip_removed_bytes", { unit: "By", description: "What they held" });

/** Removes at once and then every so often, in one gateway at a time. Returns a function that ends it. */
export function startRetention(deps: RetentionDeps): () => Promise<void> {
  return startClock("retention", everyMs, deps.log, async () => {
    const done = await alone(deps.db, "retention", () => retain(deps));
    return done?.more ? "again" : undefined;
  });
}

/** Does a batch of each step. */
export async function retain(deps: RetentionDeps): Promise<{ removed: Record<string, Removed>; more: boolean }> {
  const all = { removed: {} as Record<string, Removed>, more: false };
  for (const [why, step] of Object.entries(steps)) {
    const { removed, more } = await step(deps);
    all.more ||= more;
    if (removed.objects === 0) continue;
    all.removed[why] = removed;
    removedObjects.add(removed.objects, { why });
    removedBytes.add(removed.bytes, { why });
    deps.log.info({ why, ...removed }, "stored objects were removed");
  }
  return all;
}
