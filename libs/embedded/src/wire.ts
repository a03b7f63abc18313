import { connect, type Socket } from "node:net";

/** HTTP/1.1 as bytes on a socket: for requests that no client of good manners sends. */

export interface Answer {
  status: number;
  /** Names in lower case; of a repeated one, the last. */
  headers: Record<string, string>;
  body: Buffer;
}

export interface Exchanged {
  answers: Answer[];
  /** Who ended the connection: the server, or this side because `withinMs` had passed. */
  endedBy: "server" | "client";
  /** From connecting to the end. */
  ms: number;
}

export interface ExchangeOptions {
  withinMs: number;
  /** An answer to HEAD has a length and no body. */
  bodiless?: boolean;
  /** The client's end of the connection is closed behind the last byte, as `half-close` does. */
  halfClose?: boolean;
  /** Ends the connection by itself when so many answers have come. */
  enough?: number;
}

/** Sends pieces as they are, each when the iterable gives it, and collects what comes back until one side ends the connection. */
export function exchange(
  url: string,
  pieces: Iterable<Uint8Array | string> | AsyncIterable<Uint8Array | string>,
  { withinMs, bodiless = false, halfClose = false, enough = Number.POSITIVE_INFINITY }: ExchangeOptions,
): Promise<Exchanged> {
  const { hostname, port } = new URL(url);
  const begun = performance.now();
  return new Promise((resolve) => {
    const received: Buffer[] = [];
    const socket = connect(Number(port), hostname, () => void send(socket, pieces, halfClose));
    const end = (endedBy: Exchanged["endedBy"]) => {
      clearTimeout(timer);
      socket.destroy();
      const { answers } = readAnswers(Buffer.concat(received), bodiless);
      resolve({ answers, endedBy, ms: Math.round(performance.now() - begun) });
    };
    const timer = setTimeout(end, withinMs, "client");
    socket.on("data", (data) => {
      received.push(data);
      if (enough !== Number.POSITIVE_INFINITY && readAnswers(Buffer.concat(received), bodiless).answers.length >= enough)
        end("client");
    });
    // A server that has answered may refuse the rest: what it said before counts.
    socket.on("error", () => undefined);
    socket.on("close", () => end("server"));
  });
}

async function send(
  socket: Socket,
  pieces: Iterable<Uint8Array | string> | AsyncIterable<Uint8Array | string>,
  halfClose: boolean,
): Promise<void> {
  for await (const piece of pieces) {
    if (socket.destroyed || !socket.writable) return;
    if (!socket.write(piece)) await new Promise((resolve) => socket.once("drain", resolve).once("close", resolve));
  }
  if (halfClose) socket.end();
}

/** The whole answers in these bytes; one that is not whole is left out, as are interim ones (1xx). */
function readAnswers(bytes: Buffer, bodiless: boolean): { answers: Answer[] } {
  const answers: Answer[] = [];
  for (let at = 0; at < bytes.length; ) {
    const headEnd = bytes.indexOf("\r\n\r\n", at);
    if (headEnd < 0) break;
    const [statusLine = "", ...lines] = bytes.toString("latin1", at, headEnd).split("\r\n");
    const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(statusLine)?.[1] ?? Number.NaN);
    const headers = Object.fromEntries(
      lines.map((line) => [line.slice(0, line.indexOf(":")).toLowerCase(), line.slice(line.indexOf(":") + 1).trim()]),
    );
    at = headEnd + 4;
    if (status >= 100 && status < 200) continue;
    const hasBody = !bodiless && status !== 204 && status !== 304;
    const read = hasBody ? readBody(bytes, at, headers) : { body: Buffer.alloc(0), next: at };
    if (!read) break;
    answers.push({ status, headers, body: read.body });
    at = read.next;
  }
  return { answers };
}

function readBody(bytes: Buffer, from: number, headers: Record<string, string>): { body: Buffer; next: number } | undefined {
  if (headers["transfer-encoding"] !== "chunked") {
    const next = from + Number(headers["content-length"] ?? bytes.length - from);
    return next <= bytes.length ? { body: bytes.subarray(from, next), next } : undefined;
  }
  const chunks: Buffer[] = [];
  for (let at = from; ; ) {
    const lineEnd = bytes.indexOf("\r\n", at);
    if (lineEnd < 0) return undefined;
    const size = Number.parseInt(bytes.toString("latin1", at, lineEnd), 16);
    at = lineEnd + 2 + size + 2;
    if (at > bytes.length || Number.isNaN(size)) return undefined;
    if (size === 0) return { body: Buffer.concat(chunks), next: at };
    chunks.push(bytes.subarray(lineEnd + 2, at - 2));
  }
}
