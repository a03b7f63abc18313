import helmet from "@fastify/helmet";
import multipart from "@fastify/multipart";
import type { Bus } from "@viralclaw/bus/connect";
import { DeclaredError } from "@viralclaw/contracts/errors";
import { limits } from "@viralclaw/contracts/limits";
import type { Log } from "@viralclaw/runtime/log";
import type { Storage } from "@viralclaw/storage/storage";
import Fastify, { type FastifyBaseLogger, type FastifyInstance, type FastifyReply, LogController } from "fastify";
import { serializerCompiler, type ZodTypeProvider } from "fastify-type-provider-zod";
import { clientErrorHandler, listenBesideRoutes, type RequestTimeouts } from "./client-errors.ts";
import type { Database } from "./database.ts";
import type { Follower } from "./follow.ts";
import { authenticate, type Caller } from "./keys.ts";
import { lingerAfterAnswers } from "./linger.ts";
import { describeApi } from "./openapi.ts";
import { handleProblems, sendProblem, validatorCompiler } from "./problems.ts";
import type { RateLimits } from "./rate-limit.ts";
import { captionRoutes } from "./routes/captions.ts";
import { errorRoutes } from "./routes/errors.ts";
import { healthRoutes } from "./routes/health.ts";
import { jobRoutes } from "./routes/jobs.ts";
import { reportRoutes } from "./routes/report.ts";
import { restyleRoutes } from "./routes/restyle.ts";
import { styleRoutes } from "./routes/styles.ts";
import { transcriptRoutes } from "./routes/transcripts.ts";
import { uploadRoutes } from "./routes/uploads.ts";

/** What the routes work with. */
export interface GatewayDeps {
  db: Database;
  bus: Bus;
  storage: Storage;
  follower: Follower;
  log: Log;
  secretKey: string;
  limits: RateLimits;
  /** After a job's end its files are kept so long. */
  retentionDays: number;
  /** Where customers reach this API, if that is known. */
  publicUrl?: string;
  /** Addresses and CIDRs. */
  trustedProxies: readonly string[];
  /** Where a posted file lies until it is in the store. */
  workDir: string;
  timeouts: RequestTimeouts;
}

/** Node looks this often for connections that are over their time: its 30 s would add to any of them. */
const lookForSlowClientsMs = 2_000;

/** Makes the HTTP server, in the order in which a request meets its parts. It does not listen yet. */
export async function buildServer(deps: GatewayDeps): Promise<FastifyInstance> {
  const app = Fastify({
    loggerInstance: deps.log as FastifyBaseLogger,
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: limits.maxJsonBodyBytes,
    requestTimeout: deps.timeouts.requestMs,
    clientErrorHandler: clientErrorHandler(deps.log, deps.timeouts),
    // An address that cannot be decoded meets no route, and so no error handler.
    frameworkErrors: (_, request, reply) =>
      sendProblem(request, reply as unknown as FastifyReply, "malformed_body", { reason: "The address cannot be decoded." }),
    return503OnClosing: true,
    // Without a trusted proxy, what a client says of its own address is not believed.
    trustProxy: deps.trustedProxies.length > 0 ? [...deps.trustedProxies] : false,
    routerOptions: { maxParamLength: 100 },
    http: {
      headersTimeout: deps.timeouts.headersMs,
      requestTimeout: deps.timeouts.requestMs,
      connectionsCheckingInterval: Math.min(lookForSlowClientsMs, deps.timeouts.headersMs / 2),
      maxHeaderSize: limits.maxHeaderBytes,
      // Node's own answer to a request without one is empty; the hook below says what is missing.
      requireHostHeader: false,
    },
  }).withTypeProvider<ZodTypeProvider>();
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  app.decorateRequest("caller");
  rememberRoutes(app);
  listenBesideRoutes(app.server);
  lingerAfterAnswers(app.server);

  // 1. every answer: security headers, and errors as problem details
  await app.register(helmet, { contentSecurityPolicy: false });
  handleProblems(app);
  app.addHook("onRequest", async ({ headers }) => {
    if (headers.host === undefined) throw new DeclaredError("malformed_request", { reason: "It has no Host header." });
  });
  // 2. bodies: JSON by Fastify, files as streams
  await app.register(multipart, {
    limits: {
      fileSize: limits.maxVideoBytes,
      files: 1,
      fields: 20,
      fieldSize: limits.maxWordsBytes,
      parts: 22,
      headerPairs: 20,
    },
  });
  app.removeContentTypeParser("text/plain");
  // 3. one line a request
  app.addHook("onResponse", async (request, reply) => {
    if (request.url.startsWith("/health")) return;
    const { method, routeOptions, ip } = request;
    request.log.info(
      {
        method,
        route: routeOptions.url,
        status: reply.statusCode,
        ms: Math.round(reply.elapsedTime),
        ip,
        key_id: request.caller?.keyId,
      },
      "request",
    );
  });
  // 4. the document and the page to try it
  await describeApi(app, deps.publicUrl);
  // 5. open to anyone
  await app.register(healthRoutes, deps);
  await app.register(errorRoutes);
  // 6. behind a key
  await app.register(async (api) => {
    api.addHook("onRequest", async (request) => {
      request.caller = await authenticate(deps.db, deps.secretKey, request.headers["x-api-key"]);
    });
    await api.register(captionRoutes, deps);
    await api.register(uploadRoutes, deps);
    await api.register(jobRoutes, deps);
    await api.register(reportRoutes, deps);
    await api.register(restyleRoutes, deps);
    await api.register(transcriptRoutes, deps);
    await api.register(styleRoutes, deps);
  });
  return app;
}

/** Keeps each route's pattern, so that a wrong method can be told from a wrong address. */
function rememberRoutes(app: FastifyInstance) {
  app.decorate("routePatterns", []);
  app.addHook("onRoute", ({ method, url }) => {
    const pattern = new RegExp(`^${url.replace(/[.*+?^${}()|[\]\\]/g, "\\$&").replace(/:\w+/g, "[^/]+")}$`);
    for (const one of [method].flat()) app.routePatterns.push({ method: one, pattern });
  });
}

declare module "fastify" {
  interface FastifyRequest {
    caller: Caller;
  }
}
