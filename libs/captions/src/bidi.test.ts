import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { directionOf, fromLeft } from "./bidi.ts";

/** The words of a line as they stand from left to right, a bar between two. */
function seen(line: string, language: string): string {
  const texts = line.split(" ");
  return fromLeft(
    texts,
    texts.map(() => true),
    directionOf(line, language),
  )
    .map(({ text, isGap }) => (isGap ? "|" : text))
    .join("");
}

test("an Arabic or Hebrew sentence stands from right to left", () => {
  assert.equal(seen("مرحبا بكم جميعا", "ar"), "جميعا|بكم|مرحبا");
  assert.equal(seen("שלום עולם", "he"), "עולם|שלום");
});

test("Latin words inside keep their own order, numbers one by one stand in that of the sentence", () => {
  assert.equal(seen("اشترك في Viral Claw Pro الآن", "ar"), "الآن|Viral|Claw|Pro|في|اشترك");
  assert.equal(seen("الأرقام 5 10 15 فقط", "ar"), "فقط|15|10|5|الأرقام");
  // Rule W2: after an Arabic letter the sign goes to the left of its number, as Arabic writes it; in Hebrew it does not.
  assert.equal(seen("خصم 50% على iPhone 15", "ar"), "iPhone|15|على|%50|خصم");
  assert.equal(seen("הנחה 50% על iPhone 15", "he"), "iPhone|15|על|50%|הנחה");
});

test("a sentence that begins with a foreign name is still read as its language is", () => {
  assert.equal(seen("YouTube هو الأفضل", "ar"), "الأفضل|هو|YouTube");
  assert.equal(seen("YouTube هو الأفضل", "en"), "YouTube|الأفضل|هو");
  assert.equal(seen("OK let's go", "ar"), "OK|let's|go");
});

test("a word of both directions is parted where it turns, and its foreign part stays with the words it belongs to", () => {
  assert.equal(seen("אני ב-Google Maps עכשיו", "he"), "עכשיו|Google|Mapsב-|אני");
});

test("punctuation and brackets are read with their word: the full stop of an Arabic sentence is at its left end", () => {
  const [last] = fromLeft(["مرحبا", "بكم."], [true, true], "rtl");
  assert.deepEqual(last, { of: 1, text: "بكم.", isGap: false, direction: "rtl" });
  assert.deepEqual(fromLeft(["(مرحبا)"], [true], "rtl"), [{ of: 0, text: "(مرحبا)", isGap: false, direction: "rtl" }]);
});

test("emoji go with the sentence", () => {
  assert.equal(seen("نار 🔥 جدا 🇧🇷", "ar"), "🇧🇷|جدا|🔥|نار");
});

test("whatever is written, every character stands once, and a line without right-to-left letters stands as it is read", () => {
  const word = fc.oneof(
    fc.constantFrom("שלום", "مرحبا", "(אב)", "15%", "ב-YouTube", "١٢", "go", "日本", "🔥"),
    fc.string({ minLength: 1 }),
  );
  fc.assert(
    fc.property(
      fc.array(word, { minLength: 1, maxLength: 8 }),
      fc.constantFrom("ltr" as const, "rtl" as const),
      (texts, direction) => {
        const parts = fromLeft(
          texts,
          texts.map(() => true),
          direction,
        );
        const back = texts.map((_, of) => parts.filter((part) => part.of === of && !part.isGap).map(({ text }) => text));
        for (const [i, text] of texts.entries())
          assert.equal([...(back[i]?.join("") ?? "")].sort().join(""), [...text].sort().join(""));
      },
    ),
  );
  assert.equal(seen("so 5 10 go!", "en"), "so|5|10|go!");
});
