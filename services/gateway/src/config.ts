import { StoreConfig, WorkDirConfig } from "@viralclaw/runtime/config";
import * as z from "zod";

export const GatewayConfig = z.object({
  ...StoreConfig.shape,
  ...WorkDirConfig.shape,
  HOST: z.string().default("127.0.0.1").meta({ description: "Address the API listens on; 0.0.0.0 in a container" }),
  PORT: z.coerce.number().int().min(0).max(65535).default(8100).meta({ description: "Port of the API" }),
  DATABASE_URL: z
    .url({ protocol: /^postgres(ql)?$/ })
    .meta({ description: "Postgres: postgres://user:password@host:5432/viralclaw" }),
  DATABASE_CONNECTIONS: z.coerce
    .number()
    .int()
    .min(2)
    .default(10)
    .meta({ description: "Database connections for requests at most; jobs under way have 13 of their own" }),
  SECRET_KEY: z
    .string()
    .min(32)
    .meta({ description: "At least 32 random characters; API keys are stored as its HMAC, so changing it disables every key" }),
  TRUSTED_PROXIES: z
    .string()
    .default("")
    .transform((list) => list.split(/[\s,]+/).filter((proxy) => proxy !== ""))
    .meta({ description: "Proxies whose X-Forwarded-For is believed, as addresses or CIDRs with commas" }),
  IP_RATE_LIMIT_PER_MINUTE: z.coerce
    .number()
    .int()
    .min(0)
    .default(10)
    .meta({ description: "Videos that one address may post a minute; 0 for no limit" }),
  RETENTION_DAYS: z.coerce
    .number()
    .int()
    .min(1)
    .default(30)
    .meta({ description: "Days after its end at which a job's video and transcripts are removed; the job itself stays" }),
  HEADERS_TIMEOUT_MS: z.coerce
    .number()
    .int()
    .min(100)
    .default(15_000)
    .meta({ description: "A client that has connected sends the headers of its request within this, ms" }),
  REQUEST_TIMEOUT_MS: z.coerce
    .number()
    .int()
    .min(1_000)
    .default(300_000)
    .meta({ description: "A request, with its file, has come in within this, ms; 300 s are time for 500 MB at 13 Mbit/s" }),
  PUBLIC_URL: z.url().optional().meta({
    description: "Where customers reach the API, such as https://api.viralclip.io; without it addresses in answers are paths",
  }),
});
