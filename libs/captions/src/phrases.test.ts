import assert from "node:assert/strict";
import { test } from "node:test";
import type { Word } from "@viralclaw/contracts/transcript";
import fc from "fast-check";
import { phrased, phrasesOf, spaceBetween } from "./phrases.ts";

const texts = {
  ja: "今日はとても大切なことをお話しします。YouTubeのチャンネルを伸ばすコツは「続けること」ですよ！",
  zh: "今天我们来聊一个很重要的话题，怎么样才能让你的频道快速增长？",
  yue: "今日我哋嚟講一個好重要嘅話題，點樣先可以令你嘅頻道快速增長？",
  th: "วันนี้เราจะมาพูดถึงเรื่องสำคัญที่ไม่มีใครบอกคุณ",
  lo: "ມື້ນີ້ພວກເຮົາຈະເວົ້າກ່ຽວກັບເລື່ອງສໍາຄັນ",
  km: "ថ្ងៃនេះយើងនឹងនិយាយអំពីរឿងសំខាន់",
} as const;

/** One word for each `size` characters, Latin words whole, 100 ms a character. */
const recognised = (text: string, size: number): Word[] =>
  [...text.matchAll(new RegExp(`[A-Za-z]+|[^A-Za-z]{1,${size}}`, "g"))].map(({ 0: part, index }) => {
    return { text: part, start_ms: 100 * index, end_ms: 100 * (index + part.length), confidence: 1 };
  });

test("words that a customer has cut and timed by hand stay as they are; single characters and whole sentences of theirs do not", () => {
  const byHand = recognised("今日はとても大切なことを", 2);
  assert.deepEqual(phrased(byHand, "ja", "customer"), byHand);
  assert.notDeepEqual(phrased(byHand, "ja", "recognised"), byHand);
  for (const size of [1, 20]) {
    const words = recognised(texts.ja, size);
    assert.deepEqual(phrased(words, "ja", "customer"), phrased(words, "ja", "recognised"));
  }
});

test("a sentence is cut into phrases that a reader takes in at once", () => {
  assert.deepEqual(phrasesOf(texts.ja, "ja"), [
    ...[
      "今日は",
      "とても",
      "大切な",
      "ことを",
      "お話しします。",
      "YouTubeの",
      "チャンネルを",
      "伸ばすコツは",
      "「続ける",
      "こと」ですよ！",
    ],
  ]);
  const zh = ["今天", "我们", "来聊", "一个", "很重要的", "话题，", "怎么样", "才能", "让你的", "频道", "快速", "增长？"];
  assert.deepEqual(phrasesOf(texts.zh, "zh"), zh);
  assert.deepEqual(phrasesOf(texts.th, "th").slice(0, 6), ["วัน", "นี้", "เรา", "จะ", "มา", "พูด"]);
});

for (const [language, text] of Object.entries(texts)) {
  test(`${language}: characters, pairs or the whole sentence recognised at once give the same phrases at the same times`, () => {
    const [characters, pairs, whole] = [1, 2, text.length].map((size) => phrased(recognised(text, size), language));
    assert.ok(characters && characters.length > 3);
    assert.deepEqual(characters, pairs);
    assert.deepEqual(characters, whole);
    assert.equal(characters.map((word) => word.text).join(""), text);
    for (const [i, word] of characters.entries()) assert.equal(word.start_ms, characters[i - 1]?.end_ms ?? 0);
  });
}

test("no phrase begins with what no line begins with, or ends with what none ends with", () => {
  const piece = fc.constantFrom(..."今日はっょーャ、。」「（）！あカッ$5aB 大切เแกา่ๆ");
  fc.assert(
    fc.property(fc.array(piece, { minLength: 1, maxLength: 40 }), fc.constantFrom("ja", "zh", "th"), (pieces, language) => {
      const text = pieces.join("");
      const phrases = phrasesOf(text, language);
      assert.equal(phrases.join(""), text);
      for (const phrase of phrases.slice(1)) assert.doesNotMatch(phrase, /^[っょーャッ、。」）！่ๆ]/u);
      for (const phrase of phrases.slice(0, -1)) assert.doesNotMatch(phrase, /[「（$เแ]$/u);
    }),
  );
});

test("what else is said of a word goes with the phrase that it ends in, once", () => {
  const [first, second] = recognised("今日は大切な", 4);
  const phrases = phrased([{ ...first, ...{ emphasis: true } } as Word, { ...second, ...{ emoji: "🔥" } } as Word], "ja");
  assert.deepEqual(
    phrases.map(({ text, confidence, start_ms, end_ms, ...more }) => [text, more]),
    [
      ["今日は", {}],
      ["大切な", { emphasis: true, emoji: "🔥" }],
    ],
  );
});

test("a silence ends a phrase", () => {
  const words = [...recognised("今日", 1), { text: "は", start_ms: 600, end_ms: 700, confidence: 1 }];
  assert.deepEqual(
    phrased(words, "ja").map(({ text, end_ms }) => [text, end_ms]),
    [
      ["今日", 200],
      ["は", 700],
    ],
  );
});

test("languages with spaces keep their words", () => {
  const words = recognised("안녕하세요 여러분", 5);
  assert.deepEqual(phrased(words, "ko"), words);
});

test("Latin words in a Japanese sentence are still parted by a space, Japanese ones are not", () => {
  assert.deepEqual(
    phrased(
      [..."AI tools を使う".split(" ")].map((text, i) => ({ text, start_ms: i * 100, end_ms: i * 100 + 100, confidence: 1 })),
      "ja",
    ).map(({ text }) => text),
    ["AI", "toolsを", "使う"],
  );
  assert.ok(spaceBetween("AI", "toolsを", "ja") && !spaceBetween("tools", "を", "ja") && !spaceBetween("は", "AI", "ja"));
});
