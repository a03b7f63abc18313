import assert from "node:assert/strict";
import { test } from "node:test";
import { assScript, assTime } from "./ass.ts";
import { assColour } from "./colour.ts";
import { layOut } from "./layout.ts";
import { roundedBox } from "./shapes.ts";
import { snapToFrames } from "./snap.ts";
import { type StyleId, styleIds, styles } from "./styles.ts";
import { spoken } from "./testing.ts";

const endMs = 20_000;
const frame = { width: 1080, height: 1920 };
const snap = snapToFrames(
  Array.from({ length: 600 }, (_, k) => (k * 1000) / 30),
  endMs,
);
const scriptOf = (id: StyleId, words = spoken("Stop posting every day.")) =>
  assScript(layOut(words, { style: styles[id], frame, language: "en", endMs }), { style: styles[id], snap });

const eventsOf = (script: string) =>
  [...script.matchAll(/^Dialogue: (\d),([\d:.]+),([\d:.]+),(\w+),,0,0,0,,(.*)$/gm)].map(([, layer, from, to, name, text]) => ({
    ...{ layer, from: from ?? "", to: to ?? "", name },
    ...{ tags: text?.match(/^\{[^}]*\}/)?.[0] ?? "", text: text?.replace(/^\{[^}]*\}/, "") ?? "" },
  }));

test("the script's pixels are the frame's", () => {
  assert.match(scriptOf("hormozi"), /^PlayResX: 1080\nPlayResY: 1920$/m);
});

test("a word waits, is lit and has been said, each from the moment the state before it ends", () => {
  const states = eventsOf(scriptOf("hormozi")).filter(({ text, name }) => text === "POSTING" && name !== "Shadow");
  assert.deepEqual(
    states.map(({ name }) => name),
    ["Upcoming", "Active"],
  );
  assert.equal(states[0]?.to, states[1]?.from);
});

test("a word keeps its place while others are lit", () => {
  for (const id of styleIds) {
    const places = new Map<string, Set<string>>();
    for (const { text, tags, name } of eventsOf(scriptOf(id))) {
      if (name !== "Upcoming" && name !== "Active" && name !== "Said") continue;
      places.set(text, (places.get(text) ?? new Set()).add(/\\pos\([^)]*\)/.exec(tags)?.[0] ?? ""));
    }
    assert.deepEqual(
      [...places.values()].map(({ size }) => size),
      [1, 1, 1, 1],
    );
  }
});

test("one word goes out as the next one lights up", () => {
  const lit = eventsOf(scriptOf("karaoke")).filter(({ name }) => name === "Active");
  assert.deepEqual(
    lit.map(({ text }) => text),
    ["Stop", "posting", "every", "day."],
  );
  assert.deepEqual(
    lit.slice(0, -1).map(({ to }) => to),
    lit.slice(1).map(({ from }) => from),
  );
});

test("a word cannot bring commands, new events or comments of its own", () => {
  const evil = [
    "{\\p1}m",
    "a\\Nb",
    "}{\\fs999}",
    "x\nDialogue: 9,0:00:00.00,9:00:00.00,Active,,0,0,0,,y",
    "{\\1c&HFF&}z",
    "\\{q\\}",
  ];
  const words = evil.map((text, index) => ({ text, start_ms: index * 500, end_ms: index * 500 + 400, confidence: 1 }));
  const script = scriptOf("minimal", words);
  assert.equal(script.match(/^Dialogue:/gm)?.length, eventsOf(script).length);
  for (const { text, name } of eventsOf(script)) if (name !== "Panel") assert.doesNotMatch(text, /[{}\\]/);
});

test("times are hours, minutes, seconds and centiseconds", () => {
  assert.equal(assTime(0), "0:00:00.00");
  assert.equal(assTime(((1 * 60 + 2) * 60 + 3) * 100 + 4), "1:02:03.04");
});

test("colours are blue, green, red, and say how transparent they are", () => {
  assert.equal(assColour("#ffd60a"), "&H000AD6FF");
  assert.equal(assColour("#102030", 0.25), "&HBF302010");
});

test("a box's corners are never rounder than half of it", () => {
  assert.match(roundedBox(10, 4, 100), /^m 16 0 l 64 0 b /);
});
