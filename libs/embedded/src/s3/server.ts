import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { join, resolve } from "node:path";
import { pipeline } from "node:stream/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { claimDir } from "../claim.ts";
import { loopback } from "../ports.ts";
import { bucketRoutes, createBucket } from "./bucket-routes.ts";
import { corsHeaders } from "./cors.ts";
import { S3Error } from "./errors.ts";
import { type Fault, faultSwitch } from "./faults.ts";
import { objectRoutes } from "./object-routes.ts";
import { openObjectStore } from "./objects.ts";
import { parseRequest, type S3Request } from "./request.ts";
import type { Reply, Route } from "./route.ts";
import { type Credentials, isSigned, verifySignature } from "./signature.ts";
import { uploadRoutes } from "./upload-routes.ts";
import { openUploadStore } from "./uploads.ts";
import { xmlDocument } from "./xml.ts";

export interface S3Options extends Credentials {
  /** Buckets, objects and open uploads; made if missing, and what is there is kept. */
  dir: string;
  /** A free one if left out. */
  port?: number;
  /** Made if missing. */
  buckets?: readonly string[];
  /** Answer unsigned GET and HEAD of objects, as an R2 bucket behind a public domain does. Off by default. */
  publicRead?: boolean;
}

export interface S3Server extends AsyncDisposable {
  /** The endpoint for an S3 client that is told to use path style. The region is `auto`. */
  url: string;
  port: number;
  /** Makes the store misbehave until `heal`. In force once this resolves. */
  fail(fault: Fault): Promise<void>;
  heal(): Promise<void>;
  stop(): Promise<void>;
}

/**
 * Starts an S3 server in this process, on the loopback address. It is strict where R2 is: it checks signatures, lengths
 * and checksums, refuses what R2 refuses, and answers 501 to what it does not do.
 *
 * @throws if `dir` is in use or the port taken.
 */
export async function startS3(options: S3Options): Promise<S3Server> {
  const dir = resolve(options.dir);
  const claim = await claimDir(dir, "s3");
  try {
    const objects = openObjectStore(dir);
    const uploads = openUploadStore(join(dir, "uploads"));
    for (const bucket of options.buckets ?? []) {
      if (!objects.buckets().includes(bucket)) objects.createBucket(bucket);
    }
    const faults = faultSwitch();

    const answer = async (request: S3Request, cors: Record<string, string>): Promise<Reply> => {
      if (request.method === "OPTIONS") return Object.keys(cors).length > 0 ? { status: 200 } : { status: 403 };
      const isPublic =
        options.publicRead === true && !isSigned(request) && request.key !== "" && ["GET", "HEAD"].includes(request.method);
      const payload = isPublic ? "UNSIGNED-PAYLOAD" : verifySignature(request, options, Date.now());
      const route = findRoute(request);
      if (request.bucket !== "" && route.handle !== createBucket && !objects.buckets().includes(request.bucket))
        throw new S3Error("NoSuchBucket");
      return route.handle({ request, payload, objects, uploads });
    };
    const corsFor = (request: S3Request): Record<string, string> => {
      const { origin } = request.message.headers;
      const rules =
        origin === undefined || !objects.buckets().includes(request.bucket) ? undefined : objects.setting(request.bucket, "cors");
      if (origin === undefined || rules === undefined) return {};
      const method = request.method === "OPTIONS" ? request.message.headers["access-control-request-method"] : request.method;
      return corsHeaders(rules, origin, method ?? "", request.message.headers["access-control-request-headers"]) ?? {};
    };

    const server = createServer(async (message, response) => {
      // A body that nobody read must still flow past, or the client never gets to reading the answer.
      response.once("finish", () => message.resume());
      response.setHeader("x-amz-request-id", randomUUID());
      try {
        const request = parseRequest(message);
        const fault = faults.meet(request);
        if (fault?.delayMs !== undefined) await sleep(fault.delayMs);
        if (fault?.cut) return void response.destroy();
        if (fault?.status !== undefined)
          return await send(response, message, errorReply(new S3Error("ServiceUnavailable"), fault.status));
        const cors = corsFor(request);
        for (const [name, value] of Object.entries(cors)) response.setHeader(name, value);
        await send(response, message, await answer(request, cors));
      } catch (error) {
        await sendError(response, message, error);
      }
    });
    // A slow upload is a slow upload: Node's limit of five minutes for a whole request is for servers on the Internet.
    server.requestTimeout = 0;
    // Longer than clients keep idle connections, so that it is never this side that closes one just as it is used again.
    server.keepAliveTimeout = keepAliveMs;
    server.listen(options.port ?? 0, loopback);
    await once(server, "listening");
    const address = server.address();
    const port = address !== null && typeof address === "object" ? address.port : 0;
    const stop = async () => {
      if (!server.listening) return;
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      await closed;
      claim.release();
    };
    return {
      url: `http://${loopback}:${port}`,
      port,
      fail: async (fault) => faults.fail(fault),
      heal: async () => faults.heal(),
      stop,
      [Symbol.asyncDispose]: stop,
    };
  } catch (error) {
    claim.release();
    throw error;
  }
}

const keepAliveMs = 75_000;

const routes: readonly Route[] = [...bucketRoutes, ...uploadRoutes, ...objectRoutes];

/**
 * Query parameters that turn a plain operation into another one. Those that no route names are refused, since ignoring
 * them would do the plain operation instead: `PUT ?tagging` would overwrite the object with its tags.
 */
const subresources: ReadonlySet<string> = new Set([
  ...routes.flatMap((route) => route.with ?? []),
  ...[
    "accelerate",
    "acl",
    "analytics",
    "attributes",
    "encryption",
    "intelligent-tiering",
    "inventory",
    "legal-hold",
    "logging",
    "metrics",
  ],
  ...[
    "notification",
    "object-lock",
    "ownershipControls",
    "policy",
    "policyStatus",
    "publicAccessBlock",
    "replication",
    "requestPayment",
  ],
  ...["restore", "retention", "select", "tagging", "torrent", "versionId", "versioning", "versions", "website"],
]);

function findRoute(request: S3Request): Route {
  const on = request.bucket === "" ? "service" : request.key === "" ? "bucket" : "object";
  const subresource = request.query.map(([name]) => name).find((name) => subresources.has(name));
  const here = routes.filter((route) => route.on === on && route.with === subresource);
  const route = here.find(({ method }) => method === request.method);
  if (route) return route;
  if (here.length > 0 || subresource === undefined) throw new S3Error("MethodNotAllowed");
  throw new S3Error("NotImplemented", `This server does not do ?${subresource} here.`);
}

async function send(response: ServerResponse, message: IncomingMessage, reply: Reply): Promise<void> {
  const { status, headers = {}, body } = reply;
  const hasNoBody = status === 204 || status === 304;
  const length =
    typeof body === "string"
      ? { "content-length": Buffer.byteLength(body) }
      : body === undefined && !hasNoBody
        ? { "content-length": 0 }
        : {};
  response.writeHead(status, { ...length, ...headers });
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

async function sendError(response: ServerResponse, message: IncomingMessage, error: unknown): Promise<void> {
  if (response.headersSent || response.destroyed) return void response.destroy();
  if (error instanceof S3Error) return send(response, message, errorReply(error));
  console.error(error);
  return send(response, message, errorReply(new S3Error("InternalError")));
}

function errorReply(error: S3Error, status: number = error.status): Reply {
  const body = xmlDocument(
    "Error",
    [
      ["Code", error.code],
      ["Message", error.message],
    ],
    "",
  );
  return { status, headers: { "content-type": "application/xml", ...error.headers }, body };
}
