import assert from "node:assert/strict";
import { test } from "node:test";
import { spoken } from "./testing.ts";
import { type ShownOptions, shownWords } from "./words.ts";

const endMs = 60_000;
const expressive = { text_case: "upper", punctuation: "expressive", keywords: [] } as const;
const asSpoken = { text_case: "spoken", punctuation: "spoken", keywords: [] } as const;

function textsOf(text: string, style: ShownOptions["style"] = expressive, language = "en"): string[] {
  return shownWords(spoken(text), { style, language, endMs }).map((word) => word.text);
}

test("an expressive style shows capitals, ? and !, and nothing else around a word", () => {
  assert.deepEqual(textsOf(`"Stop," he said. Why?! It's 3.5 well-known… (really) – yes!`), [
    ...["STOP", "HE", "SAID", "WHY?!", "IT'S", "3.5", "WELL-KNOWN", "REALLY", "YES!"],
  ]);
});

test("a spoken style shows what the recogniser wrote", () => {
  assert.deepEqual(textsOf("Então, você não precisa.", asSpoken), ["Então,", "você", "não", "precisa."]);
});

test("capitals and small letters are those of the language", () => {
  assert.deepEqual(textsOf("istanbul", expressive, "tr"), ["İSTANBUL"]);
  assert.deepEqual(textsOf("ISIK não AÇÃO", { text_case: "lower", punctuation: "spoken", keywords: [] }, "tr"), [
    "ısık",
    "não",
    "ação",
  ]);
});

test("capitals and small letters are those of each language, and letters without case stay", () => {
  const [upper, lower] = ["upper" as const, "lower" as const].map((text_case) => ({
    text_case,
    punctuation: "spoken" as const,
    keywords: [],
  }));
  assert.deepEqual(textsOf("straße ijs ĳs", upper, "de"), ["STRASSE", "IJS", "ĲS"]);
  assert.deepEqual(textsOf("Ελλάδα άνθρωπος", upper, "el"), ["ΕΛΛΑΔΑ", "ΑΝΘΡΩΠΟΣ"]);
  assert.deepEqual(textsOf("ΑΝΘΡΩΠΟΣ ΟΔΟΣ", lower, "el"), ["ανθρωπος", "οδος"]);
  assert.deepEqual(textsOf("نعم हाँ はい ไทย", upper, "ar"), ["نعم", "हाँ", "はい", "ไทย"]);
});

test("an expressive style drops the marks of every script, and keeps those that express", () => {
  const texts = textsOf("«مرحبا»، لماذا؟ نعم؛ پاکستان۔ नमस्ते। #️⃣", expressive, "ar");
  assert.deepEqual(texts, ["مرحبا", "لماذا؟", "نعم", "پاکستان", "नमस्ते", "#️⃣"]);
  assert.deepEqual(textsOf("今日は、 「はい」。 本当？！", expressive, "ja"), ["今日は", "はい", "本当？！"]);
});

test("words remember the sentence and the clause that the style no longer shows, even from a mark that stands alone", () => {
  const words = shownWords(spoken("Well, that is it . Go"), { style: expressive, language: "en", endMs });
  assert.deepEqual(
    words.map(({ text, ends }) => `${text} ${ends}`),
    ["WELL clause", "THAT nothing", "IS nothing", "IT sentence", "GO nothing"],
  );
});

test("what a subtitle format would read as a command is shown as what looks nearest", () => {
  assert.deepEqual(textsOf("{\\b1}bold a\\Nb line\u0000\n\u202ebreak", asSpoken), ["(/b1)bold", "a/Nb", "line break"]);
});

test("words that begin together are lit one after the other", () => {
  const at = (start_ms: number, end_ms: number) => ({ text: "x", start_ms, end_ms, confidence: 1 });
  const words = shownWords([at(1000, 1000), at(1000, 1000), at(1000, 2000)], { style: asSpoken, language: "en", endMs });
  assert.deepEqual(
    words.map(({ startMs }) => startMs),
    [1000, 1050, 1100],
  );
});

test("keywords are found whatever their case and the marks around them, in any style", () => {
  const style = { ...expressive, keywords: ["Atenção", "3,5!", "coração"] };
  const words = shownWords(spoken("A atenção, «ATENÇÃO» 3,5 atenções"), { style, language: "pt", endMs });
  assert.deepEqual(
    words.map(({ isKeyword }) => isKeyword),
    [false, true, true, true, false],
  );
});

test("a word may be a key word by itself, or be none though the style has it; its emoji is shown after it", () => {
  const word = (text: string, start_ms: number, more = {}) => ({
    text,
    start_ms,
    end_ms: start_ms + 300,
    confidence: 1,
    ...more,
  });
  const given = [word("money", 0), word("big", 400, { emphasis: true }), word("Money", 800, { emphasis: false, emoji: "💸" })];
  const shown = shownWords(given, { style: { ...asSpoken, keywords: ["money"] }, language: "en", endMs });
  assert.deepEqual(
    shown.map(({ text, isKeyword }) => [text, isKeyword]),
    [
      ["money", true],
      ["big", true],
      ["Money 💸", false],
    ],
  );
});
