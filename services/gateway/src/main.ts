import { connectBus } from "@viralclaw/bus/connect";
import { consumeResults } from "@viralclaw/bus/results";
import { migrate, openDatabase, openPool, ping } from "@viralclaw/db/database";
import { sweepWorkspaces } from "@viralclaw/media/workspace";
import { storeOptions } from "@viralclaw/runtime/config";
import { runService } from "@viralclaw/runtime/service";
import { openStorage } from "@viralclaw/storage/storage";
import { advance } from "./advance.ts";
import { GatewayConfig } from "./config.ts";
import { schema, type Tables } from "./database.ts";
import { followJobs } from "./follow.ts";
import { migrations } from "./migrations.ts";
import { startRelay } from "./outbox.ts";
import { rateLimits } from "./rate-limit.ts";
import { rulesOf, startRetention } from "./retention.ts";
import { buildServer } from "./server.ts";
import { startSweep } from "./sweep.ts";

/** Eight results at once, the relay, and two each for the sweep and for retention, which hold one while they use another. */
const jobConnections = 13;

await runService("gateway", GatewayConfig, async ({ config, log, defer, ready }) => {
  const db = openDatabase<Tables>({ url: config.DATABASE_URL, schema, max: jobConnections, log });
  defer("database", () => db.destroy());
  // Jobs under way have connections of their own: a crowd of requests that takes all of the API's does not hold them up.
  const requestsDb = openDatabase<Tables>({ url: config.DATABASE_URL, schema, max: config.DATABASE_CONNECTIONS, log });
  defer("the requests' database", () => requestsDb.destroy());
  await migrate(db, schema, migrations);
  ready("database", () => ping(db));

  await sweepWorkspaces(config.WORK_DIR);
  const storage = openStorage(storeOptions(config));
  defer("storage", () => storage.close());

  const bus = await connectBus({ url: config.NATS_URL, name: "gateway", log, leaseMs: config.LEASE_MS });
  defer("bus", () => bus[Symbol.asyncDispose]());
  ready("nats", () => bus.nc.flush());

  defer("relay", startRelay(db, bus, log));
  defer(
    "results",
    consumeResults(bus, (result) => advance(result, { db, bus, log }), log),
  );
  defer("sweep", startSweep({ db, bus, log }));
  defer("retention", startRetention({ db, storage, log, rules: rulesOf(config.RETENTION_DAYS) }));
  const follower = followJobs(bus, db, log);
  defer("follower", () => follower.stop());

  const pool = openPool({ url: config.DATABASE_URL, schema, max: 2, log });
  defer("rate limits", () => pool.end());
  const limits = rateLimits(pool, config.IP_RATE_LIMIT_PER_MINUTE);
  const { SECRET_KEY: secretKey, TRUSTED_PROXIES: trustedProxies, WORK_DIR: workDir, RETENTION_DAYS: retentionDays } = config;
  const timeouts = { headersMs: config.HEADERS_TIMEOUT_MS, requestMs: config.REQUEST_TIMEOUT_MS };
  const deps = {
    db: requestsDb,
    bus,
    storage,
    follower,
    log,
    secretKey,
    limits,
    trustedProxies,
    timeouts,
    workDir,
    retentionDays,
    publicUrl: config.PUBLIC_URL,
  };
  const server = await buildServer(deps);
  defer("http", () => server.close());
  await server.listen({ host: config.HOST, port: config.PORT });
});
