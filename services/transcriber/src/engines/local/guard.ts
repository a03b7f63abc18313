import type { Transcription } from "./moonshine.ts";
import type { WrittenWord } from "./words.ts";

/** Why what the model read from a chunk is not believed: nothing read, read without certainty, too much for the time, or in circles. */
export type Doubt = "nothing" | "unsure" | "too_fast" | "circles";

/** What was read from a chunk in which somebody speaks so long. */
export type Read = Omit<Transcription, "tokens"> & { words: readonly WrittenWord[]; speechMs: number };

/**
 * Tells invention from speech. Given noise, music or another language, the model writes fluent English all the same; but it is
 * unsure of it, writes more than anybody says, or does not end. Null where what it read is believed.
 */
export function doubt({ averageLogProbability, ended, words, speechMs }: Read): Doubt | null {
  if (words.length === 0) return "nothing";
  if (averageLogProbability < leastLogProbability) return "unsure";
  if (words.length / (speechMs / 1000) > mostWordsPerSecond) return "too_fast";
  if (!ended && words.length > fewWords && vocabulary(words) / words.length < leastVariety) return "circles";
  return null;
}

/** Below it hardly a word is right, even in English. */
const leastLogProbability = -1.2;

/** The fastest talkers say five or six words a second over a chunk. */
const mostWordsPerSecond = 8;

/** People repeat themselves, but not for a whole chunk: in speech half the words of one are different. */
const leastVariety = 0.35;
const fewWords = 6;

function vocabulary(words: readonly WrittenWord[]): number {
  return new Set(words.map(({ text }) => text.toLowerCase())).size;
}
