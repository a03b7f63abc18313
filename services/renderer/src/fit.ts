import { DeclaredError } from "@viralclaw/contracts/errors";
import type { Choice } from "./choose.ts";

/** Brings a video below the most bytes that it may have: pure, but for what is thrown. */

export interface Lasts {
  durationMs: number;
  soundBytes: number;
}

/** Whether the excerpts promise that a result keeps to its most bytes. Where there were none, it may as well be tried. */
export function mayFit({ bytes_a_second }: Choice, maxBytes: number, { durationMs, soundBytes }: Lasts): boolean {
  return bytes_a_second === null || (bytes_a_second * durationMs) / 1000 + soundBytes < maxBytes * promising;
}

/** What a rate factor came to. */
export interface Try {
  crf: number;
  bytes: number;
}

/**
 * The rate factor to try after small results that were all too large, by what a step of it took off between the last two. Throws DeclaredError
 * result_too_large, which says how much the video needs, where it was encoded as badly as anybody would want it.
 */
export function smallerCrf(tries: readonly Try[], maxBytes: number): number {
  const [last, before] = tries.toReversed();
  if (!last || last.crf >= worstCrf)
    throw new DeclaredError("result_too_large", { max_bytes: maxBytes, least_bytes: Math.ceil((last?.bytes ?? 0) * 1.01) });
  const seen = before ? Math.log(before.bytes / last.bytes) / (last.crf - before.crf) : usualPerStep;
  const perStep = Math.max(leastPerStep, seen);
  const next = last.crf + Math.max(0.5, Math.log(last.bytes / (maxBytes * promising)) / perStep);
  return Math.min(worstCrf, Math.ceil(next * 10) / 10);
}

/** Beyond this x264's own pictures fall apart into blocks on a phone's screen. */
export const worstCrf = 36;
/** The logarithm of what a step of the rate factor takes off: half of the bytes in six steps, of screens half of that and less. */
const usualPerStep = Math.log(2) / 6;
const leastPerStep = 0.02;
/** What is predicted is off by some percent. */
const promising = 0.96;
