/**
 * Removes now what retention would remove in time, the whole store walked through, and prints what that was as JSON.
 *
 *   npm run retain [-- --loose-minutes 60]
 *
 * It reads DATABASE_URL and the store's variables; where npm run dev is running in this checkout, what that uses.
 * --loose-minutes is how old what no job has accepted must be; less than a run may last only where no service runs.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { migrate, openDatabase } from "@viralclaw/db/database";
import { ConfigError, loadConfig, StoreConfig, storeOptions } from "@viralclaw/runtime/config";
import { openLog } from "@viralclaw/runtime/log";
import { type Removed, sumOf } from "@viralclaw/storage/removal";
import { openStorage } from "@viralclaw/storage/storage";
import { alone } from "../alone.ts";
import { GatewayConfig } from "../config.ts";
import { schema, type Tables } from "../database.ts";
import { migrations } from "../migrations.ts";
import { retain, rulesOf } from "../retention.ts";
import { loadDevEnvironment } from "./dev-environment.ts";

const { values } = parseArgs({ options: { "loose-minutes": { type: "string" } } });
/** While a gateway is at it. */
const askAgainMs = 500;

try {
  loadDevEnvironment();
  const looseMinutes = values["loose-minutes"];
  if (looseMinutes !== undefined && !/^\d+$/.test(looseMinutes)) throw new ConfigError("--loose-minutes is a whole number");
  const wanted = GatewayConfig.pick({ DATABASE_URL: true, RETENTION_DAYS: true }).extend(StoreConfig.shape);
  const config = loadConfig(wanted, process.env);
  const rules = rulesOf(config.RETENTION_DAYS);
  if (looseMinutes !== undefined) rules.looseAfterMs = Number(looseMinutes) * 60_000;

  const db = openDatabase<Tables>({ url: config.DATABASE_URL, schema, max: 3, log: console });
  const storage = openStorage(storeOptions(config));
  const everything = async () => {
    await db.deleteFrom("store_walks").execute();
    const all: Record<string, Removed> = {};
    for (let more = true; more; ) {
      const batch = await retain({ db, storage, rules, log: openLog("retain", "silent") });
      for (const [why, removed] of Object.entries(batch.removed)) all[why] = sumOf([removed, all[why] ?? sumOf([])]);
      more = batch.more;
    }
    return all;
  };
  try {
    await migrate(db, schema, migrations);
    let removed = await alone(db, "retention", everything);
    while (!removed) {
      await sleep(askAgainMs);
      removed = await alone(db, "retention", everything);
    }
    console.log(JSON.stringify(removed));
  } finally {
    storage.close();
    await db.destroy();
  }
} catch (error) {
  if (!(error instanceof ConfigError)) throw error;
  console.error(error.message);
  process.exitCode = 2;
}
