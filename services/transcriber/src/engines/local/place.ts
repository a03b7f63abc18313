import { setImmediate } from "node:timers/promises";
import type { Aligner, Timing } from "./align.ts";
import { cutOut, msToSamples, type Span, samplesToMs } from "./audio.ts";
import { withMargin } from "./chunks.ts";
import type { HeardWord } from "./match.ts";
import type { RecogniseOptions } from "./recognise.ts";
import { layScript, type PlacedWord } from "./script.ts";
import { fillGaps, shareTime } from "./timeline.ts";
import { type SpeechDetector, speechSpans } from "./vad.ts";

/** Words that need not be heard, for they are known: of a whole recording, with what a recogniser heard of it, or of its cues. */
export type KnownWords =
  | { kind: "text"; words: string[] /** In order and apart; none where nobody listened. */; heard: HeardWord[] }
  | { kind: "cues"; cues: (Timing & { words: string[] })[] };

/**
 * Finds out when known words are said in mono audio at 16 kHz: one place for each word, in order. Text that is not what was heard is
 * spread over the time in which somebody speaks, or over everything where nobody does; the words of a cue that do not fit its
 * speech, over the cue. Throws the signal's reason.
 */
export async function placeWords(
  pcm: Float32Array,
  known: KnownWords,
  { detector, aligner }: { detector: SpeechDetector; aligner: Aligner },
  options: RecogniseOptions = {},
): Promise<PlacedWord[]> {
  if (known.kind === "cues") return placeCues(pcm, known.cues, aligner, options);
  const found = speechSpans(await detector.probabilities(pcm, options.signal), pcm.length);
  const speech = found.length > 0 ? found : [{ start: 0, end: pcm.length }];
  const laid = layScript(known.words, known.heard, found, samplesToMs(pcm.length));
  return laid ?? shareTime(known.words, speech).map((timing) => ({ ...timing, how: "spread" }));
}

/** The aligner wants silence at both ends, and no other words. */
const margin = msToSamples(200);

/**
 * The misfit (see align.ts) from which words are not believed to be what is said. Of LibriVox readings it is 0.11 with their own
 * text, 0.14 to 0.22 with every tenth word left out, 0.3 with a word added to every ten, 0.78 with the words in reverse.
 */
const mostMisfit = 0.4;

/** A longer cue is no cue, and its words take too much memory to align. */
const longestCueMs = 30_000;

async function placeCues(
  pcm: Float32Array,
  cues: Extract<KnownWords, { kind: "cues" }>["cues"],
  aligner: Aligner,
  { signal, onProgress = () => {} }: RecogniseOptions,
): Promise<PlacedWord[]> {
  const placed: PlacedWord[] = [];
  const spans = cues.map(({ startMs, endMs }) => ({
    start: msToSamples(startMs),
    end: Math.min(msToSamples(endMs), pcm.length),
  }));
  for (const [i, cue] of cues.entries()) {
    await setImmediate();
    signal?.throwIfAborted();
    onProgress(i / cues.length);
    const span = withMargin(spans, i, margin, pcm.length);
    const hasAudio = span.end - span.start > margin && cue.endMs - cue.startMs <= longestCueMs;
    const found = hasAudio ? await aligner.align(cutOut(pcm, span), cue.words) : null;
    const fits = found && found.misfit <= mostMisfit;
    const timings = fits
      ? fillGaps(
          found.timings.map((timing) => shifted(timing, span)),
          cue,
        )
      : shareTime(cue.words, [{ start: msToSamples(cue.startMs), end: msToSamples(cue.endMs) }]);
    placed.push(...timings.map((timing): PlacedWord => ({ ...timing, how: fits ? "aligned" : "spread" })));
  }
  return placed;
}

function shifted(timing: Timing | null, { start }: Span): Timing | null {
  return timing && { startMs: timing.startMs + samplesToMs(start), endMs: timing.endMs + samplesToMs(start) };
}
