import { setImmediate } from "node:timers/promises";
import type { Aligner, Timing } from "./align.ts";
import { cutOut, msToSamples, type Span, samplesToMs, totalLength } from "./audio.ts";
import { cutIntoChunks, withMargin } from "./chunks.ts";
import type { RecogniseOptions } from "./recognise.ts";
import { fillGaps, shareTime } from "./timeline.ts";
import { type SpeechDetector, speechSpans } from "./vad.ts";

/** Words that need not be heard, for they are known: of a whole recording, or of its cues, whose times are known as well. */
export type KnownWords =
  | { kind: "text"; words: string[] /** Or only spread: in a language that the aligner does not know. */; align: boolean }
  | { kind: "cues"; cues: (Timing & { words: string[] })[] };

/** One for each word, in order, and whether it is where the word was heard: if not, where it may be by its length. */
export type Placed = (Timing & { aligned: boolean })[];

/**
 * Finds out when known words are said in mono audio at 16 kHz. Text that does not fit the speech is spread over the time in which
 * somebody speaks, or over everything where nobody does; the words of a cue over the cue. Throws the signal's reason.
 */
export async function placeWords(
  pcm: Float32Array,
  known: KnownWords,
  { detector, aligner }: { detector: SpeechDetector; aligner: Aligner },
  options: RecogniseOptions = {},
): Promise<Placed> {
  if (known.kind === "cues") return placeCues(pcm, known.cues, aligner, options);
  const probabilities = await detector.probabilities(pcm, options.signal);
  const found = speechSpans(probabilities, pcm.length);
  const speech = found.length > 0 ? found : [{ start: 0, end: pcm.length }];
  const chunks = cutIntoChunks(found, probabilities);
  const aligned = known.align ? await alignText(pcm, known.words, chunks, aligner, options) : null;
  return aligned
    ? aligned.map((timing) => ({ ...timing, aligned: true }))
    : shareTime(known.words, speech).map((timing) => ({ ...timing, aligned: false }));
}

/** The aligner wants silence at both ends, and no other words. */
const margin = msToSamples(200);

/**
 * The misfit (see align.ts) from which words are not believed to be what is said. Of LibriVox readings it is 0.11 with their own
 * text, 0.14 to 0.22 with every tenth word left out, 0.3 with a word added to every ten, 0.78 with the words in reverse.
 */
const mostMisfit = 0.4;

/** The fastest speakers, with room: more words than these cannot be in so much audio. */
const mostWordsPerSecond = 7;

/** Chunk by chunk: of the words left, each takes as many as it holds, the last one all. Null where they do not fit. */
async function alignText(
  pcm: Float32Array,
  words: readonly string[],
  chunks: readonly Span[],
  aligner: Aligner,
  { signal, onProgress = () => {} }: RecogniseOptions,
): Promise<Timing[] | null> {
  const timings: (Timing | null)[] = [];
  let [misfit, weight] = [0, 0];
  for (const i of chunks.keys()) {
    if (timings.length === words.length) break;
    await setImmediate(); // Lets a cancellation in.
    signal?.throwIfAborted();
    onProgress(totalLength(chunks.slice(0, i)) / totalLength(chunks));
    const span = withMargin(chunks, i, margin, pcm.length);
    const left = words.slice(timings.length);
    const most = Math.ceil((samplesToMs(span.end - span.start) / 1000) * mostWordsPerSecond) + 1;
    const isLast = i === chunks.length - 1;
    if (isLast && left.length > most) return null;
    const audio = cutOut(pcm, span);
    const found = isLast ? await aligner.align(audio, left) : await aligner.alignStart(audio, left.slice(0, most));
    if (!found) return null;
    timings.push(...found.timings.map((timing) => shifted(timing, span)));
    misfit += found.misfit * (span.end - span.start);
    weight += span.end - span.start;
  }
  if (timings.length < words.length || misfit > mostMisfit * weight) return null;
  return fillGaps(timings, { startMs: 0, endMs: samplesToMs(pcm.length) });
}

/** A longer cue is no cue, and its words take too much memory to align. */
const longestCueMs = 30_000;

async function placeCues(
  pcm: Float32Array,
  cues: Extract<KnownWords, { kind: "cues" }>["cues"],
  aligner: Aligner,
  { signal, onProgress = () => {} }: RecogniseOptions,
): Promise<Placed> {
  const placed: Placed = [];
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
    placed.push(...timings.map((timing) => ({ ...timing, aligned: Boolean(fits) })));
  }
  return placed;
}

function shifted(timing: Timing | null, { start }: Span): Timing | null {
  return timing && { startMs: timing.startMs + samplesToMs(start), endMs: timing.endMs + samplesToMs(start) };
}
