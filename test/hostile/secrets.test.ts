import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { createReadStream } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import type { Job } from "@viralclaw/contracts/api";
import { type GroqStandIn, startGroqStandIn } from "@viralclaw/embedded/stand-ins/groq";
import { startCollector } from "../collector.ts";
import { reading, spokenVideo } from "../media.ts";
import { outagesOf } from "../outages.ts";
import { type Product, startProduct } from "../product.ts";
import { type Evidence, gatherEvidence, type Place } from "./evidence.ts";

/**
 * Secrets that can be recognised are planted in the whole product and in what its customer sends; jobs then succeed, and fail in
 * many ways. Afterwards they are looked for in everything that was written, said or shown.
 */

const mark = (what: string) => `${what}-${randomBytes(8).toString("hex")}`;
const ours = {
  secretKey: mark("secret-key-of-more-than-32-characters"),
  groqKey: mark("gsk"),
  databasePassword: mark("dbpass"),
  natsPassword: mark("natspass"),
};
const theirs = {
  path: mark("path"),
  signature: mark("sig"),
  token: mark("token"),
  password: mark("pass"),
  hook: mark("hook"),
  note: mark("note"),
};

let collector: Awaited<ReturnType<typeof startCollector>>;
let groq: GroqStandIn;
let web: Server;
let origin: string;
let product: Product;
let evidence: Evidence;
const jobs: Record<string, Job> = {};
const answers: string[] = [];

before(async () => {
  collector = await startCollector();
  groq = await startGroqStandIn({ known: [], apiKey: ours.groqKey });
  product = await startProduct(({ databaseUrl, natsUrl }) => ({
    ...collector.env,
    LOG_LEVEL: "trace",
    SECRET_KEY: ours.secretKey,
    GROQ_API_KEY: ours.groqKey,
    GROQ_BASE_URL: groq.url,
    DATABASE_URL: databaseUrl.replace("postgres@", `postgres:${ours.databasePassword}@`),
    NATS_URL: natsUrl.replace("nats://", `nats://services:${ours.natsPassword}@`),
  }));
  const video = await spokenVideo(join(product.dir, "video.mp4"), { width: 160, height: 284 });
  const words = reading.text.split(" ").map((text, i) => ({ text, start_ms: 300 * i, end_ms: 300 * i + 250 }));
  await groq.learn({ audio: reading.file, words, language: "en" });
  web = createServer(({ url = "" }, response) => {
    if (url.includes("/video")) createReadStream(video).pipe(response);
    else if (url.includes("/moved")) response.writeHead(302, { location: url.replace("/moved", "/gone") }).end();
    else if (url.includes("/inside")) response.writeHead(302, { location: `http://127.9.9.9/${url}` }).end();
    else response.writeHead(404).end(url);
  });
  await once(web.listen(0, "127.0.0.1"), "listening");
  origin = `http://127.0.0.1:${(web.address() as AddressInfo).port}`;
  evidence = await gatherEvidence(product);
  await live(video);
});
after(async () => {
  await evidence[Symbol.asyncDispose]();
  await product[Symbol.asyncDispose]();
  await groq.stop();
  web.closeAllConnections();
  web.close();
  await collector[Symbol.asyncDispose]();
});

/** A signed address, with a query and a path that are nobody else's business. */
const signed = (what: string, base = origin) =>
  `${base}/${theirs.path}/${what}.mp4?X-Amz-Signature=${theirs.signature}&token=${theirs.token}`;

/** What an answer says, kept. */
async function told(answer: Promise<Response>): Promise<Response> {
  const response = await answer;
  answers.push(`${JSON.stringify([...response.headers])} ${await response.clone().text()}`);
  return response;
}

async function ended(name: string, answer: Promise<Response>): Promise<void> {
  const job = await product.client.ended(await told(answer));
  await told(product.client.get(`/api/jobs/${job.job_id}`));
  jobs[name] = job;
}

