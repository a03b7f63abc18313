import * as z from "zod";
import type { Bus } from "./connect.ts";

const subject = "viralclaw.workers.ping";

/** What a live worker says of itself. */
const WorkerState = z.object({
  service: z.string(),
  instance: z.string(),
  /** Runs under way, by stage. */
  running: z.record(z.string(), z.number().int()),
  /** What it depends on outside, such as `groq`, as it last saw it. */
  parts: z.record(z.string(), z.string()),
});
export type WorkerState = z.infer<typeof WorkerState>;

/** Answers every ping with the state of this worker, until the connection ends. */
export function answerPings(bus: Bus, state: () => WorkerState): void {
  bus.nc.subscribe(subject, { callback: (_, message) => void message.respond(JSON.stringify(state())) });
}

/** Every worker that answers within `waitMs`. */
export async function pingWorkers(bus: Bus, waitMs: number): Promise<WorkerState[]> {
  const answers = await bus.nc.requestMany(subject, undefined, { strategy: "stall", maxWait: waitMs, stall: waitMs / 2 });
  const workers: WorkerState[] = [];
  for await (const answer of answers) {
    if (answer instanceof Error) continue;
    const parsed = WorkerState.safeParse(answer.headers?.code ? undefined : answer.json());
    if (parsed.success) workers.push(parsed.data);
  }
  return workers;
}
