import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { doubt, type Read } from "./guard.ts";

const read = (text: string, changes: Partial<Read> = {}): Read => ({
  words: text
    .split(" ")
    .filter(Boolean)
    .map((word) => ({ text: word, probability: 0.9 })),
  averageLogProbability: -0.1,
  ended: true,
  speechMs: 3000,
  ...changes,
});

describe("whether what was read is believed", () => {
  it("given a sure reading at the pace of speech, then it is", () => {
    assert.equal(doubt(read("ask not what your country can do for you")), null);
  });

  it("given no words, then nothing was read", () => {
    assert.equal(doubt(read("")), "nothing");
  });

  it("given a model that guesses, then it is unsure", () => {
    assert.equal(doubt(read("a fluent sentence", { averageLogProbability: -1.3 })), "unsure");
  });

  it("given nine words in a second, then it is too fast", () => {
    assert.equal(doubt(read("one two three four five six seven eight nine", { speechMs: 1000 })), "too_fast");
  });

  it("given the same over and over without an end, then it is in circles", () => {
    assert.equal(doubt(read("on and on and on and on and on", { ended: false })), "circles");
    assert.equal(doubt(read("on and on and on and on and on")), null);
  });
});
