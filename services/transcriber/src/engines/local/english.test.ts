import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { judgeLanguage } from "./english.ts";

const word = { text: "word", start_ms: 0, end_ms: 100, confidence: 0.9 };
const judge = (averageLogProbability: number | null, misfit: number | null, { words = [word], speechMs = 8_000 } = {}) =>
  judgeLanguage({ words, averageLogProbability, misfit, speechMs });

describe("whether it is English", () => {
  it("given the values of clear English, then it is", () => {
    assert.equal(judge(-0.05, 0.12), "english");
  });

  it("given English with noise, then it still is", () => {
    assert.equal(judge(-0.44, 0.28), "english");
  });

  it("given the values of Portuguese and Spanish, then it is not", () => {
    assert.equal(judge(-0.58, 0.54), "other");
    assert.equal(judge(-1.09, 0.36), "other");
  });

  it("given a sure recogniser whose words do not fit the sounds, then it is not, and the other way round", () => {
    assert.equal(judge(-0.1, 0.6), "other");
    assert.equal(judge(-1.2, 0.1), "other");
  });

  it("given words that could not be aligned, then the doubt is against them", () => {
    assert.equal(judge(-0.3, null), "other");
  });

  it("given speech of which nothing is believed, then it is not", () => {
    assert.equal(judge(-1.7, null, { words: [] }), "other");
  });

  it("given no speech, or too little to tell, then it is silent", () => {
    assert.equal(judge(null, null, { words: [], speechMs: 0 }), "silent");
    assert.equal(judge(-1.7, null, { words: [], speechMs: 1_000 }), "silent");
  });
});
