import assert from "node:assert/strict";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Accepted, type Job } from "@viralclaw/contracts/api";
import type { Stage } from "@viralclaw/contracts/pipeline";
import type { ServiceName } from "@viralclaw/embedded/system";
import { spokenVideo } from "../media.ts";
import { burnsIn, encodersIn, killService, living } from "../processes.ts";
import { lookOf, type Product, startProduct } from "../product.ts";
import { type Host, startHost } from "./host.ts";
import { type Ledger, openLedger, until } from "./ledger.ts";

/** The whole product, a video, and the means to stop a job at a certain point of its life without the product knowing. */
export interface Scene extends AsyncDisposable {
  product: Product;
  host: Host;
  ledger: Ledger;
  /** Six seconds of speech, 480x854: a second or so for the encoder, in which it can be met at work. */
  video: string;
  /** Posts the video as a file, or a URL, and has it accepted. */
  posted(options?: { url?: string; priority?: number }): Promise<Posted>;
  job(id: string): Promise<Job>;
  /** Waits until the job's own stage has come that far, 0 to 1. */
  reached(id: string, stage: Stage, progress?: number): Promise<void>;
  /** The store holds back what a transcription needs last, until it is healed. */
  holdTranscriptions(): Promise<void>;
  /** Waits for ffmpeg to burn captions in, and freezes it there. */
  frozenEncoder(): Promise<number>;
  encoders(): ReturnType<typeof encodersIn>;
  /** Waits until no ffmpeg or ffprobe of this product is left. */
  noEncoders(): Promise<void>;
  /** Kills with -9 what there is of a service. */
  kill(service: ServiceName): Promise<void>;
  restart(service: ServiceName): Promise<void>;
}

export interface Posted {
  id: string;
  /** Waits for the job to end; to be asked once. */
  ended(): Promise<Job>;
}

let looks = 0;

/** A worker that was killed is noticed after this long rather than after 30 s. */
export const leaseMs = 2_500;

export async function startScene(env: Record<string, string> = {}): Promise<Scene> {
  const [product, host] = await Promise.all([startProduct({ LEASE_MS: String(leaseMs), ...env }), startHost()]);
  const { system, dir, client } = product;
  const ledger = await openLedger(product);
  const video = await spokenVideo(join(dir, "video.mp4"), { width: 480, height: 854 });
  const job = async (id: string) => (await (await client.get(`/api/jobs/${id}`)).json()) as Job;
  const kill = (service: ServiceName) => killService(system, service);
  return {
    product,
    host,
    ledger,
    video,
    job,
    kill,
    async posted({ url, priority = 3 } = {}) {
      const style_overrides = lookOf(++looks);
      const answer = await (url
        ? client.postUrl(url, { language: "en", priority, style_overrides })
        : client.postFile(video, {
            language: "en",
            priority: `${priority}`,
            style_overrides: JSON.stringify(style_overrides),
          }));
      const { job_id } = Accepted.parse(await answer.clone().json());
      return { id: job_id, ended: () => client.ended(answer) };
    },
    reached: (id, stage, progress = 0) =>
      until(async () => {
        const now = await job(id);
        assert.equal(now.ended_at, null, JSON.stringify(now));
        return now.status === "processing" && now.stage === stage && now.progress >= progress;
      }),
    holdTranscriptions: () => system.servers.s3.fail({ delayMs: 3_600_000, keyPrefix: "transcripts/" }),
    async frozenEncoder() {
      for (;;) {
        const encoder = encodersIn(dir).find(burnsIn);
        if (!encoder) {
          await sleep(5);
          continue;
        }
        process.kill(encoder.pid, "SIGSTOP");
        return encoder.pid;
      }
    },
    encoders: () => encodersIn(dir),
    noEncoders: () => until(() => encodersIn(dir).length === 0),
    async restart(service) {
      assert.deepEqual(living(system, service), []);
      await system.start(service);
    },
    async [Symbol.asyncDispose]() {
      await ledger[Symbol.asyncDispose]();
      await product[Symbol.asyncDispose]();
      await host[Symbol.asyncDispose]();
    },
  };
}
