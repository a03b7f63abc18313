import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { claimDir } from "../claim.ts";
import { loopback } from "../ports.ts";
import { createBucket } from "./bucket-routes.ts";
import { corsHeaders } from "./cors.ts";
import { S3Error } from "./errors.ts";
import { type Fault, type FaultSwitch, faultSwitch } from "./faults.ts";
import { type ObjectStore, openObjectStore } from "./objects.ts";
import { errorReply, sendError, sendReply } from "./reply.ts";
import { parseRequest, type S3Request } from "./request.ts";
import type { Reply } from "./route.ts";
import { findRoute } from "./routing.ts";
import { type Credentials, isSigned, verifySignature } from "./signature.ts";
import { openUploadStore, type UploadStore } from "./uploads.ts";

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
  /** How many requests have met the fault since `fail`. */
  met(): Promise<number>;
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
    for (const bucket of options.buckets ?? []) {
      if (!objects.buckets().includes(bucket)) objects.createBucket(bucket);
    }
    const faults = faultSwitch();
    const server = createServer(listener({ objects, uploads: openUploadStore(join(dir, "uploads")), faults, options }));
    // A slow upload is a slow upload: Node's limit of five minutes for a whole request is for servers on the Internet.
    server.requestTimeout = 0;
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
      met: async () => faults.met(),
      stop,
      [Symbol.asyncDispose]: stop,
    };
  } catch (error) {
    claim.release();
    throw error;
  }
}

/** Longer than clients keep idle connections, so that it is never this side that closes one just as it is used again. */
const keepAliveMs = 75_000;

interface Store {
  objects: ObjectStore;
  uploads: UploadStore;
  faults: FaultSwitch;
  options: S3Options;
}

function listener(store: Store): RequestListener {
  return async (message, response) => {
    // A body that nobody read must still flow past, or the client never gets to reading the answer.
    response.once("finish", () => message.resume());
    response.setHeader("x-amz-request-id", randomUUID());
    try {
      const request = parseRequest(message);
      const fault = store.faults.meet(request);
      if (fault?.delayMs !== undefined) await sleep(fault.delayMs);
      if (fault?.held) await fault.healed;
      if (fault?.cut) return void response.destroy();
      if (fault?.status !== undefined) {
        return await sendReply(message, response, errorReply(new S3Error("ServiceUnavailable"), fault.status));
      }
      const cors = corsFor(request, store.objects);
      for (const [name, value] of Object.entries(cors ?? {})) response.setHeader(name, value);
      const preflight = request.method === "OPTIONS";
      await sendReply(message, response, preflight ? { status: cors ? 200 : 403 } : await answer(request, store));
    } catch (error) {
      await sendError(message, response, error);
    }
  };
}

async function answer(request: S3Request, { objects, uploads, options }: Store): Promise<Reply> {
  const reads = request.key !== "" && ["GET", "HEAD"].includes(request.method);
  const isPublic = options.publicRead === true && reads && !isSigned(request);
  const payload = isPublic ? "UNSIGNED-PAYLOAD" : verifySignature(request, options, Date.now());
  const { handle } = findRoute(request);
  const mustExist = request.bucket !== "" && handle !== createBucket;
  if (mustExist && !objects.buckets().includes(request.bucket)) throw new S3Error("NoSuchBucket");
  return handle({ request, payload, objects, uploads });
}

/** Undefined if the request comes from no page, or from one that the bucket does not allow. */
function corsFor({ message, method, bucket }: S3Request, objects: ObjectStore): Record<string, string> | undefined {
  const { origin, "access-control-request-method": asked, "access-control-request-headers": headers } = message.headers;
  if (origin === undefined || !objects.buckets().includes(bucket)) return undefined;
  const rules = objects.setting(bucket, "cors");
  return rules === undefined ? undefined : corsHeaders(rules, origin, (method === "OPTIONS" ? asked : method) ?? "", headers);
}
