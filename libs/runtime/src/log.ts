import { pino } from "pino";
import { hostsOnly } from "./addresses.ts";

export type Log = pino.Logger;

/** Fields that must never be written, whoever logs them. */
const secrets = ["key", "secret", "token", "authorization", "signature"].flatMap((name) => [name, `*.${name}`]);
/** Of a request, or of whatever else carries its headers: at level trace, the reader of forms logs what it was given. */
const headers = ['*.headers["x-api-key"]', "*.headers.authorization", "*.headers.cookie"];

/** One JSON object a line on standard output, with the service's name; the trace id comes from the instrumentation of pino. */
export function openLog(service: string, level: string): Log {
  return pino({
    level,
    base: { service },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
    redact: { paths: [...secrets, ...headers], censor: "[redacted]" },
    serializers: { err: withoutUrls },
  });
}

/** An error for the log: names, codes and stack, without addresses: a query may be a signature. */
function withoutUrls(error: Error): object {
  const serialized = pino.stdSerializers.err(error) as { type: string; message: string; stack: string };
  const code = (error as NodeJS.ErrnoException).code;
  return { type: serialized.type, code, message: hostsOnly(serialized.message), stack: hostsOnly(serialized.stack ?? "") };
}
