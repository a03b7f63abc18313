import { answerOn } from "@viralclaw/bus/ask";
import { connectBus } from "@viralclaw/bus/connect";
import { answerPings } from "@viralclaw/bus/ping";
import { type Handlers, work } from "@viralclaw/bus/work";
import { PreviewRequest, previewSubject, ScriptRequest, scriptSubject } from "@viralclaw/contracts/preview";
import { tellSandbox } from "@viralclaw/media/sandbox";
import { sweepWorkspaces } from "@viralclaw/media/workspace";
import { storeOptions } from "@viralclaw/runtime/config";
import { runService } from "@viralclaw/runtime/service";
import { openStorage } from "@viralclaw/storage/storage";
import { RendererConfig, threadsEach } from "./config.ts";
import { fewAtOnce } from "./few-at-once.ts";
import { drawPreview } from "./preview.ts";
import { render } from "./render.ts";
import { scriptOf } from "./script.ts";
import { keepSources } from "./sources.ts";

await runService("renderer", RendererConfig, async ({ config, log, defer, ready, instance }) => {
  await tellSandbox(log);
  await sweepWorkspaces(config.WORK_DIR);

  const storage = openStorage(storeOptions(config));
  defer("storage", () => storage.close());

  const bus = await connectBus({ url: config.NATS_URL, name: instance, log, leaseMs: config.LEASE_MS });
  defer("bus", () => bus[Symbol.asyncDispose]());
  ready("nats", () => bus.nc.flush());

  const sources = keepSources(storage, config.WORK_DIR);
  defer("sources", () => sources[Symbol.asyncDispose]());
  const deps = { storage, sources, workDir: config.WORK_DIR, threads: threadsEach(config) };
  const handlers: Handlers<"renderer"> = {
    render: { slots: config.RENDER_SLOTS, run: (fact, context) => render(fact, context, deps) },
  };
  const workers = work(bus, handlers, { log, pullDelayMs: config.PULL_DELAY_MS, maxRunMs: config.MAX_RUN_MS });
  defer("workers", () => workers.stop(config.SHUTDOWN_GRACE_MS));

  const asked = { storage, sources, workDir: config.WORK_DIR };
  answerOn(
    bus,
    previewSubject,
    PreviewRequest,
    fewAtOnce((preview) => drawPreview(preview, asked)),
    log,
  );
  answerOn(
    bus,
    scriptSubject,
    ScriptRequest,
    fewAtOnce((script) => scriptOf(script, asked)),
    log,
  );
  answerPings(bus, () => ({ service: "renderer", instance, running: workers.running(), parts: {} }));
});
