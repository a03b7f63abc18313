import { Ajv2020 } from "ajv/dist/2020.js";
import formats from "ajv-formats";
import type { JsonSchema } from "json-schema-faker";

/** The API as its OpenAPI document tells it: what may be sent, and whether an answer is one that was promised. */

export type Schema = Exclude<JsonSchema, boolean>;
/** Where a field of a request stands. */
export type Place = "path" | "query" | "header" | "body";

export interface Field {
  place: Place;
  name: string;
  schema: Schema;
  required: boolean;
}

/** A body in one content type. */
export interface Body {
  contentType: string;
  schema: Schema;
  fields: Field[];
  /** Whether the document calls such a body valid. */
  accepts(body: unknown): boolean;
}

export interface Operation {
  id: string;
  method: string;
  /** With {braces}. */
  path: string;
  /** Of its path, query and headers. */
  parameters: Field[];
  /** What a body may be, by content type; empty where none is taken. */
  bodies: Body[];
  /** What is wrong with an answer, in words; undefined where the document declares it so. */
  faultOf(status: number, contentType: string, body: unknown): string | undefined;
}

export interface ApiDocument {
  operations: Operation[];
  /** What a `$ref` of a schema leads to. */
  schemaAt(ref: string): unknown;
  /** What is wrong with a problem detail; undefined where it fits its schema. */
  problemFault(body: unknown): string | undefined;
}

export async function readDocument(url: string): Promise<ApiDocument> {
  const document = (await (await fetch(new URL("/openapi.json", url))).json()) as OpenApi;
  // OpenAPI has keywords of its own, such as `example`.
  const ajv = new Ajv2020({ strict: false });
  formats.default(ajv);
  ajv.addFormat("emoji", /^\p{RGI_Emoji}$/v);
  ajv.addSchema(document, "api");
  /** Compiled when first asked for: what the schema at that place says against a value. */
  const against = (...place: string[]) => {
    const pointer = place.map((part) => part.replaceAll("~", "~0").replaceAll("/", "~1")).map(encodeURIComponent);
    const validate = ajv.compile({ $ref: `api#/${pointer.join("/")}` });
    return (value: unknown) => (validate(value) ? undefined : ajv.errorsText(validate.errors));
  };

  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, declared]): Operation => {
      const parameters = (declared.parameters ?? []).map(({ in: place, name, schema, required = false }) => ({
        ...{ place, name, schema, required },
      }));
      const bodies = Object.entries(declared.requestBody?.content ?? {}).map(([contentType, { schema }]) => {
        const fault = against("paths", path, method, "requestBody", "content", contentType, "schema");
        return { contentType, schema, fields: fieldsOf(schema), accepts: (body: unknown) => fault(body) === undefined };
      });
      return {
        ...{ id: declared.operationId, method: method.toUpperCase(), path, parameters, bodies },
        faultOf(status, contentType, body) {
          const answer = declared.responses[status];
          if (!answer) return `status ${status} is not declared`;
          const type = contentType.split(";")[0] ?? "";
          if (!answer.content) return undefined;
          if (!answer.content[type]) return `content type ${type || "(none)"} is not declared for ${status}`;
          return against("paths", path, method, "responses", String(status), "content", type, "schema")(body);
        },
      };
    }),
  );
  const schemaAt = (ref: string) => ajv.getSchema(`api${ref}`)?.schema;
  return { operations, schemaAt, problemFault: against("components", "schemas", "Problem") };
}

function fieldsOf({ properties = {}, required = [] }: Schema): Field[] {
  return Object.entries(properties).map(([name, schema]) => ({
    ...{ place: "body" as const, name, schema: schema as Schema, required: required.includes(name) },
  }));
}

/** As far as it is read here. */
interface OpenApi {
  paths: Record<string, Record<string, DeclaredOperation>>;
}

interface DeclaredOperation {
  operationId: string;
  parameters?: { in: "path" | "query" | "header"; name: string; schema: Schema; required?: boolean }[];
  requestBody?: { content: Record<string, { schema: Schema }> };
  responses: Record<string, { content?: Record<string, { schema: Schema }> }>;
}
