import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { countErrors, pairWords, wordErrorRate } from "./speech-errors.ts";

const words = (text: string) => text.split(" ").filter(Boolean);
const count = (said: string, heard: string) => countErrors(words(said), words(heard));

describe("word errors", () => {
  it("given the same, then there are none", () => {
    assert.deepEqual(count("ask not what", "ask not what"), { said: 3, wrong: 0, missing: 0, extra: 0 });
  });

  it("given each kind, then each is counted", () => {
    const errors = count("he was not an ill disposed young man", "she was not an disposed young man too");
    assert.deepEqual(errors, { said: 8, wrong: 1, missing: 1, extra: 1 });
    assert.equal(wordErrorRate(errors), 3 / 8);
  });

  it("given any words, then every word is in one pair, in order", () => {
    const text = fc.array(fc.constantFrom("a", "b", "c"), { maxLength: 12 });
    fc.assert(
      fc.property(text, text, (said, heard) => {
        const pairs = pairWords(said, heard);
        assert.deepEqual(
          pairs.flatMap((pair) => (pair.said === null ? [] : [pair.said])),
          [...said.keys()],
        );
        assert.deepEqual(
          pairs.flatMap((pair) => (pair.heard === null ? [] : [pair.heard])),
          [...heard.keys()],
        );
      }),
    );
  });
});
