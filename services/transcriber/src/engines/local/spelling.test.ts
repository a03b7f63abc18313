import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Entry } from "./dictionary.ts";
import { alignSpelling } from "./spelling.ts";

const entries = (text: string): Entry[] =>
  text.split("\n").map((line) => {
    const [word = "", ...phones] = line.trim().split(" ");
    return { word, phones };
  });

/** Enough for each letter to be seen by itself. */
const dictionary = entries(
  `cat K AE T
   cats K AE T S
   tack T AE K
   sack S AE K
   box B AA K S
   ox AA K S
   boss B AA S
   bat B AE T
   tab T AE B
   cab K AE B
   sob S AA B
   cot K AA T`,
);

describe("letters aligned with phones", () => {
  it("given a dictionary, when it is aligned, then each letter has its own, two or none", () => {
    const parts = new Map(alignSpelling(dictionary).map(({ word, parts }) => [word, parts]));
    assert.deepEqual(parts.get("cat"), ["K", "AE", "T"]);
    assert.deepEqual(parts.get("box"), ["B", "AA", "K S"]);
  });

  it("given any entry, then its parts are as many as its letters, and together its phones", () => {
    for (const { word, parts } of alignSpelling(dictionary)) {
      assert.equal(parts.length, word.length);
      assert.deepEqual(parts.filter(Boolean).join(" ").split(" "), dictionary.find((entry) => entry.word === word)?.phones);
    }
  });

  it("given what cannot be aligned, then it is left out", () => {
    assert.deepEqual(alignSpelling(entries("w D AH B AH L Y UW\n3d TH R IY D IY\nab K AE B S AE T")), []);
  });
});
