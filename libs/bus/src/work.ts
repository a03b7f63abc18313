import { setTimeout as sleep } from "node:timers/promises";
import {
  factFilter,
  type Given,
  pipeline,
  type Stage,
  type StageService,
  type StagesOf,
  type Taken,
} from "@viralclaw/contracts/pipeline";
import type { Bus, BusLog } from "./connect.ts";
import { type Endings, listenForEndings } from "./ended.ts";
import { askingOrder, type Delivery, pullNext } from "./pull.ts";
import { runDelivery, ShutdownAbort } from "./run.ts";

/** What a handler may use of the run it is part of. */
export interface StageContext {
  jobId: string;
  /** Names this run, and its folder in the store: two runs never share one. */
  executionId: string;
  /** 1 for the first run of this fact. */
  attempt: number;
  /** Aborted on shutdown, when the job has ended (cancelled, or by another run) and after the stage's longest run. */
  signal: AbortSignal;
  log: BusLog;
  /** How far the run is, 0 to 1. */
  progress(fraction: number): void;
}

/** A function from a fact to a result. It throws a DeclaredError for what the customer should know; it never acks, publishes or sets a timer. */
export type Handler<K extends Stage> = (fact: Taken<K>, context: StageContext) => Promise<Given<K>>;

/** One handler for each stage of a service: a missing or a stray one does not compile. */
export type Handlers<S extends StageService> = { [K in StagesOf<S>]: { slots: number; run: Handler<K> } };

export interface Workers {
  /** Takes nothing new, lets what runs end for up to `graceMs`, then aborts it; others take it over at once. */
  stop(graceMs: number): Promise<void>;
  /** What runs now, by stage. */
  running(): Partial<Record<Stage, number>>;
}

/** Without a wake-up, a free slot looks again after this long: a delayed message becomes due without any signal. */
const idleMs = 1_000;

export interface WorkOptions {
  log: BusLog;
  /** Holds a backup machine's workers back, so that idle workers on the main one go first. */
  pullDelayMs: number;
  /** Ends runs before the pipeline's longest run would. */
  maxRunMs?: number;
}

/** Serves the stages of a service: each free slot asks for the most urgent message and runs its handler. */
export function work<S extends StageService>(bus: Bus, handlers: Handlers<S>, options: WorkOptions): Workers {
  const stages = Object.entries(handlers) as [Stage, { slots: number; run: Handler<Stage> }][];
  const endings = listenForEndings(bus);
  const loops = stages.map(([stage, { slots, run }]) => serveStage(bus, stage, slots, run, { ...options, endings }));
  return {
    stop: async (graceMs) => {
      await Promise.all(loops.map((loop) => loop.stop(graceMs)));
      endings.stop();
    },
    running: () => Object.fromEntries(loops.map((loop) => [loop.stage, loop.running()])),
  };
}

function serveStage(
  bus: Bus,
  stage: Stage,
  slots: number,
  handler: Handler<Stage>,
  { log, pullDelayMs, maxRunMs, endings }: WorkOptions & { endings: Endings },
) {
  const stopping = new AbortController();
  const aborting = new AbortController();
  const running = new Set<Promise<void>>();
  const bell = doorbell();
  const wakeUp = bus.nc.subscribe(factFilter(pipeline[stage].takes), { callback: () => bell.ring() });

  const loop = (async () => {
    for (let turn = 0; !stopping.signal.aborted; ) {
      if (running.size >= slots) {
        await bell.wait(idleMs);
        continue;
      }
      const message = await next(turn);
      if (!message) {
        await bell.wait(idleMs);
        if (pullDelayMs > 0) await sleep(pullDelayMs);
        continue;
      }
      turn++;
      start(message);
    }
  })();

  async function next(turn: number): Promise<Delivery | null> {
    try {
      return await pullNext(bus, stage, askingOrder(turn));
    } catch (error) {
      if (bus.nc.isClosed()) return null;
      // Most often the broker lost its store and with it the consumer.
      log.warn({ err: error, stage }, "could not ask for work");
      await bus.ensureTopology().catch(() => undefined);
      return null;
    }
  }

  function start(message: Delivery) {
    const run = runDelivery(bus, stage, handler, message, { log, endings, maxRunMs, aborted: aborting.signal })
      .catch((error: Error) => log.error({ err: error, stage }, "a delivery could not be handled"))
      .finally(() => {
        running.delete(run);
        bell.ring();
      });
    running.add(run);
  }

  return {
    stage,
    running: () => running.size,
    stop: async (graceMs: number) => {
      stopping.abort();
      bell.ring();
      wakeUp.unsubscribe();
      await loop;
      const timer = setTimeout(() => aborting.abort(new ShutdownAbort()), graceMs);
      await Promise.all(running);
      clearTimeout(timer);
    },
  };
}

/** Wakes one waiter; a ring while nobody waits is kept for the next. */
function doorbell() {
  let rung = false;
  let wake: (() => void) | undefined;
  return {
    ring() {
      rung = true;
      wake?.();
    },
    async wait(longestMs: number) {
      if (!rung) {
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, longestMs);
          wake = () => {
            clearTimeout(timer);
            resolve();
          };
        });
        wake = undefined;
      }
      rung = false;
    },
  };
}
