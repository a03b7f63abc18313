import { setTimeout as sleep } from "node:timers/promises";
import { Accepted, type Job } from "@viralclaw/contracts/api";
import { type Client, lookOf } from "../product.ts";

const againMs = 500;
/** A request that a killed gateway never answers is given up, and sent again. */
const answerWithinMs = 20_000;

/**
 * Posts `count` videos spread over `overMs`, each with an Idempotency-Key, as a bot that does not give up before `longestMs` are
 * over; answers the ids of the jobs that were accepted.
 */
export async function postUntilAccepted(
  client: Client,
  video: string,
  { count, overMs, longestMs }: { count: number; overMs: number; longestMs: number },
): Promise<string[]> {
  const deadline = Date.now() + longestMs;
  const ids = await Promise.all(
    Array.from({ length: count }, async (_, index) => {
      await sleep((index * overMs) / count);
      while (Date.now() < deadline) {
        const asked = { language: "en", style_overrides: JSON.stringify(lookOf(index)) };
        const answer = await within(client.postFile(video, asked, { "idempotency-key": `chaos-${index}` }));
        if (answer?.status === 202) return Accepted.parse(await answer.json()).job_id;
        await sleep(againMs);
      }
      return [];
    }),
  );
  return ids.flat();
}

/** Asks until every job has ended, or the time is over; answers those that have. */
export async function untilAllEnded(client: Client, ids: readonly string[], longestMs: number): Promise<Map<string, Job>> {
  const ended = new Map<string, Job>();
  const deadline = Date.now() + longestMs;
  while (ended.size < ids.length && Date.now() < deadline) {
    for (const id of ids) {
      if (ended.has(id)) continue;
      const answer = await within(client.get(`/api/jobs/${id}`));
      const job = answer?.ok ? ((await answer.json()) as Job) : undefined;
      if (job?.ended_at) ended.set(id, job);
    }
    await sleep(againMs);
  }
  return ended;
}

/** The answer, or undefined where none comes. */
async function within(asking: Promise<Response>): Promise<Response | undefined> {
  return Promise.race([asking.catch(() => undefined), sleep(answerWithinMs, undefined, { ref: false })]);
}
