import { openAsBlob } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join, resolve } from "node:path";
import type { Accepted, Job, Problem } from "@viralclaw/contracts/api";
import type { Connections } from "@viralclaw/embedded/servers";
import { type System, startSystem } from "@viralclaw/embedded/system";
import type * as z from "zod";

/** The whole product, running as its customers meet it: known by its API, and by the operator's command that makes keys. */
export interface Product extends AsyncDisposable {
  system: System;
  url: string;
  /** A folder for the test's own files, gone with the product. */
  dir: string;
  /** The API with a customer's key. */
  client: Client;
  newClient(email: string): Promise<Client>;
}

export interface Client {
  key: string;
  get(path: string): Promise<Response>;
  /** Posts nothing but the address. */
  post(path: string): Promise<Response>;
  postJson(path: string, body: unknown): Promise<Response>;
  /** Posts a URL. */
  postUrl(videoUrl: string, options?: Record<string, unknown>): Promise<Response>;
  /** Posts a file as a form. */
  postFile(file: string, options?: Record<string, string>, headers?: Record<string, string>): Promise<Response>;
  /** Waits for the job behind a 202 to end. */
  ended(answer: Response): Promise<Job>;
}

/** The n-th of looks that differ a little: what looks the same is made of pieces that an earlier render left, and is not encoded again. */
export const lookOf = (n: number) => ({ size: 0.1 + n / 10_000 });

const root = resolve(import.meta.dirname, "..");
/** Tests post faster than customers may. */
const rate = 100_000;
/** As long as the API lets one request wait. */
const waitSeconds = 60;

/** Settings of the services beside those that they need to find each other, or how these come from where the servers are. */
export type Environment = Record<string, string> | ((servers: Connections) => Record<string, string>);

/** Starts servers and services in a folder of their own. */
export async function startProduct(env: Environment = {}): Promise<Product> {
  const dir = await mkdtemp(join(tmpdir(), "viralclaw-product-"));
  const system = await startSystem({
    root,
    dir,
    durable: false,
    env: (servers) => ({
      ...{ LOG_LEVEL: "info", HOME: join(dir, "home"), SHUTDOWN_GRACE_MS: "1000" },
      ...(typeof env === "function" ? env(servers) : env),
    }),
  });
  const newClient = async (email: string) => clientOf(system.apiUrl, await system.createKey(email, { rate }));
  return {
    system,
    url: system.apiUrl,
    dir,
    client: await newClient("customer@example.com"),
    newClient,
    [Symbol.asyncDispose]: async () => {
      await system.stop();
      await rm(dir, { recursive: true, force: true });
    },
  };
}

function clientOf(url: string, key: string): Client {
  const headers = { "x-api-key": key };
  const postJson = (path: string, body: unknown) =>
    fetch(new URL(path, url), {
      method: "POST",
      headers: { ...headers, "content-type": "application/json" },
      body: JSON.stringify(body),
    });
  const get = (path: string) => fetch(new URL(path, url), { headers });
  return {
    key,
    get,
    post: (path) => fetch(new URL(path, url), { method: "POST", headers }),
    postJson,
    postUrl: (video_url, options = {}) => postJson("/api/add-captions", { video_url, ...options }),
    async postFile(file, options = {}, more = {}) {
      const form = new FormData();
      for (const [name, value] of Object.entries(options)) form.append(name, value);
      form.append("file", await openAsBlob(file), basename(file));
      return fetch(`${url}/api/add-captions`, { method: "POST", headers: { ...headers, ...more }, body: form });
    },
    async ended(answer) {
      if (answer.status !== 202) throw new Error(`not accepted: ${JSON.stringify((await answer.json()) as Problem)}`);
      const { status_url } = (await answer.json()) as z.infer<typeof Accepted>;
      for (;;) {
        const job = (await (await get(`${status_url}?wait=${waitSeconds}`)).json()) as Job;
        if (job.ended_at) return job;
      }
    },
  };
}
