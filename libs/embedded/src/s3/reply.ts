import type { IncomingMessage, ServerResponse } from "node:http";
import { pipeline } from "node:stream/promises";
import { S3Error } from "./errors.ts";
import type { Reply } from "./route.ts";
import { xmlDocument } from "./xml.ts";

/** Writes an answer; for a HEAD, all of it but the body. */
export async function sendReply(message: IncomingMessage, response: ServerResponse, reply: Reply): Promise<void> {
  const { status, headers = {}, body } = reply;
  response.writeHead(status, { ...lengthOf(reply), ...headers });
  if (body === undefined || typeof body === "string" || message.method === "HEAD") {
    response.end(message.method === "HEAD" ? undefined : body);
    return;
  }
  try {
    await pipeline(body, response);
  } catch (error) {
    // The client went away half way: its own affair.
    if ((error as NodeJS.ErrnoException).code !== "ERR_STREAM_PREMATURE_CLOSE") throw error;
  }
}

/** Writes whatever was thrown as an S3 error; what is not one is a fault of this server and is logged. */
export async function sendError(message: IncomingMessage, response: ServerResponse, error: unknown): Promise<void> {
  if (response.headersSent || response.destroyed) return void response.destroy();
  if (!(error instanceof S3Error)) console.error(error);
  await sendReply(message, response, errorReply(error instanceof S3Error ? error : new S3Error("InternalError")));
}

export function errorReply(error: S3Error, status: number = error.status): Reply {
  const code = ["Code", error.code] as const;
  const text = ["Message", error.message] as const;
  const body = xmlDocument("Error", [code, text], "");
  return { status, headers: { "content-type": "application/xml", ...error.headers }, body };
}

function lengthOf({ status, body }: Reply): { "content-length"?: number } {
  if (typeof body === "string") return { "content-length": Buffer.byteLength(body) };
  return body === undefined && status !== 204 && status !== 304 ? { "content-length": 0 } : {};
}
