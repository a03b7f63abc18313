import { fileURLToPath } from "node:url";
import { InferenceSession, Tensor, type TypedTensor } from "onnxruntime-node";

/** A tensor of 32-bit floats. */
export type Floats = TypedTensor<"float32">;

/** Opens an ONNX model that lies in an installed package, to run on `threads` threads of the CPU. */
export function openModel(file: URL, threads = 1): Promise<InferenceSession> {
  return InferenceSession.create(fileURLToPath(file), {
    executionProviders: ["cpu"],
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    graphOptimizationLevel: "all",
    logSeverityLevel: 3,
  });
}

/** Makes a tensor of floats; its shape's product is the number of floats. */
export function floats(data: Float32Array, shape: readonly number[]): Floats {
  return new Tensor("float32", data, shape);
}

/** Makes a tensor of whole numbers, as the models take token ids and the sample rate. */
export function integers(values: readonly number[], shape: readonly number[]): Tensor {
  return new Tensor("int64", BigInt64Array.from(values, BigInt), shape);
}

/** Makes a tensor of yes and no. */
export function booleans(values: readonly boolean[], shape: readonly number[]): Tensor {
  return new Tensor("bool", values, shape);
}

/** A run's output of this name. Throws where the model has no such output of floats: then it is not the model we know. */
export function output(outputs: InferenceSession.ReturnType, name: string): Floats {
  const tensor = outputs[name];
  if (tensor === undefined || !isFloats(tensor)) throw new Error(`the model has no output of floats called ${name}`);
  return tensor;
}

function isFloats(tensor: Tensor): tensor is Floats {
  return tensor.type === "float32";
}
