import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { cleanText } from "./clean.ts";
import { endingByItself } from "./testing.ts";

const cases: [name: string, given: string, shown: string][] = [
  ["control characters and line breaks are spaces", "line\u0000\n\u2028break\u001b", "line break"],
  ["bidi overrides, isolates and marks go", "\u202eabc\u202c \u2066d\u2069\u200f\u061c", "abc d"],
  ["what cannot be seen is nothing", "\u200b\u200d\u200c\ufeff\u00ad\u2060\u034f\u3164\u115f\ufe0f\u{e0041}\u2800", ""],
  ["half a character goes", "a\ud83d b", "a b"],
  ["what ASS, and players of SRT, read as a command looks nearly the same", "{\\b1}bold\\N", "(/b1)bold/N"],
  ["Persian keeps the joiner that parts its letters", "می\u200cخواهم", "می\u200cخواهم"],
  ["a joiner at the end of a Persian word, or twice, goes", "می\u200c\u200c", "می"],
  ["Arabic keeps the joiner that shapes a letter alone", "ه\u200d", "ه\u200d"],
  ["Devanagari keeps its half letters and its split ones", "क्\u200dष र्\u200dय क्\u200cष", "क्\u200dष र्\u200dय क्\u200cष"],
  ["Malayalam keeps its final letters", "അവന്\u200d", "അവന്\u200d"],
  ["between Latin letters a joiner joins nothing", "a\u200db\u200cc", "abc"],
  ["emoji stay whole", "👩🏽\u200d💻 ❤️\u200d🔥 🏳️\u200d🌈 1️⃣", "👩🏽\u200d💻 ❤️\u200d🔥 🏳️\u200d🌈 1️⃣"],
  ["flags made of tags stay whole; tags elsewhere go", "🏴󠁧󠁢󠁥󠁮󠁧󠁿 a\u{e0067}\u{e007f}", "🏴󠁧󠁢󠁥󠁮󠁧󠁿 a"],
  ["a Japanese variant is kept", "葛\u{e0100}城", "葛\u{e0100}城"],
  ["marks are composed, and the fifth on one letter goes", `e\u0301 z${"\u0335".repeat(199)}a`, "é z\u0335\u0335\u0335\u0335a"],
  ["a joiner is judged by the marks in their order, whatever stood between them", "\u0301\u200b\u0d4d\u200d", "\u0d4d\u0301"],
  ["Arabic signs that are seen stay", "\u06dd\u0661", "\u06dd\u0661"],
];
for (const [name, given, shown] of cases) test(name, () => assert.equal(cleanText(given), shown));

test("whatever is given, what is clean stays as it is, and holds nothing that commands, reorders or hides", () => {
  const hostile = fc.constantFrom(..."\u200b\u200c\u200d\u202e\u2066\u0301\ufe0f{}\\\n\u0000\ud83d ابकന്1👩");
  const anything = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.array(hostile).map((parts) => parts.join("")),
  );
  fc.assert(
    fc.property(anything, (given) => {
      const clean = cleanText(given);
      assert.equal(cleanText(clean), clean);
      assert.ok(clean.isWellFormed());
      assert.doesNotMatch(clean, /[{}\\\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069\u200b\u200e\u200f\ufeff]|^\s|\s$|\p{M}{5}/u);
      assert.ok(clean === "" || /[^\s\p{Default_Ignorable_Code_Point}]/u.test(clean));
    }),
    { numRuns: 500 },
  );
});

test("given as many marks on one letter as a request may have, out of their order, then four are kept, and it ends", () => {
  const given = `a${"\u0323\u0307".repeat(150_000)}`;
  assert.match(
    endingByItself(() => cleanText(given)),
    /^\p{L}\p{M}{1,4}$/u,
  );
});
