import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type ChunkResult, summarise } from "./result.ts";

const chunk = (startMs: number, endMs: number, changes: Partial<ChunkResult> = {}): ChunkResult => ({
  startMs,
  endMs,
  averageLogProbability: -0.1,
  words: [{ text: "so", probability: 0.9, startMs, endMs }],
  misfit: 0.1,
  doubt: null,
  ...changes,
});
const recording = { durationMs: 60_000, speechMs: 4_000, spent: { vadMs: 1, asrMs: 2, alignMs: 3 } };

describe("the chunks' results together", () => {
  it("given chunks, then their words are one sequence", () => {
    const { words } = summarise([chunk(0, 1_000), chunk(2_000, 3_000)], recording);
    assert.deepEqual(
      words.map(({ start_ms, end_ms }) => [start_ms, end_ms]),
      [
        [0, 1_000],
        [2_000, 3_000],
      ],
    );
  });

  it("given a long chunk, then it counts more in the means", () => {
    const sure = chunk(0, 3_000, { averageLogProbability: -0.1, misfit: 0.1 });
    const unsure = chunk(4_000, 5_000, { averageLogProbability: -0.9, misfit: 0.5 });
    const { averageLogProbability, misfit } = summarise([sure, unsure], recording);
    assert.ok(Math.abs((averageLogProbability ?? 0) + 0.3) < 1e-9);
    assert.ok(Math.abs((misfit ?? 0) - 0.2) < 1e-9);
  });

  it("given a chunk left out, then it is told, and its doubt weighs on the mean; its misfit is not known", () => {
    const left = chunk(4_000, 5_000, { words: [], averageLogProbability: -1.3, misfit: null, doubt: "unsure" });
    const { averageLogProbability, misfit, dropped } = summarise([chunk(0, 1_000), left], recording);
    assert.deepEqual(dropped, [{ startMs: 4_000, endMs: 5_000, doubt: "unsure" }]);
    assert.ok(Math.abs((averageLogProbability ?? 0) + 0.7) < 1e-9);
    assert.equal(misfit, 0.1);
  });

  it("given no chunks, then there are no words and no means", () => {
    const result = summarise([], { ...recording, speechMs: 0 });
    assert.deepEqual([result.words, result.averageLogProbability, result.misfit], [[], null, null]);
  });
});
