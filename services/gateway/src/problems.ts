import { trace } from "@opentelemetry/api";
import { Problem } from "@viralclaw/contracts/api";
import { DeclaredError, type ErrorCode, type ErrorParams, errors, explain } from "@viralclaw/contracts/errors";
import { limits } from "@viralclaw/contracts/limits";
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest, FastifySchemaCompiler } from "fastify";
import type * as z from "zod";
import { errorsPath } from "./routes/errors.ts";
import { sentenceOf } from "./sentences.ts";

/** Every error answer is a problem detail (RFC 9457) of the error catalogue, whatever went wrong and wherever. */
export const problemType = "application/problem+json";

interface FieldError {
  field: string;
  message: string;
}

/** An error that some fields of the request are to blame for. */
class FieldsError extends DeclaredError {
  readonly fields: FieldError[];
  constructor(fields: FieldError[], ...[code, params, options]: ConstructorParameters<typeof DeclaredError>) {
    super(code, params, options);
    this.fields = fields;
  }
}

/** A request whose fields are wrong: all of them are named, or the first and how many more there are. */
export class InvalidRequest extends FieldsError {
  constructor(fields: FieldError[]) {
    const told = fields.slice(0, limits.maxFieldErrors);
    const more = fields.length > told.length ? `; and ${fields.length - told.length} more` : "";
    super(told, "invalid_request", { reason: told.map(({ field, message }) => `${field} ${message}`).join("; ") + more });
  }
}

/** The same error, with the field of the request that names what it is about. */
export const onField = (field: string, { code, params, cause }: DeclaredError): DeclaredError =>
  new FieldsError([{ field, message: explain(code, params).detail }], code, params, { cause });

/** Parses what a schema describes, which is the request or what lies at `path` of it. Throws InvalidRequest. */
export function parse<S extends z.ZodType>(schema: S, given: unknown, path?: string): z.infer<S> {
  const parsed = tried(schema, given, path);
  if (parsed.error) throw parsed.error;
  return parsed.value as z.infer<S>;
}

function tried(schema: z.ZodType, given: unknown, path?: string): { value?: unknown; error?: InvalidRequest } {
  const { success, data, error } = schema.safeParse(given, { error: sentenceOf });
  return success ? { value: data } : { error: new InvalidRequest(error.issues.flatMap((issue) => fieldErrors(issue, path))) };
}

/** For Fastify: what a route's schemas describe is parsed in the same way, in the same words. */
export const validatorCompiler: FastifySchemaCompiler<unknown> = (route) => (given) => tried(route.schema as z.ZodType, given);

/** For routes that parse their body themselves: it is a form, or something comes before it. */
export const allButBody: FastifySchemaCompiler<unknown> = (route) =>
  route.httpPart === "body" ? (value) => ({ value }) : validatorCompiler(route);

/** The error answers a route may give, for its OpenAPI entry: the codes by status, plus those that any route may give. */
export function problemResponses(...codes: ErrorCode[]) {
  const all: ErrorCode[] = [...codes, ...anyErrors];
  const statuses = [...new Set(all.map((code) => errors[code].status))].sort();
  return Object.fromEntries(
    statuses.map((status) => {
      const ofStatus = all.filter((code) => errors[code].status === status);
      const description = ofStatus.map((code) => `\`${code}\`: ${errors[code].title}`).join("\n\n");
      return [status, { description, content: { [problemType]: { schema: Problem } } }];
    }),
  );
}

/** What any request may meet, whatever it asks for. */
const anyErrors = [
  "malformed_request",
  "request_timeout",
  "headers_too_large",
  "internal_error",
  "service_unavailable",
] as const satisfies ErrorCode[];

/** The error codes of every method that reads a body, whether the route wants one or not. */
export const bodyErrors = ["malformed_body", "body_too_large", "unsupported_content_type"] as const satisfies ErrorCode[];

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
  const { status } = errors[code];
  const problem: Problem = {
    ...problemOf(code, params),
    instance: request.url.split("?")[0] ?? request.url,
    trace_id: trace.getActiveSpan()?.spanContext().traceId,
    errors: fields,
  };
  if (status === 401) reply.header("www-authenticate", 'ApiKey realm="viralclaw", header="X-API-Key"');
  if (status === 503) reply.header("retry-after", retryAfterSeconds);
  return reply.code(status).type(problemType).serializer(JSON.stringify).send(problem);
}

const retryAfterSeconds = 5;

/** What a problem detail says of an error, whoever met it. */
export function problemOf(code: ErrorCode, params: ErrorParams = {}): Problem {
  return { type: `${errorsPath}#${code}`, ...explain(code, params) };
}

