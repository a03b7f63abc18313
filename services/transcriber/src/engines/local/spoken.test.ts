import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { spokenReadings } from "./spoken.ts";

const say = (...sentence: string[]) => spokenReadings(sentence).map((readings) => readings.map((reading) => reading.join(" ")));

describe("how a written word is said", () => {
  const cases: [written: string, ...readings: string[]][] = [
    ["Hello,", "hello"],
    ["“don’t”", "don't"],
    ["café", "cafe"],
    ["cold-hearted", "cold hearted"],
    ["Mr.", "mister"],
    ["&", "and"],
    ["NASA", "nasa", "n. a. s. a."],
    ["U.S.", "u. s."],
    ["DVDs", "dvds", "d. v. d.'s"],
    ["1999", "nineteen ninety nine", "one thousand nine hundred ninety nine"],
    ["$1.50", "one dollar fifty", "one fifty", "one dollar and fifty cents"],
    ["$1", "one dollar"],
    ["$0.99", "ninety nine cents"],
    ["-£20", "minus twenty pounds"],
    ["€3.5bn", "three point five billion euros"],
    ["$20k", "twenty thousand dollars"],
    ["100%.", "one hundred percent", "a hundred percent"],
    ["3.14", "three point one four"],
    ["-5", "minus five", "negative five"],
    ["20°C", "twenty degrees celsius"],
    ["5:30pm", "five thirty p. m."],
    ["9:05", "nine oh five"],
    ["10:00", "ten", "ten o'clock"],
    ["5pm", "five p. m."],
    ["21st", "twenty first"],
    ["1990s", "nineteen nineties"],
    ["'90s", "nineties"],
    ["1/2", "one half", "a half"],
    ["3/4", "three fourths", "three quarters"],
    ["24/7", "twenty four seven"],
    ["25-30", "twenty five to thirty", "twenty five thirty"],
    ["1920x1080", "nineteen twenty by ten eighty"],
    ["covid-19", "covid nineteen"],
    ["GPT4", "gpt four"],
    ["4K", "four k."],
    ["example.com", "example dot com"],
    ["#viral", "viral"],
    ["½", "one half"],
  ];
  for (const [written, ...readings] of cases)
    it(`given ${written}, then among its readings are: ${readings.join("; ")}`, () => {
      const [said = []] = say(written);
      for (const reading of readings) assert.ok(said.includes(reading), `${reading} is not in ${said.join("; ")}`);
    });

  it("given a sum before its million, then the dollars are said after it", () => {
    const [five, million] = say("$5", "million");
    assert.deepEqual([five, million], [["five"], ["million dollars", "million"]]);
  });

  it("given a.m. and p.m. after a time, then they are letters; else am is a word", () => {
    assert.deepEqual(say("5:30", "am")[1], ["a. m."]);
    assert.deepEqual(say("I", "am")[1], ["am"]);
  });

  it("given punctuation alone, then it is not said", () => {
    assert.deepEqual(say("-", "…", "", "?!"), [[], [], [], []]);
  });

  it("given any text, then its readings are not many, and of small letters, dots and apostrophes", () => {
    fc.assert(
      fc.property(fc.array(fc.stringMatching(/^[a-zA-Z0-9$£€%°.,:/'&@+#x-]{0,12}$/), { maxLength: 5 }), (sentence) => {
        for (const readings of spokenReadings(sentence)) {
          assert.ok(readings.length <= 65);
          for (const reading of readings)
            assert.ok(reading.length > 0 && reading.every((word) => /^[a-z.']+$/.test(word)), reading.join("|"));
        }
      }),
      { numRuns: 1000 },
    );
  });
});
