import type { Word } from "@viralclaw/contracts/transcript";
import type { Timing } from "./align.ts";
import type { Doubt } from "./guard.ts";
import { type RoughWord, settleTimes } from "./timeline.ts";

/** What was said in a recording, and how sure the engine is of it. */
export type LocalResult = {
  words: Word[];
  /** Mean logarithm of the tokens' probabilities over all speech, that of chunks left out among it. Null where nobody speaks. */
  averageLogProbability: number | null;
  /** Mean misfit (see align.ts) over the speech that was aligned. Null where none was. */
  misfit: number | null;
  /** How long somebody speaks. */
  speechMs: number;
  /** The chunks left out, since what was read from them is not believed. */
  dropped: (Timing & { doubt: Doubt })[];
  /** How long the parts of the work took. */
  spent: Spent;
};

export type Spent = { vadMs: number; asrMs: number; alignMs: number };

/** What became of one chunk of speech. It has either words or a doubt. */
export type ChunkResult = Timing & {
  averageLogProbability: number;
  words: RoughWord[];
  misfit: number | null;
  doubt: Doubt | null;
};

/** Puts the chunks' results together. */
export function summarise(
  chunks: readonly ChunkResult[],
  recording: { durationMs: number; speechMs: number; spent: Spent },
): LocalResult {
  const { durationMs, speechMs, spent } = recording;
  return {
    words: settleTimes(
      chunks.flatMap(({ words }) => words),
      durationMs,
    ),
    averageLogProbability: meanOver(chunks, (chunk) => chunk.averageLogProbability),
    misfit: meanOver(chunks, (chunk) => chunk.misfit),
    speechMs,
    dropped: chunks.flatMap(({ startMs, endMs, doubt }) => (doubt ? [{ startMs, endMs, doubt }] : [])),
    spent,
  };
}

/** The mean of what is known of the chunks, a long one counting more. */
function meanOver(chunks: readonly ChunkResult[], value: (chunk: ChunkResult) => number | null): number | null {
  let [sum, weight] = [0, 0];
  for (const chunk of chunks) {
    const known = value(chunk);
    if (known === null) continue;
    sum += known * (chunk.endMs - chunk.startMs);
    weight += chunk.endMs - chunk.startMs;
  }
  return weight > 0 ? sum / weight : null;
}
