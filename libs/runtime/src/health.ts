import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export interface HealthServer {
  port: number;
  close(): void;
}

export interface HealthOptions {
  host: string;
  port: number;
  /** What is wrong now, by part; empty when ready. */
  faults(): Promise<Record<string, string>>;
  metrics(request: IncomingMessage, response: ServerResponse): void;
}

/** The internal server of every service: /health/live (the process runs), /health/ready (it can work), /metrics. Never on the public port. */
export async function startHealthServer({ host, port, faults, metrics }: HealthOptions): Promise<HealthServer> {
  const routes: Record<string, (request: IncomingMessage, response: ServerResponse) => void> = {
    "/health/live": (_, response) => answer(response, 200, { status: "ok" }),
    "/health/ready": async (_, response) => {
      const found = await faults();
      const ready = Object.keys(found).length === 0;
      answer(response, ready ? 200 : 503, { status: ready ? "ok" : "not ready", faults: found });
    },
    "/metrics": metrics,
  };
  const server = createServer((request, response) => {
    const route = routes[request.url ?? ""];
    if (route) route(request, response);
    else answer(response, 404, { status: "not found" });
  });
  server.listen(port, host);
  await once(server, "listening");
  return { port: (server.address() as AddressInfo).port, close: () => server.close() };
}

function answer(response: ServerResponse, status: number, body: object) {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
}
