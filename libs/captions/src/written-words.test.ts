import assert from "node:assert/strict";
import { test } from "node:test";
import { wordsOf } from "./written-words.ts";

const cases: [name: string, language: string, text: string, words: string[]][] = [
  ["words are parted at spaces and keep their punctuation", "en", "Stop, now!\n It's 3.5%.", ["Stop,", "now!", "It's", "3.5%."]],
  ["a mark that stands alone stays with the word before it", "fr", "Quoi ? Non – si", ["Quoi ?", "Non –", "si"]],
  ["or, at the beginning, with the first", "pt", "— Oi, tudo bem?", ["— Oi,", "tudo", "bem?"]],
  ["an emoji is a word", "en", "so hot 🔥", ["so", "hot", "🔥"]],
  ["Japanese is parted by its dictionary", "ja", "今日はいい天気です。", ["今日", "は", "いい", "天気", "です。"]],
  ["Thai as well", "th", "สวัสดีครับ", ["สวัสดี", "ครับ"]],
  ["nothing but marks is no word", "en", " … ", []],
];
for (const [name, language, text, words] of cases) test(name, () => assert.deepEqual(wordsOf(text, language), words));
