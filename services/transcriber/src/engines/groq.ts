import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { DeclaredError } from "@viralclaw/contracts/errors";
import { ffmpeg } from "@viralclaw/media/ffmpeg";
import Groq from "groq-sdk";
import { rawSpeechFormat, type Speech, speechRateHz } from "../speech.ts";
import type { Recognised, RecogniseOptions, SpeechEngine } from "./engine.ts";
import { readAnswer } from "./groq-answer.ts";
import { askWithRetries, type RetryPolicy } from "./groq-retries.ts";
import { cutAtPauses, type Piece } from "./pieces.ts";

export interface GroqOptions {
  apiKey: string;
  /** Groq itself, or any server of the same API: its root (`http://whisper:8000`, to which /openai/v1 is added) or its `…/v1`. */
  baseUrl?: string;
  model?: string;
  /** Audio that is longer is cut at pauses. At most 720: see `longestPieceSeconds`. */
  pieceSeconds?: number;
  retry?: RetryPolicy;
  requestTimeoutMs?: number;
}

export const groqDefaults = {
  baseUrl: "https://api.groq.com",
  /** $0.04 an hour; `whisper-large-v3` costs $0.111 and errs a little less. */
  model: "whisper-large-v3-turbo",
  pieceSeconds: 600,
  /** Groq hears some 200 times as fast as one speaks; this leaves room for a server of one's own, within the stage's 4 minutes. */
  requestTimeoutMs: 120_000,
} as const;

/** FLAC never needs more than the 32 kB that a second of raw samples takes: 24 MB of the 25 MB that Groq accepts. */
export const longestPieceSeconds = 750;
/** A free account may ask 20 times a minute. */
const piecesAtOnce = 3;

/**
 * Recognises speech by Whisper at Groq, or at a server with the same API. Each piece is one request, tried again as groq-retries.ts
 * says; words of all pieces are stitched together by where their piece begins.
 */
export function groqEngine(options: GroqOptions): SpeechEngine {
  const { apiKey, baseUrl, model, pieceSeconds, requestTimeoutMs } = { ...groqDefaults, ...defined(options) };
  const endpoint = endpointOf(baseUrl);
  const client = new Groq({
    apiKey,
    // Its own retries obey `retry-after` without a limit.
    maxRetries: 0,
    timeout: requestTimeoutMs,
    // Its log would quote the server's answers.
    logLevel: "off",
    // It also fetches `data:,` to try out what fetch can do: that one must stay as it is.
    fetch: (url, init) => (String(url).endsWith(sdkPath) ? post(endpoint, init) : fetch(url, init)),
  });

  async function ask(flac: Buffer<ArrayBuffer>, language: string, prompt: string, signal: AbortSignal) {
    const body = await client.audio.transcriptions.create(
      {
        // The server tells the type by the file's name.
        file: new File([flac], "audio.flac", { type: "audio/flac" }),
        model,
        response_format: "verbose_json",
        timestamp_granularities: ["word", "segment"],
        temperature: 0,
        ...(prompt === "" ? {} : { prompt }),
        ...(language === "auto" ? {} : { language: requestCodes[language] ?? language }),
      },
      // The SDK's own timeout ends with the headers; an answer may also stop in its middle.
      { signal: AbortSignal.any([signal, AbortSignal.timeout(requestTimeoutMs)]) },
    );
    return readAnswer(body);
  }

  return {
    name: "groq",
    model,
    async recognise(speech, { language, signal, glossary = [], onProgress }: RecogniseOptions): Promise<Recognised> {
      const maxMs = Math.min(pieceSeconds, longestPieceSeconds) * 1000;
      const pieces = cutAtPauses(speech.samples, { maxMs, rateHz: speechRateHz });
      const prompt = promptOf(glossary);
      let done = 0;
      const answers = await mapSome(pieces, { atOnce: piecesAtOnce, signal }, async (piece, either) => {
        const flac = await encodeFlac(speech, piece, either);
        const answer = await askWithRetries(() => ask(flac, language, prompt, either), either, options.retry);
        done++;
        onProgress?.(done / pieces.length);
        return { ...answer, offsetMs: Math.round((piece.start * 1000) / speechRateHz) };
      });
      const heard = language === "auto" ? answers.find(({ words }) => words.length > 0)?.language : language;
      const words = answers.flatMap(({ words, offsetMs }) =>
        words.map((word) => ({ ...word, start_ms: word.start_ms + offsetMs, end_ms: word.end_ms + offsetMs })),
      );
      if (words.length > 0 && heard === undefined) {
        throw new DeclaredError("speech_engine_failed", { reason: "its answer names no language that we know" });
      }
      return { words, language: heard ?? "en" };
    },
  };
}

/** Whisper hears what its prompt has: as many of the names as surely fit. */
export function promptOf(glossary: readonly string[]): string {
  let prompt = "";
  for (const name of glossary) {
    const longer = prompt === "" ? name : `${prompt}, ${name}`;
    if (Buffer.byteLength(longer) > longestPromptBytes) break;
    prompt = longer;
  }
  return prompt;
}

/** Groq takes 224 tokens of prompt; a token has a byte at least, whatever the script. */
const longestPromptBytes = 224;

/** Whisper's tokens say `jw` for Javanese, the API wants the ISO code. */
const requestCodes: Readonly<Record<string, string>> = { jw: "jv" };

const sdkPath = "/openai/v1/audio/transcriptions";

/** The SDK knows Groq's path only; servers of the same API mostly have OpenAI's, and people copy either form of the address. */
function endpointOf(baseUrl: string): string {
  const root = baseUrl.replace(/\/+$/, "");
  return `${/\/v1$/.test(root) ? root : `${root}/openai/v1`}/audio/transcriptions`;
}

/**
 * Sends the SDK's form as bytes. Given the form itself, fetch streams it, and where the connection fails meanwhile, Node 24's
 * (undici 7.29) rejects a promise that nobody can catch, which would end the process.
 */
async function post(url: string, init: RequestInit = {}): Promise<Response> {
  const form = new Response(init.body);
  const headers = new Headers(init.headers);
  headers.set("content-type", form.headers.get("content-type") ?? "");
  return fetch(url, { ...init, headers, body: await form.arrayBuffer() });
}

async function encodeFlac({ file }: Speech, { start, end }: Piece, signal: AbortSignal): Promise<Buffer<ArrayBuffer>> {
  const output = join(dirname(file), `piece-${start}.flac`);
  const trim = `atrim=start_sample=${start}:end_sample=${end}`;
  const args = [...rawSpeechFormat, "-i", `file:${file}`, "-af", trim, "-c:a", "flac", `file:${output}`];
  await ffmpeg(args, { signal, cwd: dirname(file) });
  return readFile(output);
}

/** Like Promise.all over a map, with no more than `atOnce` running; the first failure ends the others and is thrown. */
async function mapSome<T, R>(
  items: readonly T[],
  { atOnce, signal }: { atOnce: number; signal: AbortSignal },
  map: (item: T, signal: AbortSignal) => Promise<R>,
): Promise<R[]> {
  const results: R[] = [];
  const failing = new AbortController();
  const either = AbortSignal.any([signal, failing.signal]);
  const queue = items.entries();
  const worker = async () => {
    for (const [i, item] of queue) results[i] = await map(item, either);
  };
  const workers = Array.from({ length: atOnce }, () => worker().catch((error: unknown) => failing.abort(error)));
  await Promise.all(workers);
  either.throwIfAborted();
  return results;
}

function defined<T extends object>(options: T): { [K in keyof T]?: NonNullable<T[K]> } {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: NonNullable<T[K]>;
  };
}
