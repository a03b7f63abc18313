import type { Readable } from "node:stream";
import type { ObjectStore } from "./objects.ts";
import type { S3Request } from "./request.ts";
import type { UploadStore } from "./uploads.ts";
import type { XmlElement } from "./xml.ts";
import { xmlDocument } from "./xml.ts";

/** What a handler works on: one request, its signature checked. */
export interface Call {
  request: S3Request;
  /** What the signature says about the body. */
  payload: string;
  objects: ObjectStore;
  uploads: UploadStore;
}

/** What a handler answers. A length need not be given for a text. */
export interface Reply {
  status: number;
  headers?: Record<string, string>;
  body?: string | Readable;
}

export type Handler = (call: Call) => Reply | Promise<Reply>;

/** One row of the routing table. */
export interface Route {
  /** What the path names: nothing, a bucket, or an object in it. */
  on: "service" | "bucket" | "object";
  method: string;
  /** The query parameter that turns the plain operation into another one, if it is another one. */
  with?: string;
  handle: Handler;
}

export function xmlReply(root: string, children: readonly XmlElement[]): Reply {
  return { status: 200, headers: { "content-type": "application/xml" }, body: xmlDocument(root, children) };
}
