import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { type Envelope, envelopeOf, findPiece, stepMs } from "./envelope.ts";
import { answerBody, type KnownWord, languageNameOf } from "./groq-answer.ts";
import { errorBodies, Refusal, readTranscriptionRequest, type TranscriptionRequest } from "./groq-request.ts";
import { decodePcm } from "./pcm.ts";

/**
 * A stand-in for Groq's speech API, for machines without a key or without a network: the same wire format, the same refusals,
 * spoken to the real SDK. It recognises nothing: it knows a few recordings with their words and finds out which one, or which
 * piece of one, it was sent.
 */
export interface KnownAudio {
  /** A path that ffmpeg reads, or mono samples at 16 kHz. */
  audio: string | Int16Array;
  /** As they should be shown, with their punctuation. */
  words: readonly KnownWord[];
  /** ISO 639-1. */
  language: string;
}

export interface GroqStandInOptions {
  known: readonly KnownAudio[];
  apiKey: string;
  /** A free one by default. */
  port?: number;
  host?: string;
  models?: readonly string[];
  maxFileBytes?: number;
}

/** What goes wrong, instead of an answer. */
export type Fault =
  | { kind: "rate limited"; retryAfterSeconds: number }
  /** A quota that is used up, which Groq reports as 413. */
  | { kind: "quota" }
  | { kind: "status"; status: number }
  | { kind: "slow"; ms: number }
  /** The connection ends in the middle of the answer. */
  | { kind: "cut" }
  /** 200, with something that is no transcription. */
  | { kind: "garbage" };

export interface GroqStandIn extends AsyncDisposable {
  /** To be set as GROQ_BASE_URL. */
  url: string;
  /** What was asked so far, and the status of each answer; the API key is not kept. */
  requests: (Partial<TranscriptionRequest> & { status: number })[];
  /** Lets the next `times` requests fail in this way; none heals it. */
  setFault(fault: Fault | undefined, times?: number): void;
  /** Teaches it another recording. */
  learn(known: KnownAudio): Promise<void>;
  stop(): Promise<void>;
}

/** Starts the stand-in. Throws where a known recording cannot be decoded. */
export async function startGroqStandIn(options: GroqStandInOptions): Promise<GroqStandIn> {
  const { apiKey, port = 0, host = "127.0.0.1", models = groqModels, maxFileBytes = 25 * 1024 * 1024 } = options;
  const recordings: Recording[] = await Promise.all(options.known.map(prepare));
  const requests: GroqStandIn["requests"] = [];
  let fault: Fault | undefined;
  let timesLeft = 0;

  const server = createServer(async (request, response) => {
    const entry: GroqStandIn["requests"][number] = { status: 0 };
    requests.push(entry);
    try {
      const body = await readAll(request);
      const present = timesLeft-- > 0 ? fault : undefined;
      if (present?.kind === "slow") await pause(present.ms, response);
      else if (present) return fail(present, response, entry);
      Object.assign(entry, await readTranscriptionRequest(request, body, { apiKey, models, maxFileBytes }));
      const answer = await recognise(entry as TranscriptionRequest, recordings);
      reply(response, entry, 200, answer);
    } catch (error) {
      if (error instanceof Refusal) reply(response, entry, error.status, error.body);
      else
        reply(response, entry, 500, {
          error: { message: `stand-in: ${(error as Error).message}`, type: "internal_server_error" },
        });
    }
  });
  await once(server.listen(port, host), "listening");

  const stop = async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  return {
    url: `http://${host}:${(server.address() as AddressInfo).port}`,
    requests,
    setFault(next, times = Number.POSITIVE_INFINITY) {
      fault = next;
      timesLeft = next ? times : 0;
    },
    async learn(known) {
      recordings.push(await prepare(known));
    },
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

export const groqModels = ["whisper-large-v3-turbo", "whisper-large-v3"] as const;

interface Recording {
  envelope: Envelope;
  words: readonly KnownWord[];
  language: string;
}

async function prepare({ audio, words, language }: KnownAudio): Promise<Recording> {
  const samples = typeof audio === "string" ? await decodePcm(audio) : audio;
  languageNameOf(language);
  return { envelope: envelopeOf(samples), words, language };
}

/** Two encodings of one recording are alike by 0.99; other speech, by under 0.6. */
const leastLikeness = 0.9;
/** Louder than this (root mean square, of 32,768) somewhere, or it is silence: -50 dB. */
const silentBelow = 100;

async function recognise(request: TranscriptionRequest, recordings: readonly Recording[]) {
  const samples = await decodePcm(request.file).catch(() => {
    throw new Refusal(400, errorBodies.unreadable);
  });
  const durationMs = samples.length / 16;
  const piece = envelopeOf(samples);
  if (piece.every((loudness) => loudness < silentBelow)) {
    return answerBody(request, { words: [], language: request.language ?? "en", durationMs });
  }
  const places = recordings.map((recording) => ({ recording, ...findPiece(piece, recording.envelope) }));
  const best = places.sort((a, b) => b.likeness - a.likeness)[0];
  if (!best || best.likeness < leastLikeness) {
    const likeness = best ? `; the nearest is alike by ${best.likeness.toFixed(2)}` : "";
    const message = `stand-in: none of the ${recordings.length} known recordings is this audio of ${durationMs} ms${likeness}`;
    throw new Refusal(400, { error: { message, type: "invalid_request_error" } });
  }
  const endMs = best.offsetMs + piece.length * stepMs;
  const words = best.recording.words
    .filter(({ start_ms, end_ms }) => (start_ms + end_ms) / 2 >= best.offsetMs && (start_ms + end_ms) / 2 < endMs)
    .map((word) => ({ ...word, start_ms: word.start_ms - best.offsetMs, end_ms: word.end_ms - best.offsetMs }));
  return answerBody(request, { words, language: request.language ?? best.recording.language, durationMs });
}

function fail(fault: Exclude<Fault, { kind: "slow" }>, response: ServerResponse, entry: { status: number }) {
  if (fault.kind === "rate limited") {
    response.setHeader("retry-after", fault.retryAfterSeconds);
    return reply(response, entry, 429, errorBodies.rateLimited);
  }
  if (fault.kind === "quota") return reply(response, entry, 413, errorBodies.quota);
  if (fault.kind === "status") {
    return reply(response, entry, fault.status, { error: { message: "Service Unavailable", type: "internal_server_error" } });
  }
  if (fault.kind === "garbage") return reply(response, entry, 200, { hello: "world" });
  response.setHeader("content-length", 1000).write('{"text":" Ol', () => response.destroy());
}

function reply(response: ServerResponse, entry: { status: number }, status: number, body: object | string) {
  entry.status = status;
  const text = typeof body === "string" ? body : JSON.stringify(body);
  response.writeHead(status, {
    "content-type": typeof body === "string" ? "text/plain" : "application/json",
    "x-request-id": `req_${randomUUID().replaceAll("-", "")}`,
    "x-ratelimit-limit-requests": "2000",
    "x-ratelimit-remaining-requests": "1999",
    "x-ratelimit-reset-requests": "43.2s",
  });
  response.end(text);
}

/** Ends early where the client goes away. */
async function pause(ms: number, response: ServerResponse): Promise<void> {
  const gone = new AbortController();
  response.once("close", () => gone.abort());
  await sleep(ms, undefined, { signal: gone.signal }).catch(() => undefined);
}

async function readAll(request: IncomingMessage): Promise<Buffer<ArrayBuffer>> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks);
}
