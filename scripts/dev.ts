/** Starts servers and services, prints what is where and a key, shows the logs, and ends it all on Ctrl-C. */
import { spawn } from "node:child_process";
import { existsSync, rmSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { startSystem } from "@viralclaw/embedded/system";
import pretty from "pino-pretty";

const root = resolve(import.meta.dirname, "..");
if (existsSync(resolve(root, ".env"))) process.loadEnvFile(resolve(root, ".env"));
/** Nobody develops at ten videos a minute. */
const devRate = 600;
/** The plan's port. */
const apiPort = 8100;

const { GROQ_API_KEY, GROQ_BASE_URL, LOG_LEVEL, OTEL_EXPORTER_OTLP_ENDPOINT } = process.env;
const system = await startSystem({
  root,
  dir: resolve(root, ".data/dev"),
  port: apiPort,
  durable: true,
  env: { GROQ_API_KEY, GROQ_BASE_URL, LOG_LEVEL, OTEL_EXPORTER_OTLP_ENDPOINT },
}).catch((error: Error) => {
  // Most often npm run dev runs already in this checkout: the message names the process.
  console.error(error.message);
  return process.exit(1);
});
const key = await system.createKey("dev@example.com", { mode: "test", rate: devRate });
const { apiUrl, servers, logs } = system;

/** npm run key and npm run retain read where all this is, and its secrets. */
const envFile = resolve(root, ".data/dev/env");
const told = Object.entries(system.env()).filter(([name]) => /^(DATABASE_URL|SECRET_KEY|R2_\w+)$/.test(name));
writeFileSync(envFile, told.map(([name, value]) => `${name}=${value}\n`).join(""), { mode: 0o600 });
process.once("exit", () => rmSync(envFile, { force: true }));

const summary = `
  API        ${apiUrl}
  try it     ${apiUrl}/docs
  health     ${apiUrl}/health/deep
  Postgres   ${servers.databaseUrl}
  NATS       ${servers.natsUrl}
  store      ${servers.s3.url}
  logs       ${Object.values(logs).join("\n             ")}
  speech     ${GROQ_API_KEY ? "Groq" : "English only, offline: set GROQ_API_KEY for other languages"}

  keys       npm run key -- --email you@example.com

  curl ${apiUrl}/api/add-captions -H "X-API-Key: ${key}" -F language=en -F file=@.cache/sample/sample.mp4

  Enter shows this again. Ctrl-C ends everything.
`;
console.log(summary);
process.stdin.on("data", () => console.log(summary));

// tail follows the files and ends with this process; pino-pretty makes the lines readable.
const tail = spawn("tail", ["-n", "0", "-q", "-F", `--pid=${process.pid}`, ...Object.values(logs)], {
  stdio: ["ignore", "pipe", "ignore"],
});
tail.stdout.pipe(
  pretty({
    colorize: process.stdout.isTTY,
    translateTime: "SYS:HH:MM:ss.l",
    ignore: "pid,hostname,service,instance,trace_id,span_id,trace_flags",
    singleLine: true,
    messageFormat: "[{service}] {msg}",
  }),
);

let ending = false;
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.on(signal, () => {
    if (ending) return;
    ending = true;
    console.log("\nending");
    void system.stop().then(() => {
      tail.kill();
      process.exit(0);
    });
  });
}
