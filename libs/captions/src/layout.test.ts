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

test("characters that the font lacks are reported", () => {
  const layout = layOut(spoken("日本 go"), { style: styles.hormozi, frame: frames.wide, language: "ja", endMs });
  assert.deepEqual(layout.missing, ["日", "本"]);
});
