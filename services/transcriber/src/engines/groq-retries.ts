import { setTimeout as sleep } from "node:timers/promises";
import { DeclaredError } from "@viralclaw/contracts/errors";
import { APIConnectionTimeoutError, APIError, APIUserAbortError } from "groq-sdk";

/** How long a worker waits by itself before it hands the job back, to be tried again after the stage's own delay. */
export interface RetryPolicy {
  attempts: number;
  /** Before the second attempt; doubled before each further one. */
  firstDelayMs: number;
  /** A longer `retry-after` is not waited for: a quota of an hour would hold a worker for as long. */
  longestDelayMs: number;
}

export const retryPolicy: RetryPolicy = { attempts: 3, firstDelayMs: 500, longestDelayMs: 20_000 };

/**
 * Asks until there is an answer. Throws speech_engine_busy, speech_engine_failed or speech_engine_misconfigured; what the server
 * wrote stays in the cause, for the log, since it names our organisation.
 */
export async function askWithRetries<T>(ask: () => Promise<T>, signal: AbortSignal, policy = retryPolicy): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await ask();
    } catch (error) {
      signal.throwIfAborted();
      const { thrown, delayMs } = judge(error, policy.firstDelayMs * 2 ** (attempt - 1));
      if (delayMs === undefined || attempt >= policy.attempts || delayMs > policy.longestDelayMs) throw thrown;
      await sleep(delayMs, undefined, { signal }).catch(() => signal.throwIfAborted());
    }
  }
}

/** What an error means, and after how long it is worth another try now; never where `delayMs` is undefined. */
interface Judgement {
  thrown: unknown;
  delayMs?: number;
}

function judge(error: unknown, backoffMs: number): Judgement {
  if (error instanceof DeclaredError) return { thrown: error };
  const status = error instanceof APIError ? error.status : undefined;
  const declared = (code: "speech_engine_busy" | "speech_engine_misconfigured") => new DeclaredError(code, {}, { cause: error });
  const failed = (reason: string) => new DeclaredError("speech_engine_failed", { reason }, { cause: error });

  // Another wait as long would outlast the stage.
  if (isTimeout(error)) return { thrown: failed("it does not answer in time") };
  if (status === undefined) return { thrown: failed("it does not answer"), delayMs: backoffMs };
  if (status === 429 || status === overCapacity) {
    return { thrown: declared("speech_engine_busy"), delayMs: retryAfterMs(error as APIError) ?? backoffMs };
  }
  // More audio than the quota of an hour has left: waiting a moment does not help, the stage's delays may.
  if (status === 413 && codeOf(error as APIError) === "rate_limit_exceeded") return { thrown: declared("speech_engine_busy") };
  if (status === 401 || status === 403 || status === 404) return { thrown: declared("speech_engine_misconfigured") };
  if (status >= 500 || status === 408 || status === 409) return { thrown: failed(`it answered ${status}`), delayMs: backoffMs };
  return { thrown: failed(`it refused the audio with ${status}`) };
}

/** By the SDK's clock, or by ours, which reaches it as an abort; the caller's own abort has been thrown before. */
function isTimeout(error: unknown): boolean {
  const { name } = error as Error;
  const ended = error instanceof APIConnectionTimeoutError || error instanceof APIUserAbortError;
  return ended || name === "AbortError" || name === "TimeoutError";
}

/** Groq's own status for "flex tier capacity exceeded". */
const overCapacity = 498;

/** Seconds, or a date. */
function retryAfterMs({ headers }: APIError): number | undefined {
  const given = headers?.get("retry-after");
  if (!given) return undefined;
  const seconds = Number(given);
  const ms = Number.isFinite(seconds) ? seconds * 1000 : Date.parse(given) - Date.now();
  return Number.isFinite(ms) ? Math.max(0, ms) : undefined;
}

/** The body is `{ error: { message, type, code? } }`. */
function codeOf({ error }: APIError): unknown {
  return (error as { error?: { code?: unknown } } | undefined)?.error?.code;
}
