import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { punctuate } from "./punctuation.ts";

const timed = (...texts: string[]) => texts.map((text, i) => ({ text, start: i, end: i + 1 }));
const shown = (words: string[], text: string) => punctuate(timed(...words), text).map((word) => word.text);

describe("words with the punctuation of the text", () => {
  const cases: [what: string, words: string[], text: string, shown: string[]][] = [
    [
      "keep commas, full stops and case",
      ["olá", "mundo", "tudo", "bem"],
      " Olá, mundo! Tudo bem?",
      ["Olá,", "mundo!", "Tudo", "bem?"],
    ],
    ["may have it already", ["Olá,", "mundo!"], " Olá, mundo!", ["Olá,", "mundo!"]],
    ["may begin with a space", [" Olá", " mundo"], "Olá, mundo.", ["Olá,", "mundo."]],
    ["keep what opens before them", ["Qué", "dices", "amigo"], "¿Qué dices, (amigo)?", ["¿Qué", "dices,", "(amigo)?"]],
    ["keep quotes", ["Ele", "disse", "não", "e", "saiu"], 'Ele disse: "não" e saiu.', ["Ele", "disse:", '"não"', "e", "saiu."]],
    [
      "keep a dash as the end of the word before",
      ["Bom", "vamos"],
      "Bom — vamos…",
      ["Bom", "— vamos…"].map((w) => w.replace("— ", "")),
    ],
    [
      "are joined where the text has one word",
      ["guarda", "-chuva", "d", "'água"],
      "Guarda-chuva d'água.",
      ["Guarda-chuva", "d'água."],
    ],
    ["keep prices and numbers whole", ["custa", "R$", "1", ".250", ",50"], "Custa R$ 1.250,50!", ["Custa", "R$", "1.250,50!"]],
    ["are not joined by an ellipsis or a comma without a space", ["sim", "não", "já"], "Sim…não,já", ["Sim…", "não,", "já"]],
    ["keep percent signs", ["50", "%", "de", "desconto"], "50% de desconto", ["50%", "de", "desconto"]],
    ["are left out when they are punctuation alone", ["Sim", "-", "♪", "não"], "Sim - ♪ não", ["Sim", "não"]],
    ["stay as they are where the text lacks them", ["um", "xyzzy", "dois"], "Um, dois.", ["Um,", "xyzzy", "dois."]],
    ["are found again after words that only the text has", ["um", "quatro"], "Um, dois, três, quatro.", ["Um,", "quatro."]],
    ["stay as they are without a text", ["um", "dois"], "", ["um", "dois"]],
    [
      "are not joined in scripts without spaces",
      ["今日", "は", "晴れ", "です"],
      "今日は、晴れです。",
      ["今日", "は、", "晴れ", "です。"],
    ],
    ["differ in Unicode form only", ["cafe\u0301"], "Café.", ["Café."]],
  ];
  for (const [what, words, text, expected] of cases) {
    it(what, () => assert.deepEqual(shown(words, text), expected));
  }

  it("given parts that become one word, then it lasts from the first to the last", () => {
    assert.deepEqual(punctuate(timed("guarda", "-chuva"), "guarda-chuva"), [{ text: "guarda-chuva", start: 0, end: 2 }]);
  });

  it("given any text, when its own words are looked for in it, then they come out as they stand there", () => {
    const token = fc
      .string({ unit: fc.constantFrom(..."abcçãé1,.!?"), minLength: 1, maxLength: 8 })
      .filter((text) => /[a-zçãé1]/.test(text));
    fc.assert(
      fc.property(fc.array(token), (tokens) => {
        const bare = tokens.map((text) => text.replace(/[,.!?]/g, "").toUpperCase());
        assert.deepEqual(shown(bare, tokens.join(" ")), tokens);
      }),
    );
  });

  it("given any words and any text, then no word is lost, empty or earlier than the one before", () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ unit: "grapheme", maxLength: 6 })),
        fc.string({ unit: "grapheme", maxLength: 80 }),
        (words, text) => {
          const result = punctuate(timed(...words), text);
          assert.ok(result.every((word, i) => word.text !== "" && word.start >= (result[i - 1]?.end ?? 0)));
          assert.ok(result.length <= words.length);
        },
      ),
    );
  });
});
