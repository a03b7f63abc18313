import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { DeepHealth } from "@viralclaw/contracts/api";
import { errorCodes } from "@viralclaw/contracts/errors";
import { type Gateway, startGateway } from "./gateway.fixture.ts";

let gateway: Gateway;
before(async () => {
  gateway = await startGateway();
});
after(() => gateway[Symbol.asyncDispose]());

test("/health says that the API answers; /health/deep what does not, and how long the queue is", async () => {
  await gateway.accepted();
  assert.equal(((await (await fetch(`${gateway.url}/health`)).json()) as { status: string }).status, "ok");
  const deep = DeepHealth.parse(await (await fetch(`${gateway.url}/health/deep`)).json());
  assert.deepEqual(
    [deep.status, deep.api, deep.database, deep.nats, deep.storage, deep.groq],
    ["degraded", "ok", "ok", "ok", "ok", "unknown"],
  );
  assert.deepEqual(deep.workers, { transcriber: 0, renderer: 0 });
  assert.equal(deep.queue.queued, 1);
});

test("the API document is OpenAPI 3.1 and declares every error of every route as a problem", async () => {
  const document = (await (await fetch(`${gateway.url}/openapi.json`)).json()) as OpenApi;
  assert.match(document.openapi, /^3\.1/);
  assert.deepEqual(Object.keys(document.paths).sort(), [
    "/api/add-captions",
    "/api/jobs",
    "/api/jobs/{id}",
    "/api/jobs/{id}/cancel",
    "/api/jobs/{id}/report",
    "/api/jobs/{id}/restyle",
    "/api/jobs/{id}/transcript",
    ...["ass", "json", "srt", "vtt"].map((format) => `/api/jobs/{id}/transcript.${format}`),
    "/api/styles",
    "/api/styles/{id}",
    "/api/styles/{id}/preview.png",
    "/api/uploads",
    "/api/uploads/{id}",
    "/health",
    "/health/deep",
  ]);
  assert.deepEqual(Object.keys(document.paths["/api/add-captions"]?.post?.requestBody?.content ?? {}), [
    "application/json",
    "multipart/form-data",
  ]);
  for (const { schema } of Object.values(document.paths["/api/add-captions"]?.post?.requestBody?.content ?? {})) {
    for (const field of ["style", "style_overrides", "quality", "max_bytes", "language", "priority", "webhook_url", "metadata"])
      assert.ok(schema.properties?.[field]?.description, field);
  }
  for (const [path, methods] of Object.entries<Record<string, { responses: Record<string, { content?: object }> }>>(
    document.paths,
  )) {
    if (!path.startsWith("/api/")) continue;
    for (const { responses } of Object.values(methods)) {
      for (const status of ["401", "403", "500", "503"])
        assert.deepEqual(Object.keys(responses[status]?.content ?? {}), ["application/problem+json"], `${path} ${status}`);
    }
  }
});

test("the page to try the API and the page of errors open, with every code on it", async () => {
  assert.match(await (await fetch(`${gateway.url}/docs/`)).text(), /<html|<!doctype/i);
  assert.match((await fetch(gateway.url)).url, /\/docs\/?$/, "whoever opens the address itself is led there");
  const page = await (await fetch(`${gateway.url}/errors`)).text();
  for (const code of errorCodes) assert.ok(page.includes(`id="${code}"`), code);
});

interface OpenApi {
  openapi: string;
  paths: Record<
    string,
    Record<
      string,
      {
        requestBody?: {
          content: Record<string, { schema: { properties?: Record<string, { description?: string }> } }>;
        };
        responses: Record<string, { content?: object }>;
      }
    >
  >;
}
