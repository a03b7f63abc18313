import { EventEmitter } from "node:events";
import type { Bus } from "@viralclaw/bus/connect";
import { endings } from "@viralclaw/contracts/facts";
import { Progress, progressFilter, readFactSubject, type Stage, streams } from "@viralclaw/contracts/pipeline";
import type { Log } from "@viralclaw/runtime/log";
import type { Database } from "./database.ts";

/** How far the stages of running jobs are, and the moment at which a job ends, as this gateway hears it on plain NATS. */
export interface Follower {
  /** The last that was heard of a job, or undefined: this gateway may have started since. */
  progressOf(jobId: string): Heard | undefined;
  /** Resolves when the job's end is told, when `signal` aborts, or after `ms`. Nothing is missed from the call on. */
  untilEnded(jobId: string, ms: number, signal: AbortSignal): Promise<void>;
  stop(): void;
}

export interface Heard {
  stage: Stage;
  progress: number;
  attempt: number;
  /** How the last attempt of this stage that failed did so. */
  failed?: Pick<Progress, "attempt" | "error">;
}

/** Jobs whose progress is remembered; the oldest is forgotten first. */
const rememberedJobs = 10_000;

export function followJobs(bus: Bus, db: Database, log: Log): Follower {
  const heard = new Map<string, Heard>();
  const ends = new EventEmitter().setMaxListeners(0);

  const progress = bus.nc.subscribe(progressFilter, {
    callback: (_, message) => {
      const parsed = Progress.safeParse(message.json());
      if (!parsed.success) return;
      const { job_id, stage, progress, attempt, error } = parsed.data;
      const before = heard.get(job_id);
      const failed = error ? { attempt, error } : before?.stage === stage ? before.failed : undefined;
      heard.delete(job_id);
      heard.set(job_id, { stage, progress, attempt, failed });
      if (heard.size > rememberedJobs) heard.delete(heard.keys().next().value ?? job_id);
    },
  });
  // One gateway of all notes that a queued job has begun, at whichever stage it entered.
  const begun = bus.nc.subscribe(progressFilter, {
    queue: "gateway",
    callback: (_, message) => {
      const parsed = Progress.safeParse(message.json());
      if (!parsed.success || parsed.data.progress > 0) return;
      void db
        .updateTable("jobs")
        .set({ status: "processing" })
        .where("id", "=", parsed.data.job_id)
        .where("status", "=", "queued")
        .execute()
        .catch((error: Error) => log.warn({ err: error, job_id: parsed.data.job_id }, "the start of a job could not be noted"));
    },
  });
  const ended = bus.nc.subscribe(streams.FACTS.subjects[0], {
    callback: (_, message) => {
      const fact = readFactSubject(message.subject);
      if (!fact || !endings.some((ending) => ending === fact.name)) return;
      heard.delete(fact.jobId);
      ends.emit(fact.jobId);
    },
  });

  return {
    progressOf: (jobId) => heard.get(jobId),
    untilEnded: (jobId, ms, signal) =>
      new Promise((resolve) => {
        const done = () => {
          clearTimeout(timer);
          ends.off(jobId, done);
          signal.removeEventListener("abort", done);
          resolve();
        };
        const timer = setTimeout(done, ms);
        ends.once(jobId, done);
        signal.addEventListener("abort", done, { once: true });
      }),
    stop: () => {
      for (const subscription of [progress, begun, ended]) subscription.unsubscribe();
    },
  };
}
