import { connectBus } from "@viralclaw/bus/connect";
import { answerPings } from "@viralclaw/bus/ping";
import { type Handlers, work } from "@viralclaw/bus/work";
import { tellSandbox } from "@viralclaw/media/sandbox";
import { sweepWorkspaces } from "@viralclaw/media/workspace";
import { storeOptions } from "@viralclaw/runtime/config";
import { runService } from "@viralclaw/runtime/service";
import { openStorage } from "@viralclaw/storage/storage";
import { refuseInProduction, TranscriberConfig } from "./config.ts";
import type { Engines } from "./engines/choose.ts";
import { groqEngine } from "./engines/groq.ts";
import { startLocalRecogniser } from "./engines/local/recogniser.ts";
import { localAligner, localEngine } from "./engines/local.ts";
import { watchEngine } from "./engines/watch.ts";
import { ingest } from "./ingest.ts";
import { transcribe } from "./transcribe.ts";

await runService("transcriber", TranscriberConfig, async ({ config, log, defer, ready, instance }) => {
  refuseInProduction(config);
  await sweepWorkspaces(config.WORK_DIR);
  await tellSandbox(log);

  const storage = openStorage(storeOptions(config));
  defer("storage", () => storage.close());

  const recogniser = startLocalRecogniser();
  defer("recogniser", () => recogniser.stop());
  const groq =
    config.GROQ_API_KEY === undefined
      ? undefined
      : watchEngine(groqEngine({ apiKey: config.GROQ_API_KEY, baseUrl: config.GROQ_BASE_URL, model: config.GROQ_MODEL }));
  const engines: Engines = { groq: groq?.engine, local: localEngine(recogniser) };

  const bus = await connectBus({ url: config.NATS_URL, name: instance, log, leaseMs: config.LEASE_MS });
  defer("bus", () => bus[Symbol.asyncDispose]());
  ready("nats", () => bus.nc.flush());

  const ingestDeps = { storage, workDir: config.WORK_DIR, downloadAllow: config.DOWNLOAD_ALLOW };
  const transcribeDeps = {
    ...{ storage, workDir: config.WORK_DIR, engines, enginePreference: config.SPEECH_ENGINE },
    aligner: localAligner(recogniser),
  };
  const handlers: Handlers<"transcriber"> = {
    ingest: { slots: config.INGEST_SLOTS, run: (fact, context) => ingest(fact, context, ingestDeps) },
    transcribe: { slots: config.TRANSCRIBE_SLOTS, run: (fact, context) => transcribe(fact, context, transcribeDeps) },
  };
  const workers = work(bus, handlers, { log, pullDelayMs: config.PULL_DELAY_MS, maxRunMs: config.MAX_RUN_MS });
  defer("workers", () => workers.stop(config.SHUTDOWN_GRACE_MS));
  answerPings(bus, () => ({
    service: "transcriber",
    instance,
    running: workers.running(),
    parts: { groq: groq?.state() ?? "not_configured" },
  }));
});
