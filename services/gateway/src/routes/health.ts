import { pingWorkers } from "@viralclaw/bus/ping";
import { DeepHealth, Health } from "@viralclaw/contracts/api";
import { pipeline, stageNames } from "@viralclaw/contracts/pipeline";
import { ping } from "@viralclaw/db/database";
import { within } from "@viralclaw/runtime/within";
import type { FastifyInstance } from "fastify";
import type { ZodTypeProvider } from "fastify-type-provider-zod";
import { sql } from "kysely";
import type * as z from "zod";
import { problemResponses } from "../problems.ts";
import type { GatewayDeps } from "../server.ts";

/** Whoever asks /health/deep more often gets the last answer: it asks every part. */
const deepForMs = 2_000;
/** Longer than a worker that lives takes to answer. */
const workersAnswerWithinMs = 400;
const partAnswersWithinMs = 3_000;
const workerServices = [...new Set(stageNames.map((stage) => pipeline[stage].service))];

/** /health: the API answers. /health/deep: and so does everything it needs. */
export async function healthRoutes(app: FastifyInstance, deps: GatewayDeps): Promise<void> {
  const api = app.withTypeProvider<ZodTypeProvider>();
  let last: { at: number; answer: Promise<z.infer<typeof DeepHealth>> } | undefined;

  api.get(
    "/health",
    {
      schema: {
        tags: ["health"],
        operationId: "getHealth",
        summary: "The API answers",
        response: { 200: Health, ...problemResponses() },
      },
    },
    async () => ({
      status: "ok" as const,
      timestamp: new Date().toISOString(),
    }),
  );

  api.get(
    "/health/deep",
    {
      schema: {
        tags: ["health"],
        operationId: "getDeepHealth",
        summary: "Every part, the live workers and the queue",
        response: { 200: DeepHealth, ...problemResponses() },
      },
    },
    () => {
      if (!last || Date.now() - last.at > deepForMs) last = { at: Date.now(), answer: askAll(deps) };
      return last.answer;
    },
  );
}

async function askAll({ db, bus, storage }: GatewayDeps): Promise<z.infer<typeof DeepHealth>> {
  const [database, nats, store, workers, queue] = await Promise.all([
    works(ping(db)),
    works(bus.nc.flush()),
    works(storage.ping()),
    pingWorkers(bus, workersAnswerWithinMs).catch(() => []),
    queueSizes(db).catch(() => ({})),
  ]);
  const alive = Object.fromEntries(
    workerServices.map((service) => [service, workers.filter((worker) => worker.service === service).length]),
  );
  const groqs = workers.flatMap(({ parts }) => parts.groq ?? []);
  // One transcriber in trouble is trouble.
  const groq = (["failing", "ok", "not_configured"] as const).find((state) => groqs.includes(state)) ?? "unknown";
  const well =
    [database, nats, store].every((part) => part === "ok") &&
    Object.values(alive).every((count) => count > 0) &&
    groq !== "failing";
  return {
    status: well ? "ok" : "degraded",
    timestamp: new Date().toISOString(),
    api: "ok",
    database,
    nats,
    storage: store,
    groq,
    workers: alive,
    queue,
  };
}

async function works(check: Promise<unknown>): Promise<"ok" | "down"> {
  return within(partAnswersWithinMs, check).then(
    () => "ok",
    () => "down",
  );
}

/** Jobs that have not ended: `queued`, and those in work by stage. */
async function queueSizes(db: GatewayDeps["db"]): Promise<Record<string, number>> {
  const rows = await db
    .selectFrom("jobs")
    .select([
      sql<string>`case when status = 'queued' then 'queued' else stage end`.as("at"),
      sql<number>`count(*)::int`.as("jobs"),
    ])
    .where("ended_at", "is", null)
    .groupBy("at")
    .execute();
  return { queued: 0, ...Object.fromEntries(rows.map(({ at, jobs }) => [at, jobs])) };
}
