import { parseCidrs } from "@viralclaw/media/guard";
import { ConfigError, StoreConfig, WorkerConfig } from "@viralclaw/runtime/config";
import * as z from "zod";

const Cidrs = z
  .string()
  .default("")
  .transform((list, context) => {
    try {
      return parseCidrs(list);
    } catch (error) {
      context.addIssue((error as Error).message);
      return z.NEVER;
    }
  });

export const TranscriberConfig = z.object({
  ...StoreConfig.shape,
  ...WorkerConfig.shape,
  INGEST_SLOTS: z.coerce
    .number()
    .int()
    .min(1)
    .max(64)
    .default(4)
    .meta({ description: "Videos downloaded at once by one transcriber" }),
  TRANSCRIBE_SLOTS: z.coerce
    .number()
    .int()
    .min(1)
    .max(64)
    .default(2)
    .meta({ description: "Videos transcribed at once by one transcriber; the offline engine takes them one by one" }),
  SPEECH_ENGINE: z
    .enum(["auto", "groq", "local"])
    .default("auto")
    .meta({ description: "auto is Groq where there is a key, else the offline engine, which hears English only" }),
  GROQ_API_KEY: z.string().min(1).optional().meta({ description: "Key of Groq; without it only English is recognised, offline" }),
  GROQ_BASE_URL: z.url().optional().meta({ description: "Another server of the same API, such as a Whisper of one's own" }),
  GROQ_MODEL: z.string().default("whisper-large-v3-turbo").meta({ description: "Speech model" }),
  DOWNLOAD_ALLOW: Cidrs.meta({
    description:
      "Networks that may be downloaded from though they are not public, as CIDRs with commas; for tests only, refused in production",
  }),
});

/** What a production machine must not be told. Throws a ConfigError. */
export function refuseInProduction({ NODE_ENV, DOWNLOAD_ALLOW }: { NODE_ENV: string; DOWNLOAD_ALLOW: readonly unknown[] }): void {
  if (NODE_ENV === "production" && DOWNLOAD_ALLOW.length > 0)
    throw new ConfigError("DOWNLOAD_ALLOW opens private networks to customers: unset it in production.");
}
