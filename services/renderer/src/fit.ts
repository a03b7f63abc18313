import { DeclaredError } from "@viralclaw/contracts/errors";
import type { Choice } from "./choose.ts";

/** Brings a video below the most bytes that it may have: pure, but for what is thrown. */

export interface Lasts {
  durationMs: number;
  soundBytes: number;
}

/**
 * The choice as it is, where the excerpts promise that it fits; else an encoding that takes its time and is told how many bytes it has. Both
 * may turn out too large: see `smaller`.
 */
export function fitting(choice: Choice, maxBytes: number, lasts: Lasts): Choice {
  const { encoding, tried } = choice;
  const [fine, coarse] = tried.map(({ bytes_a_second }) => (bytes_a_second * lasts.durationMs) / 1000 + lasts.soundBytes);
  if (encoding.way === "small" || !fine || !coarse) return choice;
  const predicted = Math.exp(between(Math.log(fine), Math.log(coarse), encoding.qp));
  return predicted < maxBytes * promising ? choice : inNoMoreThan(choice, maxBytes, lasts);
}

/**
 * What to try after a result was too large. Throws DeclaredError result_too_large, which says how much the video needs, where being told
 * to be smaller did not help: its picture is as bad as anybody would want it.
 */
export function smaller(choice: Choice, made: { bytes: number; before: number }, maxBytes: number, lasts: Lasts): Choice {
  if (choice.encoding.way === "quick") return inNoMoreThan(choice, maxBytes, lasts);
  if (made.bytes > made.before * hardlyLess)
    throw new DeclaredError("result_too_large", { max_bytes: maxBytes, least_bytes: Math.ceil(made.bytes * 1.01) });
  const told = (choice.encoding.bits_a_second * lasts.durationMs) / 8000 + lasts.soundBytes;
  return inNoMoreThan(choice, Math.min(told, maxBytes) * (maxBytes / made.bytes), lasts);
}

function inNoMoreThan(choice: Choice, bytes: number, { durationMs, soundBytes }: Lasts): Choice {
  const rate = Math.floor(((bytes * promising - soundBytes) * 8000) / durationMs);
  return { ...choice, reason: "max_bytes", encoding: { way: "small", bits_a_second: Math.max(leastRate, rate) } };
}

/** What is predicted, or told to an encoder, is off by some percent. */
const promising = 0.97;
const hardlyLess = 0.98;
/** Bits a second that no picture of a phone gets by with: where the sound alone is too large. */
const leastRate = 20_000;

/** On the line through the values at the two quantisers that are tried. */
const between = (atFine: number, atCoarse: number, qp: number) =>
  atFine + ((atCoarse - atFine) * (qp - triedQps[0])) / (triedQps[1] - triedQps[0]);

/** The quantisers that are tried, between and beyond which lies the one that is taken. */
export const triedQps = [20, 28] as const;