/** Everything that happens to the product in this test. */
async function live(video: string): Promise<void> {
  const { client, url, system } = product;
  const options = { language: "en", metadata: { note: theirs.note }, webhook_url: `${origin}/hook?token=${theirs.hook}` };
  const post = (name: string, address: string, language = "en") => ended(name, client.postUrl(address, { ...options, language }));
  await Promise.all([
    post("done", signed("video")),
    post("gone", signed("gone")),
    post("moved and gone", signed("moved")),
    post("redirected inwards", signed("inside")),
    post("of a private host", signed("video", "http://10.1.2.3")),
    post("with a password", signed("video").replace("//", `//user:${theirs.password}@`)),
    post("of no host", signed("video", "http://nobody.invalid")),
  ]);
  groq.setFault({ kind: "status", status: 401 });
  // Another language, or the words of before would be taken.
  await post("Groq refuses the key", signed("video-again"), "pt");
  groq.setFault({ kind: "cut" }, 1);
  await post("Groq breaks off", signed("video-broken"), "auto");
  groq.setFault(undefined);

  await system.servers.s3.fail({ status: 503, times: 5 });
  const stored = ended("the store refuses a while", client.postUrl(signed("video-store"), options));
  await told(client.postFile(video, { language: "en" }));
  await stored;
  await system.servers.s3.heal();

  const headers = { "x-api-key": client.key, "content-type": "application/json" };
  const send = (path: string, init: RequestInit = {}) => told(fetch(`${url}${path}`, init));
  await send(`/api/jobs?api_key=${client.key}`);
  await send(`/api/jobs?limit=x&api_key=${client.key}`, { headers });
  await send(`/nothing?api_key=${client.key}`);
  await send("/api/jobs", { headers: { authorization: `Bearer ${client.key}`, cookie: `key=${client.key}` } });
  await send("/api/jobs", { headers: { "x-api-key": `${client.key}x` } });
  const post2 = (body: string) => send("/api/add-captions", { method: "POST", headers, body });
  await post2(JSON.stringify({ video_url: signed("video"), api_key: client.key }));
  await post2(JSON.stringify({ video_url: `ftp://user:${theirs.password}@x/${theirs.path}?token=${theirs.token}` }));
  await post2(`{"video_url": "${signed("video")}", ${client.key}`);

  await using outages = outagesOf(product);
  await outages.stopNats();
  const waiting = ended("NATS is away", client.postUrl(signed("gone-nats"), options));
  await sleep(1000);
  await outages.startNats();
  await waiting;
  await outages.stopPostgres();
  await told(client.get("/api/jobs"));
  await told(client.postUrl(signed("video-away"), options));
  await sleep(1500);
  await outages.startPostgres();
  while ((await fetch(`${url}/health/deep`).then((answer) => answer.json() as Promise<{ database: string }>)).database !== "ok")
    await sleep(200);
  await ended("after all of it", client.postUrl(signed("gone-after"), options));
  gathered = { ...(await evidence.texts()), exports: collector.received, answers };
}

let gathered: Record<Place | "exports" | "answers", readonly string[]>;

describe("what happened while secrets were looked for", () => {
  it("is what was meant to: jobs that are done, and jobs that failed in each way", () => {
    const outcomes = Object.fromEntries(Object.entries(jobs).map(([name, { status, error }]) => [name, error?.code ?? status]));
    assert.deepEqual(outcomes, {
      done: "done",
      gone: "source_gone",
      "moved and gone": "source_gone",
      "redirected inwards": "host_not_public",
      "of a private host": "host_not_public",
      "with a password": "source_url_invalid",
      "of no host": "host_not_found",
      "Groq refuses the key": "speech_engine_misconfigured",
      "Groq breaks off": "done",
      "the store refuses a while": "done",
      "NATS is away": "source_gone",
      "after all of it": "source_gone",
    });
  });

  it("left something to search everywhere", () => {
    for (const [place, texts] of Object.entries(gathered)) assert.ok(texts.length > 0, place);
    const all = (place: keyof typeof gathered) => gathered[place].join("\n");
    assert.match(all("processes"), /ffprobe[\s\S]*HOME=/);
    assert.match(all("exports"), /add-captions/);
    assert.match(all("logs"), /stage run failed/);
    assert.match(all("metrics"), /viralclip_jobs_total/);
    // The source's address goes to the worker that fetches it, and so in the fact that asks for it.
    for (const secret of [theirs.signature, theirs.hook, theirs.note]) assert.ok(all("facts").includes(secret));
  });
});

/** Where a secret may be: what is not named is nowhere. */
const mayBeIn: Record<string, { secret: () => string; places: string[] }> = {
  SECRET_KEY: { secret: () => ours.secretKey, places: [] },
  "Groq's key": { secret: () => ours.groqKey, places: [] },
  "the database's password": { secret: () => ours.databasePassword, places: [] },
  "the broker's password": { secret: () => ours.natsPassword, places: [] },
  "the store's secret": { secret: () => product.system.servers.s3.secretAccessKey, places: [] },
  "the customer's API key": { secret: () => product.client.key, places: [] },
  "the path of a source": { secret: () => theirs.path, places: ["facts"] },
  "the signature of a source": { secret: () => theirs.signature, places: ["facts"] },
  "the token of a source": { secret: () => theirs.token, places: ["facts"] },
  "a password in an address": { secret: () => theirs.password, places: ["facts"] },
  "the token of a webhook": { secret: () => theirs.hook, places: ["facts"] },
  metadata: { secret: () => theirs.note, places: ["facts", "answers"] },
  // Of our own presigned URLs: they are for the customer alone.
  "a presigned URL": { secret: () => "X-Amz-Signature=", places: ["facts", "answers"] },
};

describe("a planted secret", () => {
  for (const [name, { secret, places }] of Object.entries(mayBeIn)) {
    it(`given ${name}, then it is ${places.length === 0 ? "nowhere" : `in ${places.join(" and ")} only`}`, () => {
      const found = Object.entries(gathered).flatMap(([place, texts]) =>
        texts.flatMap((text) => {
          const at = text.indexOf(secret());
          return at < 0 || places.includes(place) ? [] : [`${place}: …${text.slice(Math.max(0, at - 300), at + 100)}…`];
        }),
      );
      assert.deepEqual(found.slice(0, 5), []);
    });
  }
});
