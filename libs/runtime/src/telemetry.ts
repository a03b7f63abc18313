/**
 * Traces and metrics. Loaded before everything else with `node --import @viralclaw/runtime/telemetry`: what is imported before
 * is not instrumented. Traces go out by OTLP where OTEL_EXPORTER_OTLP_ENDPOINT is set; metrics are read at /metrics.
 */

import type { IncomingMessage, ServerResponse } from "node:http";

// ES modules are only patched through this hook. It is kept to those that are instrumented, and in this thread: looking into all that is
// imported, from a thread of its own, was half of a service's start.
const { register } = await import("import-in-the-middle/register-hooks.mjs");
register({ include: ["http", "https", "pg", "pino"] });

const { NodeSDK, tracing } = await import("@opentelemetry/sdk-node");
const { AwsInstrumentation } = await import("@opentelemetry/instrumentation-aws-sdk");
const { HttpInstrumentation } = await import("@opentelemetry/instrumentation-http");
const { PgInstrumentation } = await import("@opentelemetry/instrumentation-pg");
const { PinoInstrumentation } = await import("@opentelemetry/instrumentation-pino");
const { RuntimeNodeInstrumentation } = await import("@opentelemetry/instrumentation-runtime-node");
const { UndiciInstrumentation } = await import("@opentelemetry/instrumentation-undici");
const { FastifyOtelInstrumentation } = await import("@fastify/otel");
const { withoutAddresses } = await import("./spans.ts");
// By OTLP over HTTP, in one of its two spellings. Both read the OTEL_EXPORTER_OTLP_* variables.
const { OTLPTraceExporter } = await (process.env.OTEL_EXPORTER_OTLP_PROTOCOL === "http/json"
  ? import("@opentelemetry/exporter-trace-otlp-http")
  : import("@opentelemetry/exporter-trace-otlp-proto"));
const { PrometheusExporter } = await import("@opentelemetry/exporter-prometheus");

const prometheus = new PrometheusExporter({ preventServerStart: true });

const sdk = new NodeSDK({
  serviceName: process.env.OTEL_SERVICE_NAME ?? "viralclaw",
  metricReaders: [prometheus],
  // Logs go to standard output only.
  logRecordProcessors: [],
  // Without an endpoint the SDK would try localhost for ever; spans then only give the logs their trace ids.
  spanProcessors: process.env.OTEL_EXPORTER_OTLP_ENDPOINT
    ? [withoutAddresses, new tracing.BatchSpanProcessor(new OTLPTraceExporter())]
    : [new tracing.NoopSpanProcessor()],
  // One by one: the package that has all of them imports those of forty libraries that are not here. Files, names and bare sockets have none: a
  // span for each says nothing that the stage's own does not.
  instrumentations: [
    new AwsInstrumentation(),
    new HttpInstrumentation(),
    new PgInstrumentation(),
    new PinoInstrumentation({ disableLogSending: true }),
    new RuntimeNodeInstrumentation(),
    new UndiciInstrumentation(),
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
