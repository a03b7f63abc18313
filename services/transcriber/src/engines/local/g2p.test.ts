import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { learnSpelling } from "./g2p.ts";
import type { Entry } from "./spelling.ts";

/** The dictionary that the aligner comes with, without comments and second pronunciations. */
const dictionary = readFileSync(new URL("model/en-us/dict.txt", import.meta.resolve("soundswallower")), "utf8")
  .split("\n")
  .filter((line) => /^[a-z']+ /.test(line))
  .map((line): Entry => {
    const [word = "", ...phones] = line.trim().split(" ");
    return { word, phones };
  });

describe("a speller that has learned from a dictionary", () => {
  const unseen = dictionary.filter((_, i) => i % 200 === 100);
  const say = learnSpelling(dictionary.filter((_, i) => i % 200 !== 100));

  it("given words it has not seen, when it says them, then 40 in a hundred are without an error", () => {
    const right = unseen.filter(({ word, phones }) => say(word).join(" ") === phones.join(" "));
    assert.ok(right.length / unseen.length > 0.4, `${right.length} of ${unseen.length}`);
  });

  it("given a name that is in no dictionary, then it is said as it is spelled", () => {
    assert.equal(say("Sintra").join(" "), "S IH N T R AH");
  });

  it("given characters other than letters, then they are passed over", () => {
    assert.deepEqual(say("o-x!"), say("ox"));
    assert.deepEqual(say("日本"), []);
  });
});
