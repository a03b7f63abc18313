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
  const distances = allDistances(boundaries);
  const bracket = (figure: number, by?: "hand" | "machine") => (by === "machine" ? `(${figure})` : figure);
  return {
    clip: clip.name,
    seconds: round(heard.audioSeconds, 1),
    said: errors?.said ?? "",
    wrong: errors?.wrong ?? "",
    missing: errors?.missing ?? "",
    extra: errors?.extra ?? "",
    "WER %": errors ? bracket(round(100 * wordErrorRate(errors), 1), clip.text?.by) : "",
    "bounds ms": distances.length > 0 ? bracket(round(quantile(distances, 0.5)), clip.timing?.by) : "",
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

/** All clips together: errors by hand and by machine apart, and the errors of the boundaries. */
export function summary(judged: readonly Judged[]): Row[] {
  const texts = (["hand", "machine"] as const).map((by) => {
    const { said, wrong, missing, extra } = errorsOf(judged, by);
    const rate = round(100 * wordErrorRate({ said, wrong, missing, extra }), 2);
    return {
      what: `words, text by ${by}`,
      of: said,
      value: `${rate} % wrong`,
      detail: `${wrong} wrong, ${missing} missing, ${extra} extra`,
    };
  });
  const bounds = (["hand", "machine"] as const).flatMap((by) => {
    const all = boundariesOf(judged, by);
    return [startDistance, endDistance].map((distance, i) => {
      const distances = all.flatMap((error) => (error ? [distance(error)] : []));
      const [median, p95] = [0.5, 0.95].map((p) => round(quantile(distances, p)));
      const within = distances.filter((ms) => ms <= closeMs).length;
      return {
        what: `${i === 0 ? "starts" : "ends"}, timed by ${by}`,
        of: all.length,
        value: `${median} ms median`,
        detail: `${p95} ms p95, ${within} within ${closeMs} ms`,
      };
    });
  });
  return [...texts, ...bounds];
}

/** The targets, what was measured, and whether they are met. */
export function targets(judged: readonly Judged[]): (Row & { verdict: "met" | "MISSED" })[] {
  const errors = errorsOf(judged, "hand");
  const timed = boundariesOf(judged, "hand");
  const close = timed.filter(
    (error) => error !== null && startDistance(error) <= closeMs && endDistance(error) <= closeMs,
  ).length;
  const median = quantile(allDistances(timed), 0.5);
  const misjudged = judged.filter(({ clip, heard }) => (heard.verdict === "english") !== clip.isEnglish);
  const times = speed(judged.filter(({ clip }) => clip.isEnglish).map(({ heard }) => heard));
  const memory = Math.max(...judged.map(({ heard }) => heard.peakRssMb));
  const target = (what: string, measured: string, met: boolean) => ({
    target: what,
    measured,
    verdict: met ? ("met" as const) : ("MISSED" as const),
  });
  return [
    target(
      `at most ${mostWrong * 100} % of the words wrong`,
      `${round(100 * wordErrorRate(errors), 2)} %`,
      wordErrorRate(errors) <= mostWrong,
    ),
    target(`median boundary error at most ${mostMedianMs} ms`, `${round(median)} ms`, median <= mostMedianMs),
    target(
      `start and end within ${closeMs} ms for ${leastClose[0]} of ${leastClose[1]} words`,
      `${close} of ${timed.length}`,
      close / timed.length >= leastClose[0] / leastClose[1],
    ),
    target(
      "English passes, other languages do not",
      misjudged.map(({ clip }) => clip.name).join(" ") || "all right",
      misjudged.length === 0,
    ),
    target(`${leastSpeed} times real time on one thread, English`, `${round(times, 1)} times`, times >= leastSpeed),
    target(`at most ${mostMemoryMb} MB`, `${round(memory)} MB`, memory <= mostMemoryMb),
  ];
}

const mostWrong = 0.08;
const mostMedianMs = 30;
/** A caption that is a tenth of a second off is seen to be. */
const closeMs = 100;
const leastClose = [29, 31] as const;
const leastSpeed = 10;
const mostMemoryMb = 700;

function errorsOf(judged: readonly Judged[], by: "hand" | "machine"): WordErrors {
  return addErrors(judged.flatMap(({ clip, errors }) => (errors && clip.text?.by === by ? [errors] : [])));
}

function boundariesOf(judged: readonly Judged[], by: "hand" | "machine"): BoundaryError[] {
  return judged.flatMap(({ clip, boundaries }) => (clip.timing?.by === by ? boundaries : []));
}

const startDistance = (error: NonNullable<BoundaryError>) => Math.abs(error.startMs);
const endDistance = (error: NonNullable<BoundaryError>) => Math.abs(error.endMs);

function allDistances(errors: readonly BoundaryError[]): number[] {
  return errors.flatMap((error) => (error ? [startDistance(error), endDistance(error)] : []));
}

/** By processor time, since the machine may do other things as well. It is still up to a third less while it does. */
function speed(heard: readonly Heard[]): number {
  const sum = (value: (one: Heard) => number) => heard.reduce((total, one) => total + value(one), 0);
  return (sum(({ audioSeconds }) => audioSeconds) * 1000) / sum(({ cpuMs }) => cpuMs);
}

function round(value: number, digits = 0): number {
  return Number(value.toFixed(digits));
}
