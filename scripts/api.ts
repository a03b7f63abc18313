import { openAsBlob } from "node:fs";
import { basename } from "node:path";
import type { Accepted, Problem } from "@viralclaw/contracts/api";
import type * as z from "zod";

/** Fetches from the API with a customer's key; throws an Error with the problem's sentences where it refuses. */
export type Api = (path: string, init?: RequestInit) => Promise<Response>;

/** The API as any program would call it. */
export function client(url: string, key: string): Api {
  return async (path, init = {}) => {
    const answer = await fetch(new URL(path, url), { ...init, headers: { "x-api-key": key } });
    if (answer.ok) return answer;
    const problem = (await answer.json()) as Problem;
    throw new Error(`${answer.status} ${problem.code}: ${problem.detail} ${problem.fix}`);
  };
}

/** Posts a video as a form; answers the job's id. */
export async function post(api: Api, video: string, options: Record<string, string>): Promise<string> {
  const form = new FormData();
  for (const [name, value] of Object.entries(options)) form.append(name, value);
  form.append("file", await openAsBlob(video), basename(video));
  const accepted = (await (await api("/api/add-captions", { method: "POST", body: form })).json()) as z.infer<typeof Accepted>;
  return accepted.job_id;
}
