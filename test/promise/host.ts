import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** A host of videos on the loopback address, which answers as slowly as a test wants. */
export interface Host extends AsyncDisposable {
  /** The paths that were asked for, in order. */
  asked: string[];
  /** The requests whose client has gone without the whole answer. */
  left: string[];
  urlOf(path: string): string;
  /** Sends half of that file to whoever asks for the path, and the rest once the test says so. */
  hold(path: string, file: string): { release(): void };
  /** Whatever is not held is not there: 404. The listener hears of each request. */
  onRequest(listener: (path: string) => void): void;
}

export async function startHost(): Promise<Host> {
  const held = new Map<string, { file: string; released: Promise<void> }>();
  const asked: string[] = [];
  const left: string[] = [];
  const listeners: ((path: string) => void)[] = [];
  const server = createServer(async ({ url = "" }, response) => {
    asked.push(url);
    response.once("close", () => void (response.writableFinished || left.push(url)));
    for (const listener of listeners) listener(url);
    const video = held.get(url);
    if (!video) return void response.writeHead(404).end();
    await answerSlowly(response, await readFile(video.file), video.released);
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const { port } = server.address() as AddressInfo;
  return {
    asked,
    left,
    urlOf: (path) => `http://127.0.0.1:${port}${path}`,
    hold(path, file) {
      const { promise, resolve } = Promise.withResolvers<void>();
      held.set(path, { file, released: promise });
      return { release: resolve };
    },
    onRequest: (listener) => void listeners.push(listener),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
    },
  };
}

async function answerSlowly(response: ServerResponse, video: Buffer, released: Promise<void>): Promise<void> {
  const half = Math.floor(video.length / 2);
  response.writeHead(200, { "content-type": "video/mp4", "content-length": video.length });
  response.write(video.subarray(0, half));
  await released;
  response.end(video.subarray(half));
}
