import assert from "node:assert/strict";
import { test } from "node:test";
import { safeArea, shapeOf } from "./frame.ts";
import { layOut } from "./layout.ts";
import { reachOf } from "./reach.ts";
import { styleIds, styles } from "./styles.ts";
import { assertInside, spoken } from "./testing.ts";

const endMs = 30_000;
const frames = {
  vertical: { width: 1080, height: 1920 },
  square: { width: 1080, height: 1080 },
  wide: { width: 1920, height: 1080 },
};
const text = "So here is the one thing nobody tells you about growing your channel fast. Retention beats volume, every time!";

test("a frame is vertical, square or wide; a feed picture of 4:5 counts as square", () => {
  for (const [shape, frame] of Object.entries(frames)) assert.equal(shapeOf(frame), shape);
  assert.equal(shapeOf({ width: 1080, height: 1350 }), "square");
});

for (const id of styleIds) {
  for (const [shape, frame] of Object.entries(frames)) {
    test(`${id} on a ${shape} frame stands clear of what an app draws over the video`, () => {
      const layout = layOut(spoken(text), { style: styles[id], frame, language: "en", endMs });
      assert.ok(layout.cues.length > 1);
      for (const cue of layout.cues) assertInside(reachOf(cue, styles[id]), safeArea(frame));
    });
  }
}

test("a style looks the same on a frame of half the size", () => {
  const options = { style: styles.hormozi, language: "en", endMs };
  const large = layOut(spoken(text), { ...options, frame: { width: 1080, height: 1920 } });
  const small = layOut(spoken(text), { ...options, frame: { width: 540, height: 960 } });
  const [a, b] = [large.cues[3]?.words[0], small.cues[3]?.words[0]];
  assert.ok(a && b && a.text === b.text && Math.abs(a.x / 2 - b.x) < 0.01 && Math.abs(a.footY / 2 - b.footY) < 0.01);
});

test("a word too long for the frame shrinks, is reported, and lies inside the frame", () => {
  const frame = frames.vertical;
  const layout = layOut(spoken("the Rindfleischetikettierungsüberwachungsaufgabenübertragungsgesetz law"), {
    style: styles.hormozi,
    frame,
    language: "de",
    endMs,
  });
  assert.deepEqual(
    layout.shrunk.map(({ text, scale }) => [text.slice(0, 11), scale < 0.5]),
    [["RINDFLEISCH", true]],
  );
  for (const cue of layout.cues) assertInside(reachOf(cue, styles.hormozi), safeArea(frame));
});

test("Hebrew words stand from right to left, and are lit in the order they are said", () => {
  const layout = layOut(spoken("שלום עולם"), { style: styles.boxed, frame: frames.wide, language: "he", endMs });
  const [first, second] = layout.cues[0]?.words ?? [];
  assert.ok(first && second && first.x > second.x && first.litFromMs < second.litFromMs);
});

test("a word of both directions is drawn at once where it stands together, and grows as one", () => {
  const options = { style: { ...styles.podcast, max_words_per_line: 8 }, frame: frames.wide, language: "he", endMs };
  const placed = (text: string) => layOut(spoken(text), options).cues[0]?.words.map(({ parts }) => parts) ?? [];
  const seen = (parts: (typeof placedWords)[number]) =>
    parts.map(({ groups }) => groups.map(({ runs }) => runs.map(({ text }) => text).join("")).join(" "));
  const placedWords = placed("אני ב-YouTube עכשיו");
  assert.deepEqual(placedWords.map(seen), [["אני"], ["YouTube ב-"], ["עכשיו"]]);
  assert.deepEqual(placed("אני ב-Google Maps").map(seen), [["אני"], ["Google", "ב-"], ["Maps"]]);
});

test("what is drawn in another font, as a picture or not at all is told with its word and time", () => {
  const words = spoken("go 日本 🔥 a\u{12000} \u{12001}.");
  const { found, cues } = layOut(words, { style: styles.hormozi, frame: frames.wide, language: "en", endMs });
  const at = words.map(({ start_ms }) => start_ms);
  assert.deepEqual(found.fallbacks, [{ font: "Noto Sans SC Black", text: "日本", word: "日本", atMs: at[1] }]);
  assert.deepEqual(found.emoji, [{ text: "🔥", atMs: at[2] }]);
  assert.deepEqual(
    found.leftOut.map(({ text, word, atMs }) => [text, word, atMs]),
    [
      ["\u{12000}", "A\u{12000}", at[3]],
      ["\u{12001}", "\u{12001}", at[4]],
    ],
  );
  assert.deepEqual(
    found.fonts.map(({ fullName }) => fullName),
    ["Montserrat Black", "Noto Sans SC Black"],
  );
  assert.equal(cues.flatMap((cue) => cue.words).length, 4);
});

test("phrases of a language without spaces touch, sentences and words with spaces do not", () => {
  const words = ["今日は", "とても", "「いい」", "天気です。", "AI", "tools"].map((text, i) => ({
    text,
    start_ms: i * 100,
    end_ms: i * 100 + 100,
    confidence: 1,
  }));
  const style = { ...styles.podcast, max_words_per_cue: 8, max_words_per_line: 8 };
  const layout = layOut(words, { style, frame: frames.wide, language: "ja", endMs });
  for (const cue of layout.cues)
    for (const [i, word] of cue.words.entries()) {
      const next = cue.words[i + 1];
      if (!next || next.footY !== word.footY) continue;
      const gap = next.x - next.width / 2 - (word.x + word.width / 2);
      assert.equal(gap > 1, /[A-Z。]/i.test(word.text), `${word.text} ${next.text} ${gap}`);
    }
});

test("emoji without end do not make a script without end: over a limit they are left out, and told", () => {
  const words = spoken(Array.from({ length: 100 }, () => "🇲🇵".repeat(10)).join(" "));
  const { found } = layOut(words, { style: styles.hormozi, frame: frames.wide, language: "en", endMs: 600_000 });
  assert.ok(found.emoji.length > 20 && found.emoji.length < 100);
  assert.equal(found.emoji.length + found.leftOut.length, 1000);
});
