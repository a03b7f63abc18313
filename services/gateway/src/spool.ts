import { createWriteStream } from "node:fs";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { limits } from "@viralclaw/contracts/limits";
import { openWorkspace, type Workspace } from "@viralclaw/media/workspace";
import type { FastifyRequest } from "fastify";
import type { FileSink } from "./form.ts";

/**
 * Where a posted file lies until the whole form has come and was found good. On disk: sent on as it comes, in parts, it would
 * take 5 MB or more of memory, and a hundred slow customers may send at once.
 */
export interface Spool extends AsyncDisposable {
  /** Where the file is, once one was written. */
  readonly file: string;
  /** Throws disk_full where there is no room for the request's body. */
  write: FileSink;
}

/** A spool for one request, named after the job to be; what was written is gone when it is disposed of. */
export function openSpool(request: FastifyRequest, jobId: string, workDir: string): Spool {
  const roomBytes = Number(request.headers["content-length"] ?? limits.maxVideoBytes);
  let workspace: Workspace | undefined;
  const file = () => join(workspace?.dir ?? "", "source");
  return {
    get file() {
      return file();
    },
    async write(chunks, signal) {
      workspace = await openWorkspace(workDir, jobId, { roomBytes });
      await pipeline(Readable.from(chunks, { objectMode: false }), createWriteStream(file()), { signal });
    },
    [Symbol.asyncDispose]: async () => workspace?.[Symbol.asyncDispose](),
  };
}
