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

/**
 * What to try after a small result of `bytes` was too large. Throws DeclaredError result_too_large, which says how much the video needs, where
 * it was encoded as badly as anybody would want it.
 */
export function smaller(choice: Choice, bytes: number, maxBytes: number): Choice {
  const { way, quantiser } = choice.encoding;
  if (quantiser >= worstCrf)
    throw new DeclaredError("result_too_large", { max_bytes: maxBytes, least_bytes: Math.ceil(bytes * 1.01) });
  const next = quantiser + Math.max(0.5, Math.log(bytes / (maxBytes * promising)) / perStep);
  return { ...choice, encoding: { way, quantiser: Math.min(worstCrf, Math.round(next * 10) / 10) } };
}

/** Beyond this x264's own pictures fall apart into blocks on a phone's screen. */
export const worstCrf = 36;
/** An eighth less for each step of the rate factor: x264 halves the bytes in about six. */
const perStep = Math.log(2) / 6;
/** What is predicted is off by some percent. */
const promising = 0.96;
