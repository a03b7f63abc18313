import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

export interface Span {
  service: string;
  name: string;
  traceId: string;
  spanId: string;
  /** Undefined for the root. */
  parentSpanId?: string;
}

/** A trace collector that keeps what the services export, by OTLP over HTTP as JSON, in memory. */
export async function startCollector() {
  const spans: Span[] = [];
  const received: string[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const text = Buffer.concat(chunks).toString("utf8");
    received.push(text);
    if (request.url === "/v1/traces") spans.push(...spansOf(JSON.parse(text) as OtlpTraces));
    response.writeHead(200, { "content-type": "application/json" }).end("{}");
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    spans,
    /** Everything that was exported, as it came. */
    received,
    /** What a service must be told to export here, soon after each span has ended. */
    env: {
      OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      OTEL_EXPORTER_OTLP_PROTOCOL: "http/json",
      OTEL_BSP_SCHEDULE_DELAY: "100",
    },
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

/** ExportTraceServiceRequest of the OpenTelemetry protocol, as far as it is read here. */
interface OtlpTraces {
  resourceSpans: {
    resource: { attributes: { key: string; value: { stringValue?: string } }[] };
    scopeSpans: { spans: { name: string; traceId: string; spanId: string; parentSpanId?: string }[] }[];
  }[];
}

function spansOf({ resourceSpans }: OtlpTraces): Span[] {
  return resourceSpans.flatMap(({ resource, scopeSpans }) => {
    const service = resource.attributes.find(({ key }) => key === "service.name")?.value.stringValue ?? "";
    const found = scopeSpans.flatMap(({ spans }) => spans);
    return found.map(({ name, traceId, spanId, parentSpanId }) => ({
      service,
      name,
      traceId,
      spanId,
      parentSpanId: parentSpanId || undefined,
    }));
  });
}
