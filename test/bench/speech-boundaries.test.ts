import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { boundaryErrors } from "./speech-boundaries.ts";

const timed = (word: string, startMs: number, endMs: number) => ({ word, startMs, endMs });
const heard = (text: string, start_ms: number, end_ms: number) => ({ text, start_ms, end_ms });

describe("boundary errors", () => {
  it("given a word that was heard, then they are how late it starts and ends", () => {
    assert.deepEqual(boundaryErrors([timed("she", 100, 200)], [heard("She,", 110, 190)]), [
      { word: "she", startMs: 10, endMs: -10 },
    ]);
  });

  it("given a word heard as another, then its times count", () => {
    const errors = boundaryErrors(
      [timed("caused", 0, 100), timed("them", 100, 200)],
      [heard("caused", 0, 100), heard("him", 105, 200)],
    );
    assert.deepEqual(errors[1], { word: "them", startMs: 5, endMs: 0 });
  });

  it("given a word that was not heard, then there is none", () => {
    assert.deepEqual(boundaryErrors([timed("she", 100, 200)], []), [null]);
  });

  it("given a number that is two words when scored, then its outer boundaries are taken", () => {
    const errors = boundaryErrors([timed("twenty", 0, 100), timed("five", 100, 200)], [heard("25", 0, 210)]);
    assert.deepEqual(errors, [
      { word: "twenty", startMs: 0, endMs: 110 },
      { word: "five", startMs: -100, endMs: 10 },
    ]);
  });
});
