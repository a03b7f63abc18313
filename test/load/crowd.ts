import type { Job, Problem } from "@viralclaw/contracts/api";
import type { Client } from "../product.ts";

export interface Visit {
  kind: "file" | "url";
  /** What POST answered: 202, or a problem with its code. */
  status: number;
  code?: string;
  /** From the moment all began to the answer. */
  postMs: number;
  /** To the end of the job, by the job's own clock. */
  doneMs?: number;
  ended?: Job["status"];
}

export interface Post {
  kind: Visit["kind"];
  post: () => Promise<Response>;
}

/** Posts all at the same moment, and waits for every job as a bot does: with one request that is answered when it has ended. */
export async function crowdOf(client: Client, posts: readonly Post[]): Promise<Visit[]> {
  const began = Date.now();
  return Promise.all(
    posts.map(async ({ kind, post }) => {
      const answer = await post();
      const [status, postMs] = [answer.status, Date.now() - began];
      if (status !== 202) return { kind, status, postMs, code: ((await answer.json()) as Problem).code };
      const job = await client.ended(answer);
      return { kind, status, postMs, doneMs: Date.parse(job.ended_at ?? "") - began, ended: job.status };
    }),
  );
}
