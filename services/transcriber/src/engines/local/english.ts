import type { LocalResult } from "./result.ts";

/** Whether what was recognised is English speech, speech that is not, or no speech. */
export type Verdict = "english" | "other" | "silent";

type Measured = Pick<LocalResult, "words" | "averageLogProbability" | "misfit" | "speechMs">;

/**
 * Decides whether the words may be delivered. Given another language, the recogniser writes fluent English that nobody said, so a
 * recording whose `strangeness` is too high is refused as a whole, and so is one where nothing that was read is believed.
 */
export function judgeLanguage(result: Measured): Verdict {
  const strange = strangeness(result);
  if (strange !== null) return strange > mostStrange ? "other" : "english";
  return result.speechMs < leastSpeechMs ? "silent" : "other";
}

/**
 * How little the words are those of the speech, by two independent witnesses: how unsure the recogniser was of them, and how badly
 * their sounds fit the audio to the aligner, which knows nothing of sentences. Null where there are no words.
 */
export function strangeness({ words, averageLogProbability, misfit }: Measured): number | null {
  if (words.length === 0 || averageLogProbability === null) return null;
  return -averageLogProbability + misfitWeight * (misfit ?? neverAligned);
}

/** The misfit spreads half as wide as the log-probability. */
const misfitWeight = 2;

/**
 * Of 16 English recordings the strangeness is 0.24 to 0.57, of 11 in Portuguese and Spanish 1.67 and more. Distorted in seven ways
 * (noise at 15 and 5 dB, echo, a telephone's band, faster, slower, louder) none of those 77 passed; of 96 English 8 were refused,
 * of which the noise or echo had left little. Cut to 3 seconds, 4 of 35 passed; to 6 seconds, none.
 */
const mostStrange = 1.2;

/** The misfit of words that could not be aligned at all: as of the worst that could. */
const neverAligned = 0.6;

/** So little may be a cough, or a few notes, that the detector took for speech. */
const leastSpeechMs = 2_000;
