import { sampleRateHz } from "./audio.ts";
import { averageLogProbability, bestOf, extend, type Hypothesis, isSettled, proposalsEach, type Token } from "./beams.ts";
import { cacheOutputs, emptyCache, nextCache } from "./cache.ts";
import { booleans, type Floats, floats, integers, openModel, output } from "./onnx.ts";

/** What the model read from a piece of audio. */
export type Transcription = {
  tokens: readonly Token[];
  /** Mean of the natural logarithms of the tokens' probabilities, that of the end among them. 0 is certain. */
  averageLogProbability: number;
  /** False where the model did not end by itself: it wrote too much, or went round in circles. */
  ended: boolean;
};

/** Writes down what is said in a piece of audio. */
export type SpeechReader = {
  /** Reads 1 to 30 s of audio at 16 kHz, as loud as it is. Throws the signal's reason, at the latest a token (some 15 ms) after it came. */
  read(pcm: Float32Array, signal?: AbortSignal): Promise<Transcription>;
};

/**
 * Loads Moonshine tiny (English, 27 million weights, MIT), https://arxiv.org/abs/2410.15608. The weights are those of the package
 * @moonshine-ai/moonshine-js; its code is made for browsers, and not used.
 */
export async function loadSpeechReader(threads: number): Promise<SpeechReader> {
  const folder = new URL("model/tiny/quantized/", import.meta.resolve("@moonshine-ai/moonshine-js"));
  const encoder = await openModel(new URL("encoder_model.onnx", folder), threads);
  const decoder = await openModel(new URL("decoder_model_merged.onnx", folder), threads);

  return {
    async read(pcm, signal) {
      const encoded = output(await encoder.run({ input_values: floats(pcm, [1, pcm.length]) }), "last_hidden_state");
      const finished: Hypothesis[] = [];
      let open: Hypothesis[] = [{ tokens: [], logProbability: 0 }];
      let cache = emptyCache();
      for (let length = 0; length < mostTokens(pcm); length++) {
        signal?.throwIfAborted();
        const inputs = {
          input_ids: integers(open.map(lastId), [open.length, 1]),
          encoder_hidden_states: encoded,
          use_cache_branch: booleans([length > 0], [1]),
          ...cache.tokens,
          ...cache.audio,
        };
        const outputs = await decoder.run(inputs, ["logits", ...cacheOutputs(length === 0)]);
        const step = extend(open, proposals(output(outputs, "logits")), endId);
        finished.push(...step.finished);
        if (isSettled(finished, step.open)) break;
        open = step.open;
        const parents = step.open.map(({ parent }) => parent);
        cache = nextCache(cache, outputs, parents, length === 0);
      }
      const [best, cutShort] = [bestOf(finished), open[0] ?? nothing];
      return best ? transcription(best, true) : transcription(cutShort, false);
    },
  };
}

const beginId = 1;
const endId = 2;

/** Llama's vocabulary. The model has numbers beyond it for its own use, which are no text. */
const vocabularySize = 32_000;

/** English is spoken at 3 to 5 tokens a second. Moonshine's own code stops at 6 or 6.5, against hallucination. */
const maxTokensPerSecond = 6.5;

/** The model's positions end at 194. */
const maxTokens = 190;

const nothing: Hypothesis = { tokens: [], logProbability: 0 };

function mostTokens(pcm: Float32Array): number {
  return Math.min(maxTokens, Math.ceil((pcm.length / sampleRateHz) * maxTokensPerSecond));
}

function lastId({ tokens }: Hypothesis): number {
  return tokens.at(-1)?.id ?? beginId;
}

function transcription(hypothesis: Hypothesis, ended: boolean): Transcription {
  return { tokens: hypothesis.tokens, averageLogProbability: averageLogProbability(hypothesis, ended), ended };
}

/** The likeliest next tokens of each hypothesis, from the logits of all, one row each. */
function proposals(logits: Floats): Token[][] {
  const [rows = 0, , columns = 0] = logits.dims;
  return Array.from({ length: rows }, (_, row) => likeliest(logits.data.subarray(row * columns, row * columns + vocabularySize)));
}

/** The likeliest tokens, in order, with their probabilities (softmax). */
function likeliest(logits: Float32Array): Token[] {
  const top: { id: number; logit: number }[] = [];
  let least = Number.NEGATIVE_INFINITY;
  let id = 0;
  for (const logit of logits) {
    if (logit > least) {
      top.push({ id, logit });
      top.sort((a, b) => b.logit - a.logit);
      if (top.length > proposalsEach) top.pop();
      if (top.length === proposalsEach) least = top.at(-1)?.logit ?? least;
    }
    id++;
  }
  const highest = top[0]?.logit ?? 0;
  let sum = 0;
  for (const logit of logits) if (logit > highest - negligible) sum += Math.exp(logit - highest);
  return top.map(({ id, logit }) => ({ id, probability: Math.exp(logit - highest) / sum }));
}

/** Logits so far below the highest add less than a ten thousandth to the sum, all together, and most of the time it takes. */
const negligible = 20;
