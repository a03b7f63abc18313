import { type IncomingMessage, type Server, type ServerResponse, STATUS_CODES } from "node:http";
import type { Socket } from "node:net";
import { type ErrorCode, type ErrorParams, errors } from "@viralclaw/contracts/errors";
import { limits } from "@viralclaw/contracts/limits";
import type { Log } from "@viralclaw/runtime/log";
import { problemOf, problemType } from "./problems.ts";

/** How long a client may take. */
export interface RequestTimeouts {
  /** From the connection, or the end of the request before, to the last header. */
  headersMs: number;
  /** To the last byte of the body. */
  requestMs: number;
}

/**
 * Fastify's clientErrorHandler. What Node refuses before a route could is a problem detail too: requests that are no HTTP, are too
 * large or too slow. Node's own answers to them are short texts. The connection is closed with the answer.
 */
export function clientErrorHandler(log: Log, timeouts: RequestTimeouts) {
  return (error: NodeJS.ErrnoException, socket: Socket): void => {
    const { code, params } = refusalOf(error, timeouts);
    log.info({ status: errors[code].status, cause: error.code, ip: socket.remoteAddress }, "a request that could not be read");
    const response = answering.get(socket);
    const isAnswered = response?.writableFinished === true;
    const isWhole = response?.req.complete === true;
    if (error.code === "ECONNRESET" || !socket.writable) socket.destroy();
    // The fault is in what came behind a whole request: that one is answered first.
    else if (response && isWhole && !isAnswered) response.once("finish", () => refuse(socket, code, params));
    // An answer that was given, or begun, before the body had come: a second one would be taken for another request's, or a part of it.
    else if (response?.headersSent && !isWhole) socket.destroy();
    else refuse(socket, code, params);
  };
}

/** The last answer that was begun on a connection. */
const answering = new WeakMap<Socket, ServerResponse>();

/** What Node's server tells beside: which answer a connection is at, and the requests that it would refuse in its own words. */
export function listenBesideRoutes(server: Server): void {
  server.on("request", (request: IncomingMessage, response: ServerResponse) => answering.set(request.socket, response));
  // CONNECT asks for a tunnel. Without a listener, Node hangs up without a word.
  server.on("connect", (_: IncomingMessage, socket: Socket) =>
    refuse(socket, "malformed_request", { reason: "CONNECT is for proxies; this is none." }),
  );
  // "Expect: 100-continue" is Node's own affair. Any other may be passed over (RFC 9110, 10.1.1); Node would answer an empty 417.
  server.on("checkExpectation", (request: IncomingMessage, response: ServerResponse) =>
    server.emit("request", request, response),
  );
}

function refusalOf(
  { code }: NodeJS.ErrnoException,
  { headersMs, requestMs }: RequestTimeouts,
): { code: ErrorCode; params: ErrorParams } {
  if (code === "HPE_HEADER_OVERFLOW") return { code: "headers_too_large", params: { max_bytes: limits.maxHeaderBytes } };
  if (code === "ERR_HTTP_REQUEST_TIMEOUT")
    return { code: "request_timeout", params: { headers_s: headersMs / 1000, request_s: requestMs / 1000 } };
  const reason = reasons[code ?? ""] ?? "It is not valid HTTP/1.1.";
  return { code: "malformed_request", params: { reason } };
}

/** By the code of Node's parser, where it is worth telling. */
const reasons: Record<string, string> = {
  HPE_INVALID_METHOD: "It does not begin with a method that there is.",
  HPE_INVALID_EOF_STATE: "The connection was closed before the request ended.",
  HPE_INVALID_CONTENT_LENGTH: "Its Content-Length is not one number.",
  HPE_UNEXPECTED_CONTENT_LENGTH: "It has more than one length.",
  HPE_INVALID_TRANSFER_ENCODING: "Its Transfer-Encoding is not one that can be read.",
  HPE_INVALID_CHUNK_SIZE: "A chunk of its body has no valid size.",
  HPE_INVALID_HEADER_TOKEN: "A header has a character that headers may not have.",
};

function refuse(socket: Socket, code: ErrorCode, params: ErrorParams): void {
  const problem = problemOf(code, params);
  const body = JSON.stringify(problem);
  const head = [
    `HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status]}`,
    `content-type: ${problemType}`,
    `content-length: ${Buffer.byteLength(body)}`,
    "connection: close",
  ];
  socket.end(`${head.join("\r\n")}\r\n\r\n${body}`, () => socket.destroy());
}
