import { type Aligner, loadAligner } from "./align.ts";
import { clip, cutOut, msToSamples, type Span, sampleRateHz, samplesToMs, totalLength } from "./audio.ts";
import { cutIntoChunks, withMargin } from "./chunks.ts";
import { doubt } from "./guard.ts";
import { loadSpeechReader, type SpeechReader } from "./moonshine.ts";
import { type ChunkResult, type LocalResult, type Spent, summarise } from "./result.ts";
import { fillGaps, shareTime } from "./timeline.ts";
import { loadSpeechDetector, type SpeechDetector, speechSpans } from "./vad.ts";
import { joinTokens, type WrittenWord } from "./words.ts";

export type RecogniseOptions = {
  signal?: AbortSignal;
  /** Told how much of the work is done, from 0 to 1. It never goes back. */
  onProgress?: (fraction: number) => void;
};

/** What recognising takes. The aligner has a state: one call at a time. */
export type Models = { detector: SpeechDetector; reader: SpeechReader; aligner: Aligner };

/** Loads the models, to run on so many threads of the CPU. */
export async function loadModels(threads: number): Promise<Models> {
  const [detector, reader, aligner] = await Promise.all([loadSpeechDetector(), loadSpeechReader(threads), loadAligner()]);
  return { detector, reader, aligner };
}

/**
 * Recognises English in mono audio at 16 kHz: where does somebody speak (Silero); what is said in each chunk of speech (Moonshine);
 * is that believed; when is each word said (SoundSwallower). Throws the signal's reason: after a token, or the alignment of a chunk.
 */
export async function recogniseWith(
  { detector, reader, aligner }: Models,
  pcm: Float32Array,
  { signal, onProgress = () => {} }: RecogniseOptions = {},
): Promise<LocalResult> {
  const spent: Spent = { vadMs: 0, asrMs: 0, alignMs: 0 };
  const probabilities = await timed(spent, "vadMs", () => detector.probabilities(pcm, signal));
  const speech = speechSpans(probabilities, pcm.length);
  const chunks = cutIntoChunks(speech, probabilities);

  const results: ChunkResult[] = [];
  for (const [i, chunk] of chunks.entries()) {
    onProgress(detectionShare + (1 - detectionShare) * (totalLength(chunks.slice(0, i)) / totalLength(chunks)));
    const toRead = cutOut(pcm, withMargin(chunks, i, readMargin, pcm.length), shortestRead);
    const { tokens, averageLogProbability, ended } = await timed(spent, "asrMs", () => reader.read(toRead, signal));
    const words = joinTokens(tokens);
    const [startMs, endMs] = [samplesToMs(chunk.start), samplesToMs(chunk.end)];
    const result = {
      startMs,
      endMs,
      averageLogProbability,
      doubt: doubt({ averageLogProbability, ended, words, speechMs: endMs - startMs }),
    };
    signal?.throwIfAborted();
    const toAlign = withMargin(chunks, i, alignMargin, pcm.length);
    const placed = result.doubt ? nothing : await timed(spent, "alignMs", () => placeWords(aligner, words, pcm, toAlign, speech));
    results.push({ ...result, ...placed });
  }
  onProgress(1);
  return summarise(results, { durationMs: samplesToMs(pcm.length), speechMs: samplesToMs(totalLength(speech)), spent });
}

/** Of the work, as measured. */
const detectionShare = 0.1;

/**
 * The audio around a chunk that the reader hears as well: a tight cut eats soft first and last sounds. From 200 to 700 ms the errors
 * on the corpus go up and down by a third, and show no best; at 100 ms they are more.
 */
const readMargin = msToSamples(400);

/** On less the model invents. */
const shortestRead = sampleRateHz;

/** The aligner wants silence at both ends, and no other words. */
const alignMargin = msToSamples(200);

type Placed = Pick<ChunkResult, "words" | "misfit">;

const nothing: Placed = { words: [], misfit: null };

async function placeWords(
  aligner: Aligner,
  words: WrittenWord[],
  pcm: Float32Array,
  within: Span,
  speech: Span[],
): Promise<Placed> {
  const texts = words.map(({ text }) => text);
  const offsetMs = samplesToMs(within.start);
  const alignment = await aligner.align(cutOut(pcm, within), texts);
  const known = alignment?.timings.map(
    (timing) => timing && { startMs: timing.startMs + offsetMs, endMs: timing.endMs + offsetMs },
  );
  const timings = known
    ? fillGaps(known, { startMs: offsetMs, endMs: samplesToMs(within.end) })
    : shareTime(texts, clip(speech, within));
  const placed = words.flatMap((word, i) => (timings[i] ? [{ ...word, ...timings[i] }] : []));
  return { words: placed, misfit: alignment?.misfit ?? null };
}

async function timed<Result>(spent: Spent, part: keyof Spent, work: () => Promise<Result>): Promise<Result> {
  const begin = performance.now();
  const result = await work();
  spent[part] += performance.now() - begin;
  return result;
}
