import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import llama from "llama-tokenizer-js";
import { joinTokens } from "./words.ts";

/** Tokens as the model writes them, all of one probability. */
function tokens(text: string, probability = 0.5) {
  return llama.encode(text, false, true).map((id) => ({ id, probability }));
}
const texts = (text: string) => joinTokens(tokens(text)).map((word) => word.text);

describe("words of tokens", () => {
  it("given a sentence, when it is joined, then the words keep their punctuation", () => {
    assert.deepEqual(texts("Well, it's 5.5% of NASA's cold-hearted budget!"), [
      "Well,",
      "it's",
      "5.5%",
      "of",
      "NASA's",
      "cold-hearted",
      "budget!",
    ]);
  });

  it("given letters that are tokens of a byte each, when it is joined, then they are whole", () => {
    assert.deepEqual(texts("naïve \u{1F600}k 日本"), ["naïve", "\u{1F600}k", "日本"]);
  });

  it("given punctuation that stands alone, when it is joined, then it goes to the word before, or to the first", () => {
    assert.deepEqual(texts("so - yes ..."), ["so-", "yes..."]);
    assert.deepEqual(texts('" so'), ['"so']);
    assert.deepEqual(texts("this & that"), ["this", "&", "that"]);
  });

  it("given tokens of unlike probability, then a word has their geometric mean, its punctuation left out", () => {
    const [word] = joinTokens(tokens("unbelievably", 0.25));
    assert.ok(Math.abs((word?.probability ?? 0) - 0.25) < 1e-9);
    const [sure, ...comma] = tokens("yes,", 1);
    const doubtful = comma.map(({ id }) => ({ id, probability: 0.1 }));
    assert.equal(joinTokens(sure ? [sure, ...doubtful] : [])[0]?.probability, 1);
  });

  it("given nothing, then there are no words", () => {
    assert.deepEqual(joinTokens([]), []);
    assert.deepEqual(texts("..."), []);
  });

  it("given any words with a letter, then they come back as they were", () => {
    const word = fc.stringMatching(/^[a-zA-Zé0-9][a-zA-Zé0-9'.,-]{0,8}$/);
    fc.assert(
      fc.property(fc.array(word, { minLength: 1, maxLength: 12 }), (words) => assert.deepEqual(texts(words.join(" ")), words)),
    );
  });
});
