import swagger from "@fastify/swagger";
import scalar from "@scalar/fastify-api-reference";
import type { FastifyInstance, FastifySchema } from "fastify";
import { jsonSchemaTransform, jsonSchemaTransformObject } from "fastify-type-provider-zod";
import * as z from "zod";

/** /openapi.json (3.1, from the schemas that the routes check with) and the page to try it at /docs. */
export async function describeApi(app: FastifyInstance, publicUrl: string | undefined): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: "3.1.0",
      info: {
        title: "ViralClaw",
        version: "1.0.0",
        description:
          "Captions for short videos, word by word, in seconds. Post a spoken video, wait for the job, download the result.\n\n" +
          "Every error is a problem detail (RFC 9457) with a stable `code`, a sentence, and what to change.",
        contact: { name: "ViralClaw", email: "contato@viralclip.io" },
      },
      ...(publicUrl ? { servers: [{ url: publicUrl }] } : {}),
      components: {
        securitySchemes: { apiKey: { type: "apiKey", in: "header", name: "X-API-Key", description: "vk_live_… or vk_test_…" } },
      },
      tags: [
        { name: "captions", description: "Post videos" },
        { name: "styles", description: "How captions look" },
        { name: "jobs", description: "Follow them, and fetch what came out" },
        { name: "health", description: "Whether the service works" },
      ],
    },
    transform: (document) => {
      const schema = document.schema as FastifySchema & { body?: { content?: Record<string, { schema: z.ZodType }> } };
      const content = schema?.body?.content;
      if (!content) return jsonSchemaTransform(document);
      const { body: _, ...rest } = schema;
      const transformed = jsonSchemaTransform({ ...document, schema: rest } as typeof document);
      return { ...transformed, schema: { ...(transformed.schema as object), body: { content: describeContent(content) } } };
    },
    transformObject: jsonSchemaTransformObject,
  });
  app.get("/", { schema: { hide: true } }, async (_, reply) => reply.redirect("/docs"));
  app.get("/openapi.json", { schema: { hide: true } }, async () => app.swagger());
  await app.register(scalar, {
    routePrefix: "/docs",
    configuration: {
      url: "/openapi.json",
      title: "ViralClaw API",
      authentication: { preferredSecurityScheme: "apiKey" },
      // Nothing is fetched from, or sent to, anyone else.
      telemetry: false,
      withDefaultFonts: false,
      showDeveloperTools: "never",
      agent: { disabled: true },
      mcp: { disabled: true },
    },
  });
}

/** A body that may come in several content types, each with its own schema. */
function describeContent(content: Record<string, { schema: z.ZodType }>) {
  return Object.fromEntries(
    Object.entries(content).map(([type, { schema }]) => {
      const { $schema: _, ...json } = z.toJSONSchema(schema, { io: "input", unrepresentable: "any", target: "draft-2020-12" });
      return [type, { schema: json }];
    }),
  );
}
