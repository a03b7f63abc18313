import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { cardinal, joined, numberReadings, ordinal, plural } from "./numbers.ts";

const say = (written: string) => numberReadings(written).map((reading) => reading.join(" "));

describe("the ways to say a number", () => {
  const cases: [written: string, ...readings: string[]][] = [
    ["0", "zero"],
    ["15", "fifteen"],
    ["42", "forty two"],
    ["100", "one hundred", "a hundred", "one zero zero", "one oh oh"],
    ["911", "nine hundred eleven", "nine hundred and eleven", "nine eleven", "nine one one"],
    ["1500", "one thousand five hundred", "fifteen hundred", "one five zero zero", "one five oh oh"],
    ["1,500", "one thousand five hundred", "fifteen hundred", "a thousand five hundred"],
    ["1905", "one thousand nine hundred five", "one thousand nine hundred and five", "nineteen oh five"],
    ["2024", "two thousand twenty four", "two thousand and twenty four", "twenty twenty four"],
    ["007", "zero zero seven", "oh oh seven"],
    ["1,000,001", "one million one", "one million and one", "a million one"],
  ];
  for (const [written, ...readings] of cases)
    it(`given ${written}, then among them are: ${readings.join("; ")}`, () => {
      for (const reading of readings)
        assert.ok(say(written).includes(reading), `${reading} is not in ${say(written).join("; ")}`);
    });

  it("given a telephone number, then it is said digit by digit", () => {
    assert.deepEqual(say("5551234567890123"), [
      "five five five one two three four five six seven eight nine zero one two three",
      "five five five one two three four five six seven eight nine oh one two three",
    ]);
  });

  it("given any number, then no two readings are the same and none is empty", () => {
    fc.assert(
      fc.property(fc.stringMatching(/^\d{1,20}$/), (written) => {
        const readings = say(written);
        assert.equal(new Set(readings).size, readings.length);
        assert.ok(readings.length > 0 && readings.every((reading) => /^[a-z]+( [a-z]+)*$/.test(reading)));
      }),
    );
  });

  it("given any two numbers, then their cardinals differ", () => {
    const number = fc.maxSafeInteger().map((n) => Math.abs(n) % 1e15);
    fc.assert(fc.property(number, number, (a, b) => a === b || cardinal(a).join(" ") !== cardinal(b).join(" ")));
  });
});

describe("a number in words", () => {
  it("becomes an ordinal", () => {
    const ordinals = [1, 2, 3, 5, 8, 9, 12, 21, 30, 100].map((n) => ordinal(cardinal(n)).join(" "));
    assert.deepEqual(ordinals, [
      "first",
      "second",
      "third",
      "fifth",
      "eighth",
      "ninth",
      "twelfth",
      "twenty first",
      "thirtieth",
      "one hundredth",
    ]);
  });

  it("becomes a plural", () => {
    assert.deepEqual(
      [90, 6, 4].map((n) => plural(cardinal(n)).join(" ")),
      ["nineties", "sixes", "fours"],
    );
  });
});

describe("joining", () => {
  it("gives all ways to say one thing after the other", () => {
    assert.deepEqual(joined([["a"], ["one"]], [[], ["whole"]]), [["a"], ["a", "whole"], ["one"], ["one", "whole"]]);
  });

  it("stops before they are too many", () => {
    const two = [["a"], ["b"]];
    assert.equal(joined(...Array<string[][]>(30).fill(two)).length, 64);
  });
});
