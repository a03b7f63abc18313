import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { pronounce } from "./pronounce.ts";

const dictionary: Record<string, string> = {
  liz: "L IH Z",
  pat: "P AE T",
  ann: "AE N",
  "'cause": "K AH Z",
  "n.": "EH N",
  "g.": "JH IY",
  "h.": "EY CH",
};
const say = (word: string) =>
  pronounce(
    word,
    (entry) => dictionary[entry] ?? null,
    () => (unknown) => [`guess:${unknown}`],
  );

describe("how a spoken word is said", () => {
  it("is what the dictionary says, with its apostrophes or without", () => {
    assert.equal(say("ann"), "AE N");
    assert.equal(say("'cause"), "K AH Z");
    assert.equal(say("'ann'"), "AE N");
  });

  it("is the owner's, and an ending after its last sound", () => {
    assert.deepEqual(["liz's", "pat's", "ann's"].map(say), ["L IH Z AH Z", "P AE T S", "AE N Z"]);
  });

  it("is its letters where it has no vowel", () => {
    assert.equal(say("ngh"), "EH N JH IY EY CH");
  });

  it("is guessed else", () => {
    assert.equal(say("sintra"), "guess:sintra");
  });

  it("is null where there is nothing to say", () => {
    assert.equal(
      pronounce(
        "日本",
        () => null,
        () => () => [],
      ),
      null,
    );
  });
});
