import { quantile } from "./figures.ts";
import type { BoundaryError } from "./speech-boundaries.ts";
import type { Clip } from "./speech-corpus.ts";
import type { Heard } from "./speech-engine.ts";
import { addErrors, type WordErrors, wordErrorRate } from "./speech-errors.ts";

/** A clip, what was heard of it, and what is wrong with that. */
export type Judged = { clip: Clip; heard: Heard; errors: WordErrors | null; boundaries: BoundaryError[] };

type Row = Record<string, string | number>;

/** A clip's line. Where the text or the times are a machine's, the figures are in brackets: they are no judgement. */
export function clipRow({ clip, heard, errors, boundaries }: Judged): Row {
  const distances = boundaryDistances(boundaries);
  const bracket = (text: string, by?: "hand" | "machine") => (by === "machine" ? `(${text})` : text);
  return {
    clip: clip.name,
    seconds: round(heard.audioSeconds, 1),
    words: errors?.said ?? "",
    wrong: errors?.wrong ?? "",
    missing: errors?.missing ?? "",
    extra: errors?.extra ?? "",
    "WER %": errors ? bracket(percent(wordErrorRate(errors)), clip.text?.by) : "",
    "median ms": distances.length > 0 ? bracket(String(round(quantile(distances, 0.5))), clip.timing?.by) : "",
    "max ms": distances.length > 0 ? bracket(String(round(Math.max(...distances))), clip.timing?.by) : "",
    "log p": heard.averageLogProbability === null ? "" : round(heard.averageLogProbability, 2),
    misfit: heard.misfit === null ? "" : round(heard.misfit, 2),
    strange: heard.strangeness === null ? "" : round(heard.strangeness, 2),
    heard: heard.verdict,
    "vad ms": round(heard.spent.vadMs),
    "asr ms": round(heard.spent.asrMs),
    "align ms": round(heard.spent.alignMs),
    "x real time": round(speed([heard]), 1),
  };
}
