import { endings, type FactName, type Priority } from "@viralclaw/contracts/facts";
import { factFilter, factSubject, readFactSubject } from "@viralclaw/contracts/pipeline";
import type { Bus } from "./connect.ts";

/** The reason of an abort when the job has ended, cancelled or by another run's result: this run ends without one. */
export class EndedAbort extends Error {
  readonly ending: FactName;
  constructor(ending: FactName) {
    super(`the job has ended: ${ending}`);
    this.ending = ending;
  }
}

interface JobRef {
  kind: string;
  priority: Priority;
  job_id: string;
}

/**
 * How workers learn that a job has ended, so that none works on for nobody: by the fact itself, of a cancelled job or of one
 * that another run has brought to its end meanwhile (this one's worker was paused, or its ack was lost). What runs hears it
 * at once on the plain subject; what has not begun, or missed it, finds it as the last message of its subject on the stream.
 */
export interface Endings {
  /** A signal that is aborted when the job ends, until it is released. */
  watch(jobId: string): { signal: AbortSignal; release(): void };
  /** Looks on the stream, and aborts the watched run where the job has ended. A broker that does not answer counts as no. */
  look(job: JobRef): Promise<void>;
  stop(): void;
}

export function listenForEndings(bus: Bus): Endings {
  const watched = new Map<string, Set<AbortController>>();
  const abort = (jobId: string, ending: FactName) => {
    for (const run of watched.get(jobId) ?? []) run.abort(new EndedAbort(ending));
  };
  const heard = endings.map((ending) =>
    bus.nc.subscribe(factFilter(ending), {
      callback: (_, { subject }) => abort(readFactSubject(subject)?.jobId ?? "", ending),
    }),
  );
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
    async look(job) {
      // One by one, since a fact that was sent late may lie behind the ending.
      const lookFor = async (ending: FactName) => {
        const found = await bus.jsm.streams.getMessage("FACTS", { last_by_subj: factSubject(ending, job) }).catch(() => null);
        if (found) abort(job.job_id, ending);
      };
      await Promise.all(endings.map(lookFor));
    },
    stop: () => {
      for (const subscription of heard) subscription.unsubscribe();
    },
  };
}
