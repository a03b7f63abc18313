import type { Problem } from "@viralclaw/contracts/api";
import { type ErrorCode, errors } from "@viralclaw/contracts/errors";
import type { Exchanged } from "@viralclaw/embedded/wire";
import type { ApiDocument, Operation } from "./document.ts";
import type { Wired } from "./wired.ts";

/** Valid by the document, wrong in one thing, or made by somebody who looks for holes. */
export type Kind = "valid" | "near-valid" | "hostile";

export interface Verdict {
  /** The status, "cut" where a request that never ended got no answer, "none" where another did not. */
  told: string;
  /** What is wrong with the answer; undefined where nothing is. */
  fault?: string;
}

/** Holds an answer against what the document and RFC 9457 promise for the operation that the request really meets. */
export function judge(document: ApiDocument, kind: Kind, request: Wired, { answers, endedBy }: Exchanged): Verdict {
  const [answer, ...more] = answers;
  if (!answer) {
    if (endedBy === "server" && request.cutOff) return { told: "cut" };
    return { told: "none", fault: endedBy === "server" ? "the connection was closed without an answer" : "no answer in time" };
  }
  const { status, headers } = answer;
  const told = String(status);
  if (more.length > 0) return { told, fault: `one request got ${answers.length} answers` };
  if (!(status >= 200 && status < 500)) return { told, fault: `status ${status}: ${answer.body}` };
  const contentType = headers["content-type"] ?? "";
  const text = answer.body.toString("utf8");
  if (status >= 400 && /\n\s+at |node_modules|\.ts:\d/.test(text)) return { told, fault: `it tells of our code: ${text}` };
  const body = /json/.test(contentType) ? parsed(text) : text;
  const operation = operationOf(document, request);
  if (request.method === "HEAD") return { told };
  if (status >= 400) {
    const fault = problemFault(document, status, contentType, body);
    if (fault) return { told, fault: `${fault}: ${text.slice(0, 500)}` };
    if (kind === "valid" && status === 400 && !isBeyondSchemas(body as Problem))
      return { told, fault: `the document calls this valid: ${(body as Problem).detail}` };
    const { code } = body as Problem;
    if (code === "route_not_found" || code === "method_not_allowed") return { told };
  }
  const fault = operation?.faultOf(status, contentType, body);
  return { told, fault: fault && `${operation?.id}: ${fault}: ${text.slice(0, 500)}` };
}

/** What OpenAPI has no words for, and the document says in sentences: which field, and what is said of it. */
const beyondSchemas: readonly [field: RegExp, message: RegExp][] = [
  // They depend on the style that is changed, on what is uploaded (a font is smaller), and on whether the preview is of a job.
  [/^style_overrides\b/, /./],
  [/^bytes$/, /^must be at most/],
  [/^(at|shape)$/, /./],
  // The version stands in the body or in a header, and in both it is the same.
  [/^version$/, /^is missing: name the version|^is \d+, but If-Match is/],
  // What is seen of a text.
  [/^words\.\d+\.text$/, /^has nothing that can be seen$/],
  [/^glossary\.\d+$/, /^must have at least 2 characters$/],
];
const isBeyondSchemas = ({ code, errors = [] }: Problem) =>
  code === "invalid_request" &&
  errors.length > 0 &&
  errors.every(({ field, message }) => beyondSchemas.some(([name, says]) => name.test(field) && says.test(message)));

/** A problem detail is whole, says the status that it was sent with, and has a code of the catalogue that belongs to that status. */
function problemFault(document: ApiDocument, status: number, contentType: string, body: unknown): string | undefined {
  if (!contentType.startsWith("application/problem+json")) return `no problem detail but ${contentType || "nothing"}`;
  const fault = document.problemFault(body);
  if (fault) return fault;
  const { code, type, status: said, title, detail, fix } = body as Problem;
  const declared = errors[code as ErrorCode] as { status: number } | undefined;
  if (said !== status || declared?.status !== status) return `${code} came with ${status}`;
  if (type !== `/errors#${code}`) return `its type is ${type}`;
  return [title, detail, fix].some((sentence) => sentence === "" || /\{\w+\}/.test(sentence))
    ? "a sentence is not filled in"
    : undefined;
}

/** The operation whose address and method these are; undefined for any that the document does not name. */
function operationOf({ operations }: ApiDocument, { method, target }: Wired): Operation | undefined {
  const path = target.split(/[?#;]/)[0] ?? "";
  const asked = method === "HEAD" ? "GET" : method;
  return operations.find((operation) => operation.method === asked && patternOf(operation.path).test(path));
}

const patternOf = (path: string) => new RegExp(`^${path.replaceAll(".", "\\.").replace(/\{\w+\}/g, "[^/]+")}$`);

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
