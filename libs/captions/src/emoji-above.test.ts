import assert from "node:assert/strict";
import { test } from "node:test";
import type { StyleOverrides } from "@viralclaw/contracts/style-overrides";
import { safeArea } from "./frame.ts";
import { type LayoutOptions, layOut } from "./layout.ts";
import { reachOf } from "./reach.ts";
import { styleIds, styleOf } from "./styles.ts";
import { assertInside, spoken } from "./testing.ts";

/** Where a style puts emoji: beside their words, above them, or nowhere. */

const frame = { width: 1080, height: 1920 };
/** A fire of its own on the second word, and another in the text of the last. */
const words = spoken("this is so hot. you burn🔥 it").map((word, i) => (i === 1 ? { ...word, emoji: "🚀" } : word));
const laidOut = (overrides: StyleOverrides, id = "hormozi", more: Partial<LayoutOptions> = {}) => {
  const style = styleOf(id, overrides);
  return { style, ...layOut(words, { style, frame, language: "en", endMs: 20_000, ...more }) };
};

test("beside: a word's own emoji follows its letters", () => {
  const { cues, found } = laidOut({});
  assert.deepEqual(cues.flatMap(({ words }) => words.map(({ text }) => text)).slice(0, 2), ["THIS", "IS 🚀"]);
  assert.deepEqual(
    cues.flatMap(({ above }) => above),
    [],
  );
  assert.deepEqual(
    found.emoji.map(({ text }) => text),
    ["🚀", "🔥"],
  );
});

test("above: from when its word is lit until the cue ends, over all that is drawn; one in the text stays there", () => {
  for (const id of styleIds) {
    const { cues, style, found } = laidOut({ emoji: { place: "above", size: 2.5 } }, id);
    const [cue] = cues.filter(({ above }) => above.length > 0);
    const word = cue?.words.find(({ text }) => text.toLowerCase() === "is");
    const [emoji] = cue?.above ?? [];
    assert.ok(cue && word && emoji, id);
    assert.deepEqual([emoji.fromMs, emoji.toMs], [word.litFromMs, cue.endMs]);
    assert.ok(emoji.area.bottom < reachOf({ ...cue, above: [] }, { ...style, tilt: 0 }).top, id);
    assert.deepEqual(
      found.emoji.map(({ text }) => text),
      ["🚀", "🔥"],
    );
  }
});

test("above: it keeps to the safe area wherever the captions are, and the captions stand still", () => {
  for (const id of styleIds)
    for (const vertical of [0, 0.5, 1]) {
      const { cues, style, emPx } = laidOut({ emoji: { place: "above", size: 3 }, position: { vertical } }, id);
      for (const cue of cues) assertInside(reachOf(cue, style), safeArea(frame));
      // A turned line is moved by its width, and a word that is too wide has letters of its own size.
      const alike = cues.filter((cue) => cue.lines.length === 1 && cue.emPx === emPx && style.tilt === 0);
      assert.ok(new Set(alike.map(({ letters }) => letters.bottom)).size <= 1, id);
    }
});

test("of two in one cue the first goes when the second comes", () => {
  const two = words.map((word, i) => (i === 2 ? { ...word, emoji: "👍" } : word));
  const style = styleOf("hormozi", { emoji: { place: "above" }, max_words_per_cue: 4 });
  const { cues } = layOut(two, { style, frame, language: "en", endMs: 20_000 });
  const [first, second] = cues[0]?.above ?? [];
  assert.equal(first?.toMs, second?.fromMs);
  assert.equal(second?.toMs, cues[0]?.endMs);
});

test("none: no emoji is left, in the text neither, nor a word that was nothing else", () => {
  const { cues, found } = laidOut({ emoji: { place: "none" } });
  assert.deepEqual(
    cues.flatMap(({ words }) => words.map(({ text }) => text)),
    ["THIS", "IS", "SO", "HOT", "YOU", "BURN", "IT"],
  );
  assert.deepEqual([found.emoji, found.leftOut], [[], []]);
  const alone = layOut(spoken("go 🔥 now"), {
    style: styleOf("hormozi", { emoji: { place: "none" } }),
    frame,
    language: "en",
    endMs: 9000,
  });
  assert.deepEqual(
    alone.cues.flatMap(({ words }) => words.map(({ text }) => text)),
    ["GO", "NOW"],
  );
});

test("none: a key's digit is said, and stays", () => {
  const style = styleOf("hormozi", { emoji: { place: "none" } });
  const { cues } = layOut(spoken("step 1️⃣ 🔥 of 2⃣"), { style, frame, language: "en", endMs: 9000 });
  assert.deepEqual(
    cues.flatMap(({ words }) => words.map(({ text }) => text)),
    ["STEP", "1", "OF", "2"],
  );
});

test("size: emoji are so often as high as the capitals", () => {
  const widthOf = (size: number) => {
    const { font, cues } = laidOut({ emoji: { size } });
    const word = cues[0]?.words[1];
    const run = word?.parts[0]?.groups[0]?.runs.find((one) => "emoji" in one);
    return (run?.width ?? 0) / font.metrics.capHeight;
  };
  assert.ok(Math.abs(widthOf(2.6) - widthOf(1.3) - 1.3) < 1e-9);
});
