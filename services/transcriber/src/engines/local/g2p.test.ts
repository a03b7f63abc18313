import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { readDictionary } from "./dictionary.ts";
import { learnSpelling } from "./g2p.ts";

/** The dictionary that the aligner comes with. */
const dictionary = readDictionary(new URL("model/en-us/dict.txt", import.meta.resolve("soundswallower")), 12_000);

describe("a speller that has learned from a dictionary", () => {
  const unseen = dictionary.filter((_, i) => i % 20 === 10);
  const say = learnSpelling(dictionary.filter((_, i) => i % 20 !== 10));

  it("given words it has not seen, when it says them, then two in five are without an error", () => {
    const right = unseen.filter(({ word, phones }) => say(word).join(" ") === phones.join(" "));
    assert.ok(right.length / unseen.length > 0.35, `${right.length} of ${unseen.length}`);
  });

  it("given a name that is in no dictionary, then it is said as it is spelled", () => {
    assert.equal(say("Sintra").join(" "), "S IH N T R AH");
  });

  it("given characters other than letters, then they are passed over", () => {
    assert.deepEqual(say("o-x!"), say("ox"));
    assert.deepEqual(say("日本"), []);
  });
});
