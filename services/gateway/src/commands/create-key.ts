/**
 * Makes a customer, where there is none of that e-mail, and an API key for it; prints both as JSON. The key is shown this once.
 *
 *   npm run key -- --email bot@example.com --name "My bot" [--mode live|test] [--plan free] [--rate 10]
 *
 * It reads DATABASE_URL and SECRET_KEY; where npm run dev is running in this checkout, what that uses.
 * --rate is how many videos may be posted a minute with the key.
 */
import { parseArgs } from "node:util";
import { idPrefixes } from "@viralclaw/contracts/ids";
import { migrate, openDatabase } from "@viralclaw/db/database";
import { ConfigError, loadConfig } from "@viralclaw/runtime/config";
import { typeidUnboxed } from "typeid-js";
import { GatewayConfig } from "../config.ts";
import { schema, type Tables } from "../database.ts";
import { createKey } from "../keys.ts";
import { migrations } from "../migrations.ts";
import { loadDevEnvironment } from "./dev-environment.ts";

const { values } = parseArgs({
  options: {
    email: { type: "string" },
    name: { type: "string", default: "default" },
    mode: { type: "string", default: "live" },
    plan: { type: "string", default: "free" },
    rate: { type: "string", default: "10" },
  },
});

try {
  loadDevEnvironment();
  const { email, name, mode, plan } = values;
  if (!email?.includes("@")) throw new ConfigError("Say whose key it is: --email bot@example.com");
  if (mode !== "live" && mode !== "test") throw new ConfigError("--mode is live or test");
  const ratePerMinute = Number(values.rate);
  if (!Number.isInteger(ratePerMinute) || ratePerMinute < 1) throw new ConfigError("--rate is a whole number of at least 1");
  const config = loadConfig(GatewayConfig.pick({ DATABASE_URL: true, SECRET_KEY: true }), process.env);
  const db = openDatabase<Tables>({ url: config.DATABASE_URL, schema, max: 1, log: console });
  try {
    await migrate(db, schema, migrations);
    const customer = await db
      .insertInto("customers")
      .values({ id: typeidUnboxed(idPrefixes.customer), email, name, plan })
      .onConflict((conflict) => conflict.column("email").doUpdateSet({ email }))
      .returning("id")
      .executeTakeFirstOrThrow();
    const { id, key } = await createKey(db, config.SECRET_KEY, { customerId: customer.id, name, mode, ratePerMinute });
    console.log(JSON.stringify({ customer_id: customer.id, key_id: id, api_key: key }));
  } finally {
    await db.destroy();
  }
} catch (error) {
  if (!(error instanceof ConfigError)) throw error;
  console.error(error.message);
  process.exitCode = 2;
}
