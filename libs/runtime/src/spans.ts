import { type Attributes, SpanKind } from "@opentelemetry/api";
import type { tracing } from "@opentelemetry/sdk-node";
import { hostsOnly } from "./addresses.ts";

/**
 * Keeps addresses out of spans, whichever instrumentation wrote them: of what was asked of us the path stays and the query goes,
 * of what we asked of others only the host stays, since a source's path and query are its customer's and may be signed.
 * It comes before the processor that exports.
 */
export const withoutAddresses: tracing.SpanProcessor = {
  onStart() {},
  onEnding(span) {
    span.setAttributes(cleaned(span.attributes, span.kind));
    if (span.status.message) span.setStatus({ ...span.status, message: hostsOnly(span.status.message) });
    // Exceptions: their messages and stacks.
    for (const event of span.events) Object.assign(event.attributes ?? {}, cleaned(event.attributes ?? {}, span.kind));
  },
  onEnd() {},
  forceFlush: async () => {},
  shutdown: async () => {},
};

/** What of these has to be otherwise. */
function cleaned(attributes: Attributes, kind: SpanKind): Attributes {
  const texts = Object.entries(attributes).filter((entry): entry is [string, string] => typeof entry[1] === "string");
  return Object.fromEntries(texts.map(([name, text]) => [name, cleanedText(name, text, kind)]));
}

function cleanedText(name: string, text: string, kind: SpanKind): string {
  if (name === "url.query") return "";
  if (!isPath.has(name)) return hostsOnly(text);
  return kind === SpanKind.CLIENT ? "" : (text.split("?")[0] ?? "");
}

/** By OpenTelemetry's conventions for HTTP, the present ones and those before. */
const isPath: ReadonlySet<string> = new Set(["url.path", "http.target"]);
