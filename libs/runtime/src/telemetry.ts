/**
 * Traces and metrics. Loaded before everything else with `node --import @viralclaw/runtime/telemetry`: what is imported before
 * is not instrumented. Traces go out by OTLP where OTEL_EXPORTER_OTLP_ENDPOINT is set; metrics are read at /metrics.
 */

import type { IncomingMessage, ServerResponse } from "node:http";
import { register } from "node:module";

// ES modules are only patched through this hook (import-in-the-middle).
register("@opentelemetry/instrumentation/hook.mjs", import.meta.url);

const { NodeSDK, tracing } = await import("@opentelemetry/sdk-node");
const { getNodeAutoInstrumentations } = await import("@opentelemetry/auto-instrumentations-node");
const { FastifyOtelInstrumentation } = await import("@fastify/otel");
const { withoutAddresses } = await import("./spans.ts");
// By OTLP over HTTP, in one of its two spellings. Both read the OTEL_EXPORTER_OTLP_* variables.
const { OTLPTraceExporter } = await (process.env.OTEL_EXPORTER_OTLP_PROTOCOL === "http/json"
  ? import("@opentelemetry/exporter-trace-otlp-http")
  : import("@opentelemetry/exporter-trace-otlp-proto"));
const { PrometheusExporter } = await import("@opentelemetry/exporter-prometheus");

const prometheus = new PrometheusExporter({ preventServerStart: true });
const off = { enabled: false };

const sdk = new NodeSDK({
  serviceName: process.env.OTEL_SERVICE_NAME ?? "viralclaw",
  metricReaders: [prometheus],
  // Logs go to standard output only.
  logRecordProcessors: [],
  // Without an endpoint the SDK would try localhost for ever; spans then only give the logs their trace ids.
  spanProcessors: process.env.OTEL_EXPORTER_OTLP_ENDPOINT
    ? [withoutAddresses, new tracing.BatchSpanProcessor(new OTLPTraceExporter())]
    : [new tracing.NoopSpanProcessor()],
  instrumentations: [
    getNodeAutoInstrumentations({
      // A span for each file or socket says nothing that the stage's own span does not.
      "@opentelemetry/instrumentation-fs": off,
      "@opentelemetry/instrumentation-dns": off,
      "@opentelemetry/instrumentation-net": off,
      "@opentelemetry/instrumentation-pino": { disableLogSending: true },
    }),
    new FastifyOtelInstrumentation({ registerOnInitialization: true, ignorePaths: ({ url }) => url.startsWith("/health") }),
  ],
});
sdk.start();

/** Answers a scrape in Prometheus's text format. */
export function answerMetrics(request: IncomingMessage, response: ServerResponse): void {
  prometheus.getMetricsRequestHandler(request, response);
}

/** Sends what is held and stops. Never throws: a collector that is away must not keep a process from ending. */
export async function stopTelemetry(): Promise<void> {
  await sdk.shutdown().catch(() => undefined);
}
