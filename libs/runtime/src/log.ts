import { pino } from "pino";

export type Log = pino.Logger;

/** Fields that must never be written, whoever logs them. */
const secrets = ["key", "secret", "token", "authorization", "signature"].flatMap((name) => [name, `*.${name}`]);
const headers = ['req.headers["x-api-key"]', "req.headers.authorization", "req.headers.cookie"];

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

/** An error for the log: names, codes and stack, with whatever looks like a URL cut to its host: a query may be a signature. */
function withoutUrls(error: Error): object {
  const clean = (text: string) =>
    text.replace(/(\w+:\/\/)(?:[^\s/?#"'`]*@)?([^\s/?#"'`]+)[^\s"'`]*/g, (url, scheme, host) =>
      scheme === "file://" ? url : `${scheme}${host}/…`,
    );
  const serialized = pino.stdSerializers.err(error) as { type: string; message: string; stack: string };
  const code = (error as NodeJS.ErrnoException).code;
  return { type: serialized.type, code, message: clean(serialized.message), stack: clean(serialized.stack ?? "") };
}
