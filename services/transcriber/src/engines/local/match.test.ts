import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type HeardWord, matchWords } from "./match.ts";

/** A word each 100 ms. */
const heard = (text: string): HeardWord[] =>
  text.split(" ").map((word, i) => ({ text: word, startMs: 100 * i, endMs: 100 * i + 100 }));
const match = (text: string, what: string) => matchWords(text.split(" "), heard(what));
/** Which of the heard words each word of the text begins with. */
const partners = (text: string, what: string) => match(text, what).timings.map((timing) => timing && timing.startMs / 100);

const paragraph = "the old man died and his will was read to the family as it was the custom of the house in the days of old";

describe("words of a text among those that were heard", () => {
  it("given the same words, then each is itself, whatever its case, accents and punctuation", () => {
    assert.deepEqual(partners("“Olá!” — diz a AVÓ.", "olá diz a avo"), [0, null, 1, 2, 3]);
  });

  it("given a word misheard, then it is that word, if it is long and most of it is right", () => {
    assert.deepEqual(partners("an ill-disposed young man", "an ill-sposed young man"), [0, 1, 2, 3]);
    assert.deepEqual(partners("he had it", "he hid it"), [0, null, 2]);
  });

  it("given words that nobody says, however many and like those around them, then they are not found, and the others are", () => {
    const said = "he might have been made amiable and the house was his";
    const [before, after] = ["he might have been made", "amiable and the house was his"];
    const found = partners(`${before} ${paragraph} ${after}`, said);
    assert.deepEqual(found.filter((at) => at !== null), said.split(" ").map((_, i) => i)); // biome-ignore format: one line
    assert.deepEqual(found.slice(-4), [7, 8, 9, 10]);
  });

  it("given speech that the text leaves out, then it is told after which word it comes", () => {
    const { timings, others } = match("one two three four", "well one two and so on three four bye");
    assert.deepEqual(
      timings.map((timing) => timing?.startMs),
      [100, 200, 600, 700],
    );
    assert.deepEqual(
      others.map(({ text, after }) => [text, after]),
      [["well", -1], ["and", 1], ["so", 1], ["on", 1], ["bye", 3]], // biome-ignore format: pairs
    );
  });

  it("given another text, then hardly a word is found, though both have many a short one", () => {
    const other =
      "mix the flour with two cups of water and let it rest for an hour then put it in the oven as long as it is white";
    assert.ok(partners(paragraph, other).filter((at) => at !== null).length <= 2);
  });

  it("given a script without spaces, then its words are found however the recogniser cut it", () => {
    const { timings } = matchWords(["今日", "は", "晴れ。"], heard("今 日は 晴 れ"));
    assert.deepEqual(timings, [{ startMs: 0, endMs: 150 }, { startMs: 150, endMs: 200 }, { startMs: 200, endMs: 400 }]); // biome-ignore format: one line
  });

  it("given nothing on either side, then nothing is found", () => {
    assert.deepEqual(matchWords([], heard("one")).timings, []);
    assert.deepEqual(matchWords(["one", "—"], []).timings, [null, null]);
  });

  it("given the longest text and five minutes of fast speech, then it takes a few seconds at most", () => {
    const word = (i: number) => `word${(i * 7919) % 1800}`;
    const text = Array.from({ length: 3000 }, (_, i) => word(i));
    const began = performance.now();
    const { timings } = matchWords(text, heard(text.slice(500, 2000).join(" ")));
    assert.ok(timings.filter(Boolean).length > 1400);
    assert.ok(performance.now() - began < 10_000);
  });
});
