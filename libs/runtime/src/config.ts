import { delivery } from "@viralclaw/contracts/pipeline";
import * as z from "zod";

/**
 * Reads a service's environment through its schema. All faults are named at once, by variable, and no value is shown: it
 * may be a secret. An empty variable counts as not set.
 */
export function loadConfig<S extends z.ZodObject>(schema: S, env: NodeJS.ProcessEnv): z.infer<S> {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ""));
  const parsed = schema.safeParse(given);
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.map(
    (issue) => `  ${issue.path.join(".")}: ${given[String(issue.path[0])] === undefined ? "is not set" : issue.message}`,
  );
  throw new ConfigError(`The environment is not complete:\n${faults.join("\n")}\nEvery variable is described in .env.example.`);
}

export class ConfigError extends Error {}

/** What every service reads. Units are in the names. */
export const CommonConfig = z.object({
  NODE_ENV: z
    .enum(["development", "test", "production"])
    .default("production")
    .meta({ description: "production refuses settings that are for tests only" }),
  LOG_LEVEL: z
    .enum(["trace", "debug", "info", "warn", "error", "silent"])
    .default("info")
    .meta({ description: "Least level that is logged" }),
  NATS_URL: z
    .url({ protocol: /^(nats|tls)$/ })
    .default("nats://127.0.0.1:4222")
    .meta({ description: "NATS with JetStream, 2.11 or newer, with user and password where it asks for them" }),
  LEASE_MS: z.coerce.number().int().min(1_000).max(600_000).default(delivery.leaseMs).meta({
    description:
      "A worker that is silent for this long, killed or cut off, has its message given to another, ms; the same for every service",
  }),
  HEALTH_PORT: z.coerce
    .number()
    .int()
    .min(0)
    .max(65535)
    .default(0)
    .meta({ description: "Internal port of /health/live, /health/ready and /metrics; 0 takes a free one" }),
  HEALTH_HOST: z.string().default("127.0.0.1").meta({ description: "Address of the internal port; 0.0.0.0 in a container" }),
  SHUTDOWN_GRACE_MS: z.coerce
    .number()
    .int()
    .min(0)
    .default(20_000)
    .meta({ description: "How long a run may go on after SIGTERM before it is handed to another worker, ms" }),
});

/** What a worker reads beside. */
/** Where files lie for a while. */
export const WorkDirConfig = z.object({
  WORK_DIR: z
    .string()
    .default("/tmp/viralclaw")
    .meta({ description: "Where jobs and posted videos keep their files for a while; swept at start" }),
});

export const WorkerConfig = z.object({
  ...WorkDirConfig.shape,
  PULL_DELAY_MS: z.coerce
    .number()
    .int()
    .min(0)
    .max(10_000)
    .default(0)
    .meta({ description: "Set to 100 on the backup machine: its idle workers then ask after the main ones, ms" }),
  MAX_RUN_MS: z.coerce
    .number()
    .int()
    .min(1_000)
    .optional()
    .meta({ description: "Stops any run of a stage after this, so that one video cannot hold a small machine for long, ms" }),
});

/** The object store: R2 by its account, or any S3 server by its endpoint. */
export const StoreConfig = z.object({
  R2_ACCOUNT_ID: z.string().optional().meta({ description: "Cloudflare account; gives the endpoint" }),
  R2_ENDPOINT: z.url().optional().meta({ description: "Another S3 server, in place of R2_ACCOUNT_ID" }),
  R2_ACCESS_KEY: z.string().min(1).meta({ description: "Access key of the bucket" }),
  R2_SECRET_KEY: z.string().min(1).meta({ description: "Secret of the access key" }),
  R2_BUCKET: z.string().min(3).default("viralclip-output").meta({ description: "Bucket of all objects" }),
  R2_PUBLIC_URL: z
    .url()
    .optional()
    .meta({ description: "Where the bucket is public, such as https://r2.viralclip.io; without it results have presigned URLs" }),
});

/** The store's settings in the form that openStorage takes. Throws a ConfigError where neither account nor endpoint is set. */
export function storeOptions(config: z.infer<typeof StoreConfig>) {
  const endpoint = config.R2_ENDPOINT ?? (config.R2_ACCOUNT_ID && `https://${config.R2_ACCOUNT_ID}.r2.cloudflarestorage.com`);
  if (!endpoint) throw new ConfigError("Set R2_ACCOUNT_ID, or R2_ENDPOINT for another S3 server.");
  return {
    endpoint,
    bucket: config.R2_BUCKET,
    accessKeyId: config.R2_ACCESS_KEY,
    secretAccessKey: config.R2_SECRET_KEY,
    publicUrl: config.R2_PUBLIC_URL,
  };
}
