import type { Priority } from "@viralclaw/contracts/facts";
import { factFilter, factSubject, readFactSubject } from "@viralclaw/contracts/pipeline";
import type { Bus } from "./connect.ts";

/** The reason of an abort when the customer has cancelled the job: the run ends without a result. */
export class CancelAbort extends Error {}

interface JobRef {
  kind: string;
  priority: Priority;
  job_id: string;
}

/**
 * How workers learn of a cancelled job: the fact `job.cancelled` itself. What runs hears it at once on the plain subject; what
 * has not begun, or missed it, finds it as the last message of its subject on the stream.
 */
export interface Cancellations {
  /** A signal that is aborted when the job is cancelled, until it is released. */
  watch(jobId: string): { signal: AbortSignal; release(): void };
  /** Looks on the stream, and aborts the watched run where the job is cancelled. A broker that does not answer counts as no. */
  isCancelled(job: JobRef): Promise<boolean>;
  stop(): void;
}

export function listenForCancels(bus: Bus): Cancellations {
  const watched = new Map<string, Set<AbortController>>();
  const abort = (jobId: string) => {
    for (const run of watched.get(jobId) ?? []) run.abort(new CancelAbort());
  };
  const heard = bus.nc.subscribe(factFilter("job.cancelled"), {
    callback: (_, { subject }) => abort(readFactSubject(subject)?.jobId ?? ""),
  });
  return {
    watch(jobId) {
      const run = new AbortController();
      const runs = watched.get(jobId) ?? new Set();
      watched.set(jobId, runs.add(run));
      return {
        signal: run.signal,
        release: () => {
          runs.delete(run);
          if (runs.size === 0) watched.delete(jobId);
        },
      };
    },
    async isCancelled(job) {
      const found = await bus.jsm.streams
        .getMessage("FACTS", { last_by_subj: factSubject("job.cancelled", job) })
        .catch(() => null);
      if (found) abort(job.job_id);
      return found !== null;
    },
    stop: () => heard.unsubscribe(),
  };
}
