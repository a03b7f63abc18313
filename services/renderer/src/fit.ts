import { DeclaredError } from "@viralclaw/contracts/errors";
import type { Quality } from "@viralclaw/contracts/facts";
import type { Choice } from "./choose.ts";

/** Brings a video below the most bytes that it may have: pure, but for what is thrown. */

/** What a result may have, where it may not have any size. */
export interface Budget {
  quality: Quality;
  maxBytes: number;
}

/**
 * The choice as it is, where the excerpts promise that it fits; else one that takes its time, at first as good as the quality asks for. What
 * that has in bytes no excerpt tells (on the training clips a seventh to one and a half times what it foretold), and an encoder that is told
 * its bytes instead gives the first seconds too few of them. Either may turn out too large: see `smaller`.
 */
export function fitting(choice: Choice, { quality, maxBytes }: Budget, { durationMs, soundBytes }: Lasts): Choice {
  const { encoding, bytes_a_second } = choice;
  if (encoding.way === "small" || bytes_a_second === null) return choice;
  const quick = (bytes_a_second * durationMs) / 1000 + soundBytes;
  return quick < maxBytes * promising ? choice : small(choice, aimCrf[quality]);
}

export interface Lasts {
  durationMs: number;
  soundBytes: number;
}

/**
 * What to try after a result of `bytes` was too large. Throws DeclaredError result_too_large, which says how much the video needs, where
 * it was encoded as badly as anybody would want it.
 */
export function smaller(choice: Choice, bytes: number, { quality, maxBytes }: Budget): Choice {
  const { encoding } = choice;
  if (encoding.way !== "small") return small(choice, aimCrf[quality]);
  if (encoding.crf >= worstCrf)
    throw new DeclaredError("result_too_large", { max_bytes: maxBytes, least_bytes: Math.ceil(bytes * 1.01) });
  return small(choice, encoding.crf + Math.max(0.5, Math.log(bytes / (maxBytes * promising)) / perStep));
}

const small = (choice: Choice, crf: number): Choice => ({
  ...choice,
  reason: "max_bytes",
  encoding: { way: "small", crf: Math.min(worstCrf, Math.round(crf * 10) / 10) },
});

/** Beyond this x264's own pictures fall apart into blocks on a phone's screen. */
const worstCrf = 36;
/** veryfast at these is about as good as the aims, medium at 26, 23 and 18 (training clips, docs/measured.md). */
const aimCrf: Readonly<Record<Quality, number>> = { fast: 25.5, balanced: 22.5, best: 17.5 };
/** An eighth less for each step of the rate factor: x264 halves the bytes in about six. */
const perStep = Math.log(2) / 6;
/** What is predicted is off by some percent. */
const promising = 0.96;
