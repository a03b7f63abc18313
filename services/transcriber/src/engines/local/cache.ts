import type { InferenceSession } from "onnxruntime-node";
import { type Floats, floats, output } from "./onnx.ts";

/**
 * What the decoder keeps of the tokens before, a row for each hypothesis, and of the audio, by the names of its inputs. Thus a
 * step costs one token. The audio's part has one row, which the decoder spreads over the hypotheses by itself.
 */
export type Cache = { tokens: Record<string, Floats>; audio: Record<string, Floats> };

/** The shape of Moonshine tiny, from src/model.ts of the package @moonshine-ai/moonshine-js. */
const layers = 6;
const heads = 8;
const headSize = 36;

const names = (part: string) => Array.from({ length: layers }, (_, i) => [`${i}.${part}.key`, `${i}.${part}.value`]).flat();
const ofTokens = names("decoder");
const ofAudio = names("encoder");

const asInput = (name: string) => `past_key_values.${name}`;
const asOutput = (name: string) => `present.${name}`;

/** The cache before the first token. */
export function emptyCache(): Cache {
  const nothing = () => floats(new Float32Array(0), [0, heads, 1, headSize]);
  return { tokens: gather(ofTokens, nothing), audio: gather(ofAudio, nothing) };
}

/** The outputs of the decoder that the next cache is made of. Those of the audio are made with the first token only. */
export function cacheOutputs(first: boolean): string[] {
  return (first ? [...ofTokens, ...ofAudio] : ofTokens).map(asOutput);
}

/** The cache for the next token, of hypotheses that go on from those at `parents`. */
export function nextCache(cache: Cache, outputs: InferenceSession.ReturnType, parents: readonly number[], first: boolean): Cache {
  return {
    tokens: gather(ofTokens, (name) => selectRows(output(outputs, asOutput(name)), parents)),
    audio: first ? gather(ofAudio, (name) => output(outputs, asOutput(name))) : cache.audio,
  };
}

function gather(names: readonly string[], make: (name: string) => Floats): Record<string, Floats> {
  return Object.fromEntries(names.map((name) => [asInput(name), make(name)]));
}

/** The rows of a tensor by their numbers; the tensor itself where that is all of them in order. */
function selectRows(tensor: Floats, numbers: readonly number[]): Floats {
  const [rows = 0, ...shape] = tensor.dims;
  if (numbers.length === rows && numbers.every((number, i) => number === i)) return tensor;
  const size = tensor.data.length / rows;
  const selected = new Float32Array(size * numbers.length);
  for (const [i, number] of numbers.entries()) selected.set(tensor.data.subarray(number * size, (number + 1) * size), i * size);
  return floats(selected, [numbers.length, ...shape]);
}
