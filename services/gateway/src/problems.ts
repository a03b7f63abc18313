import { trace } from "@opentelemetry/api";
import { Problem } from "@viralclaw/contracts/api";
import { DeclaredError, type ErrorCode, type ErrorParams, errors, explain } from "@viralclaw/contracts/errors";
import { limits } from "@viralclaw/contracts/limits";
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { hasZodFastifySchemaValidationErrors } from "fastify-type-provider-zod";
import type * as z from "zod";
import { errorsPath } from "./routes/errors.ts";

/** Every error answer is a problem detail (RFC 9457) of the error catalogue, whatever went wrong and wherever. */
export const problemType = "application/problem+json";

interface FieldError {
  field: string;
  message: string;
}

/** A request whose fields are wrong: all of them are named. */
export class InvalidRequest extends DeclaredError {
  readonly fields: FieldError[];
  constructor(fields: FieldError[]) {
    super("invalid_request", { reason: fields.map(({ field, message }) => `${field} ${message}`).join("; ") });
    this.fields = fields;
  }
}

/** Parses what a schema describes. Throws InvalidRequest with every wrong field. */
export function parse<S extends z.ZodType>(schema: S, given: unknown): z.infer<S> {
  const parsed = schema.safeParse(given);
  if (parsed.success) return parsed.data;
  throw new InvalidRequest(parsed.error.issues.flatMap(fieldErrors));
}

/** The error answers a route may give, for its OpenAPI entry: the codes by status, plus those that any route may give. */
export function problemResponses(...codes: ErrorCode[]) {
  const all: ErrorCode[] = [...codes, "internal_error", "service_unavailable"];
  const statuses = [...new Set(all.map((code) => errors[code].status))].sort();
  return Object.fromEntries(
    statuses.map((status) => {
      const ofStatus = all.filter((code) => errors[code].status === status);
      const description = ofStatus.map((code) => `\`${code}\`: ${errors[code].title}`).join("\n\n");
      return [status, { description, content: { [problemType]: { schema: Problem } } }];
    }),
  );
}

/** The error codes of every route that needs a key. */
export const keyErrors = ["missing_api_key", "unknown_api_key", "disabled_api_key"] as const satisfies ErrorCode[];

/** Sends one error. `params` fill the sentence. */
export function sendProblem(
  request: FastifyRequest,
  reply: FastifyReply,
  code: ErrorCode,
  params: ErrorParams = {},
  fields?: FieldError[],
) {
  const { status, retryable, title, detail, fix } = explain(code, params);
  const problem: Problem = {
    type: `${errorsPath}#${code}`,
    title,
    status,
    code,
    detail,
    fix,
    retryable,
    instance: request.url.split("?")[0] ?? request.url,
    trace_id: trace.getActiveSpan()?.spanContext().traceId,
    errors: fields,
  };
  if (status === 401) reply.header("www-authenticate", 'ApiKey realm="viralclaw", header="X-API-Key"');
  if (status === 503) reply.header("retry-after", retryAfterSeconds);
  return reply.code(status).type(problemType).serializer(JSON.stringify).send(problem);
}

const retryAfterSeconds = 5;

/** Installs the answers for errors thrown, addresses that do not exist and methods they do not take. */
export function handleProblems(app: FastifyInstance): void {
  app.setErrorHandler((error: FastifyError, request, reply) => {
    if (error instanceof InvalidRequest) return sendProblem(request, reply, error.code, error.params, error.fields);
    if (error instanceof DeclaredError) {
      if (errors[error.code].status >= 500) request.log.error({ err: error.cause ?? error }, "a request failed");
      return sendProblem(request, reply, error.code, error.params);
    }
    if (hasZodFastifySchemaValidationErrors(error)) {
      const fields = error.validation.map(({ instancePath, message }) => ({
        field: instancePath.slice(1).replaceAll("/", "."),
        message: message ?? "is not valid",
      }));
      const invalid = new InvalidRequest(fields);
      return sendProblem(request, reply, invalid.code, invalid.params, fields);
    }
    const known = knownErrors[error.code];
    if (known) {
      const { code, params } = known(request, error);
      return sendProblem(request, reply, code, params);
    }
    if (unavailable.test(`${error.code} ${error.name}`)) {
      request.log.error({ err: error }, "a part of the service is not available");
      return sendProblem(request, reply, "service_unavailable", { part: "database" });
    }
    request.log.error({ err: error }, "an undeclared error");
    return sendProblem(request, reply, "internal_error");
  });

  app.setNotFoundHandler((request, reply) => {
    const path = request.url.split("?")[0] ?? "";
    const allowed = (["GET", "POST", "PUT", "PATCH", "DELETE"] as const).filter(
      (method) => app.findRoute({ method, url: path }) || matches(app, method, path),
    );
    if (allowed.length === 0) return sendProblem(request, reply, "route_not_found", { method: request.method, path });
    reply.header("allow", allowed.join(", "));
    return sendProblem(request, reply, "method_not_allowed", { method: request.method, path, allowed: allowed.join(", ") });
  });
}

/** What a Postgres that is away makes pg throw: refused and cut connections, start-up and shutdown (class 57P). */
const unavailable = /ECONNREFUSED|ECONNRESET|ETIMEDOUT|57P0\d|08\d{3}|timeout/i;

/** Fastify's own errors, as ours. */
const knownErrors: Record<string, (request: FastifyRequest, error: FastifyError) => { code: ErrorCode; params: ErrorParams }> = {
  FST_ERR_CTP_INVALID_MEDIA_TYPE: (request) => ({
    code: "unsupported_content_type",
    params: { content_type: request.headers["content-type"] ?? "a body without content type" },
  }),
  FST_ERR_CTP_BODY_TOO_LARGE: () => ({ code: "body_too_large", params: { max_bytes: limits.maxJsonBodyBytes } }),
  FST_ERR_CTP_EMPTY_JSON_BODY: () => ({ code: "malformed_body", params: { reason: "The body is empty." } }),
  FST_ERR_CTP_INVALID_JSON_BODY: () => ({ code: "malformed_body", params: { reason: "The body is not valid JSON." } }),
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: () => ({
    code: "malformed_body",
    params: { reason: "The body is not as long as Content-Length says." },
  }),
  FST_ERR_BAD_URL: () => ({ code: "malformed_body", params: { reason: "The address cannot be decoded." } }),
  FST_REQ_FILE_TOO_LARGE: () => ({ code: "body_too_large", params: { max_bytes: limits.maxVideoBytes } }),
};

/** One entry for each wrong field; of keys that are not known, one for each key. */
function fieldErrors(issue: z.core.$ZodIssue): FieldError[] {
  const path = issue.path.join(".");
  if (issue.code === "unrecognized_keys")
    return issue.keys.map((key) => ({ field: [path, key].filter(Boolean).join("."), message: "is not a field of this request" }));
  return [{ field: path || "body", message: issue.message }];
}

/** Whether some route of that method takes the path with its parameters filled in. */
function matches(app: FastifyInstance, method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE", path: string): boolean {
  const found = app.routePatterns.filter((route) => route.method === method);
  return found.some(({ pattern }) => pattern.test(path));
}

declare module "fastify" {
  interface FastifyInstance {
    routePatterns: { method: string; pattern: RegExp }[];
  }
}
