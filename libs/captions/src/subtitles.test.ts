import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { reading, type Subtitle, subtitlesOf } from "./subtitles.ts";
import { endingByItself, spoken, transcriptOf } from "./testing.ts";

const linesOf = (text: string) => subtitlesOf(transcriptOf(spoken(text))).map(({ lines }) => lines);

test("a sentence is a subtitle, on two even lines where one is too short", () => {
  assert.deepEqual(linesOf("Stop posting every single day. Start making videos that people actually want to finish."), [
    ["Stop posting every single day."],
    ["Start making videos that", "people actually want to finish."],
  ]);
});

test("a long sentence is parted at a comma, or else where two lines are full", () => {
  assert.deepEqual(
    linesOf(
      "Attention is the most valuable asset of the century, and clear communication together with quick action is how it is earned.",
    ),
    [
      ["Attention is the most", "valuable asset of the century,"],
      ["and clear communication together with", "quick action is how it is earned."],
    ],
  );
});

test("languages without spaces break between phrases, in lines as their readers are used to; Latin words keep their spaces", () => {
  const words = [..."今日はとても大切なことを話します。", "AI", "tools", ..."のコツ。"].map((text, i) => ({
    ...{ text, start_ms: i * 100, end_ms: i * 100 + 100, confidence: 1 },
  }));
  assert.deepEqual(
    subtitlesOf(transcriptOf(words, { language: "ja" })).map(({ lines }) => lines),
    [["今日はとても大切な", "ことを話します。"], ["AI toolsのコツ。"]],
  );
});

test("a silence begins a new subtitle", () => {
  const [a, b] = [...spoken("well", 0), ...spoken("then", 3000)];
  assert.equal(subtitlesOf(transcriptOf([a, b].filter((word) => word !== undefined))).length, 2);
});

test("a subtitle stays long enough to be read, but not into the next one", () => {
  const [subtitle] = subtitlesOf(transcriptOf([{ text: "Yes.", start_ms: 100, end_ms: 250, confidence: 1 }]));
  assert.deepEqual([subtitle?.startMs, subtitle?.endMs], [100, 100 + reading.minMs]);
  const close = subtitlesOf(transcriptOf([...spoken("Yes.", 100), ...spoken("No.", 500)]));
  assert.equal(close[0]?.endMs, 500 - reading.gapMs);
});

test("Japanese words are written without spaces", () => {
  const words = ["今日", "は", "いい", "天気", "です。"].map((text, i) => ({
    text,
    start_ms: i * 300,
    end_ms: i * 300 + 250,
    confidence: 1,
  }));
  assert.deepEqual(subtitlesOf(transcriptOf(words, { language: "ja" }))[0]?.lines, ["今日はいい天気です。"]);
});

test("no word that is said during the video is lost", () => {
  fc.assert(
    fc.property(fc.array(fc.stringMatching(/^[a-z]{1,9}[.,?]?$/), { minLength: 1, maxLength: 60 }), (texts) => {
      const subtitles: Subtitle[] = subtitlesOf(transcriptOf(spoken(texts.join(" ")), { duration_ms: 600_000 }));
      assert.equal(subtitles.flatMap(({ lines }) => lines).join(" "), texts.join(" "));
    }),
  );
});

const letters = { ja: "今", th: "ก" };
for (const [language, letter] of Object.entries(letters)) {
  test(`given as many words, as long, as a request may have, without a full stop in ${language}, then it ends, and no letter is lost`, () => {
    const words = Array.from({ length: 3000 }, (_, i) => ({
      ...{ text: letter.repeat(66), confidence: 1 },
      ...{ start_ms: i * 5, end_ms: i * 5 + 5 },
    }));
    const subtitles = endingByItself(() => subtitlesOf(transcriptOf(words, { language })));
    assert.equal(subtitles.flatMap(({ lines }) => lines.join("").match(new RegExp(letter, "g")) ?? []).length, 3000 * 66);
  });
}

test("given one phrase of a hundred thousand characters, between which no line may break, then it is a subtitle", () => {
  const words = [{ text: "ー".repeat(150_000), start_ms: 0, end_ms: 900, confidence: 1, emphasis: true }];
  assert.equal(subtitlesOf(transcriptOf(words, { language: "ja" })).length, 1);
});