/** Installs the answers for errors thrown, addresses that do not exist and methods they do not take. */
export function handleProblems(app: FastifyInstance): void {
  app.setErrorHandler((thrown: FastifyError, request, reply) => {
    const error = declaredOf(thrown, request);
    if (errors[error.code].status >= 500) request.log.error({ err: error.cause ?? error }, "a request failed");
    return sendProblem(request, reply, error.code, error.params, error instanceof FieldsError ? error.fields : undefined);
  });

  app.setNotFoundHandler((request, reply) => {
    const { method } = request;
    const path = request.url.split("?")[0] ?? "";
    const allowed = methodsOf(app, path);
    if (allowed === "") return sendProblem(request, reply, "route_not_found", { method, path });
    reply.header("allow", allowed);
    return sendProblem(request, reply, "method_not_allowed", { method, path, allowed });
  });
}

/** Whatever a route or Fastify throws, as one of the catalogue. */
function declaredOf(thrown: FastifyError, request: FastifyRequest): DeclaredError {
  if (thrown instanceof DeclaredError) return thrown;
  const known = knownErrors[thrown.code];
  if (known) return known(request);
  // Nobody reads this answer; it keeps a client that hung up from being logged as a fault of ours.
  if (request.raw.destroyed && !request.raw.complete)
    return new DeclaredError("malformed_request", { reason: "The connection was closed before the request ended." });
  if (isClientsFault(thrown))
    return new DeclaredError("malformed_request", { reason: "It cannot be understood." }, { cause: thrown });
  return isDatabaseAway(thrown)
    ? new DeclaredError("service_unavailable", { part: "database" }, { cause: thrown })
    : new DeclaredError("internal_error", {}, { cause: thrown });
}

/** Fastify's errors that are not told apart below. */
const isClientsFault = ({ code = "", statusCode = 500 }: FastifyError) => code.startsWith("FST_") && statusCode < 500;

/** Whether pg threw it since Postgres does not answer now, or no connection to it is free: another try may do better. */
export function isDatabaseAway({ code = "", name, message }: Error & { code?: string }): boolean {
  return unavailable.test(`${code} ${name}`) || nameless.test(message);
}

/** Refused and cut connections, start-up and shutdown (class 57P). */
const unavailable = /ECONNREFUSED|ECONNRESET|ETIMEDOUT|57P0\d|08\d{3}|timeout/i;
/** What pg and pg-pool throw as a plain Error. */
const nameless = /^(timeout exceeded when trying to connect|Connection terminated)/;

const malformed = (reason: string) => () => new DeclaredError("malformed_body", { reason });

/** Fastify's own errors, as ours. */
const knownErrors: Record<string, (request: FastifyRequest) => DeclaredError> = {
  FST_ERR_CTP_INVALID_MEDIA_TYPE: ({ headers }) =>
    new DeclaredError("unsupported_content_type", { content_type: headers["content-type"] ?? "a body without content type" }),
  // Of the method QUERY, before it is found that no address takes it.
  FST_ERR_ROUTE_MISSING_CONTENT_TYPE: () =>
    new DeclaredError("unsupported_content_type", { content_type: "a body without content type" }),
  FST_ERR_CTP_BODY_TOO_LARGE: ({ routeOptions }) =>
    new DeclaredError("body_too_large", { max_bytes: routeOptions.bodyLimit ?? limits.maxJsonBodyBytes }),
  FST_ERR_CTP_EMPTY_JSON_BODY: malformed("The body is empty."),
  FST_ERR_CTP_INVALID_JSON_BODY: malformed("The body is not valid JSON."),
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: malformed("The body is not as long as Content-Length says."),
};

/** One entry for each wrong field; of keys that are not known, one for each key. */
function fieldErrors(issue: z.core.$ZodIssue, at?: string): FieldError[] {
  const path = [at, ...issue.path].filter((part) => part !== undefined).join(".");
  if (issue.code === "unrecognized_keys")
    return issue.keys.map((key) => ({ field: [path, key].filter(Boolean).join("."), message: "is not a field of this request" }));
  return [{ field: path || "body", message: issue.message }];
}

/** The methods that an address takes, as the header Allow wants them; empty for an address that there is not. */
function methodsOf(app: FastifyInstance, path: string): string {
  return app.routePatterns
    .filter(({ method, pattern }) => method !== "HEAD" && pattern.test(path))
    .map(({ method }) => method)
    .join(", ");
}

declare module "fastify" {
  interface FastifyInstance {
    routePatterns: { method: string; pattern: RegExp }[];
  }
}
