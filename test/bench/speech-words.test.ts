import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { scoredWords } from "./speech-words.ts";

const score = (text: string) => scoredWords(text).join(" ");

describe("the words that are scored", () => {
  it("are the same however they are written", () => {
    assert.equal(score("Mr. Müller’s 'ill-disposed' colours…"), "mister muller's ill disposed colors");
    assert.equal(score("25 to 1,500"), "twenty five to one thousand five hundred");
    assert.equal(score("100% of $3.50"), "one hundred percent of three point five zero dollars");
  });

  it("are not made alike where they sound unlike", () => {
    assert.notEqual(score("cleanrooms"), score("clean rooms"));
    assert.equal(score("four hours"), "four hours");
  });
});
