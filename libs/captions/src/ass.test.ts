import assert from "node:assert/strict";
import { test } from "node:test";
import type { StyleOverrides } from "@viralclaw/contracts/style-overrides";
import { assScript, assTime } from "./ass.ts";
import { assColour } from "./colour.ts";
import { layOut } from "./layout.ts";
import { snapToFrames } from "./snap.ts";
import { type StyleId, styleIds, styleOf } from "./styles.ts";
import { spoken } from "./testing.ts";

const endMs = 20_000;
const frame = { width: 1080, height: 1920 };
const snap = snapToFrames(
  Array.from({ length: 600 }, (_, k) => (k * 1000) / 30),
  endMs,
);
function scriptOf(id: StyleId, words = spoken("Stop posting every day."), overrides: StyleOverrides = {}) {
  const style = styleOf(id, overrides);
  return assScript(layOut(words, { style, frame, language: "en", endMs }), { style, snap });
}

const eventsOf = (script: string) =>
  [...script.matchAll(/^Dialogue: (\d),([\d:.]+),([\d:.]+),(\w+),,0,0,0,,(.*)$/gm)].map(([, layer, from, to, name, text]) => ({
    ...{ layer, from: from ?? "", to: to ?? "", name },
    ...{ tags: text?.match(/^\{[^}]*\}/)?.[0] ?? "", text: text?.replace(/^\{[^}]*\}/, "") ?? "" },
  }));

test("the script's pixels are the frame's", () => {
  assert.match(scriptOf("hormozi"), /^PlayResX: 1080\nPlayResY: 1920$/m);
});

test("a word waits, is lit and has been said, each from the moment the state before it ends", () => {
  const states = eventsOf(scriptOf("hormozi")).filter(({ text, name }) => text === "POSTING" && !name?.endsWith("Shadow"));
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
  const lit = eventsOf(scriptOf("boxed")).filter(({ name }) => name === "Active");
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
  const script = scriptOf("podcast", words);
  assert.equal(script.match(/^Dialogue:/gm)?.length, eventsOf(script).length);
  for (const { text, name } of eventsOf(script)) if (name !== "Panel") assert.doesNotMatch(text, /[{}\\]/);
});

test("revealed as they are said, words are not there before, and stay", () => {
  const events = eventsOf(scriptOf("hormozi", undefined, { reveal: "as_said" }));
  assert.ok(events.every(({ name }) => !name?.startsWith("Upcoming")));
  const [active, said] = events.filter(({ text, name }) => text === "STOP" && !name?.endsWith("Shadow"));
  assert.deepEqual([active?.name, said?.name, said?.from], ["Active", "Said", active?.to]);
});

test("a colour that sweeps uncovers the word while it is said, over the word as it was, which throws the one shadow", () => {
  const overrides: StyleOverrides = { fill: "sweep", shadow: { color: "#000000", opacity: 1, x: 0, y: 0, blur: 0 } };
  const events = eventsOf(scriptOf("boxed", undefined, overrides)).filter(({ text }) => text === "Stop");
  const [active] = events.filter(({ name }) => name === "Active");
  const [, left, ms, right] =
    /\\clip\((\d+),\d+,\1,\d+\)\\t\(0,(\d+),\\clip\(\1,\d+,(\d+),\d+\)\)/.exec(active?.tags ?? "")?.map(Number) ?? [];
  assert.ok(left !== undefined && right !== undefined && right > left + 50);
  assert.equal(ms, 300);
  const beside = events.filter(({ from }) => from === active?.from).map(({ name }) => name);
  assert.deepEqual(beside, ["UpcomingShadow", "Upcoming", "Active"]);
});

test("a shadow is one shape where letters hide its own, and two where it shines through them or looks out", () => {
  const shape = (overrides: StyleOverrides) => {
    const [fill, , edge, back] =
      /^Style: SaidShadow,[^,]+,[^,]+,(.*)$/m.exec(scriptOf("hormozi", undefined, overrides))?.[1]?.split(",") ?? [];
    return { fill, edge, back };
  };
  const shadow = { color: "#000000", opacity: 0.6, x: 0, y: 0.05, blur: 0.1 };
  const stroke = { color: "#000000", width: 0.06 };
  const [none, ink] = ["&HFF000000", "&H66000000"];
  const one = { fill: none, edge: none, back: ink };
  assert.deepEqual(shape({ shadow, stroke }), one);
  assert.deepEqual(shape({ shadow: { ...shadow, y: 0.3, blur: 0 }, stroke }), one);
  const two = { fill: ink, edge: ink, back: none };
  assert.deepEqual(shape({ shadow: { ...shadow, y: 0.09 }, stroke }), two);
  assert.deepEqual(shape({ shadow, stroke: { ...stroke, opacity: 0.5 } }), two);
  assert.deepEqual(shape({ shadow, stroke: null }), two);
  assert.equal(shape({ shadow, stroke, said: { color: "#ffffff", opacity: 0.7 } }).back, none);
});

test("keywords have their own colour and light, said or not", () => {
  const script = scriptOf("neon", undefined, { keywords: ["posting"] });
  const names = new Set(
    eventsOf(script)
      .filter(({ text }) => text === "posting")
      .map(({ name }) => name),
  );
  assert.deepEqual([...names].filter((name) => !name?.endsWith("Shadow")).sort(), [
    "ActiveKey",
    "ActiveKeyGlow",
    "SaidKey",
    "SaidKeyGlow",
    "UpcomingKey",
    "UpcomingKeyGlow",
  ]);
  assert.match(script, /^Style: ActiveKey,Tilt Neon Regular,[\d.]+,&H00D6F7FF,/m);
});

test("a box stands behind the word being said, those said so far, or all of them", () => {
  const box = { color: "#ff0000", pad_x: 0.1, pad_y: 0.1, radius: 0 };
  const spansOf = (behind: "active" | "spoken" | "all") => {
    const events = eventsOf(scriptOf("podcast", undefined, { word_box: { ...box, behind } }));
    const [panel] = events.filter(({ name }) => name === "CueBox");
    const boxes = events.filter(({ name }) => name === "WordBox");
    return boxes.map(({ from, to }) => [from === panel?.from, to === panel?.to]);
  };
  assert.deepEqual(spansOf("active"), [
    [true, false],
    [false, false],
    [false, false],
    [false, true],
  ]);
  assert.deepEqual(
    spansOf("all"),
    Array.from({ length: 4 }, () => [true, true]),
  );
  const spoken = spansOf("spoken");
  assert.equal(spoken.filter(([, toTheEnd]) => toTheEnd).length, 4);
  assert.equal(spoken.length, 7);
});

test("a tilted cue is turned as one: every word by the same angle, each at its place on the turned line", () => {
  const places = (tilt: number) =>
    eventsOf(scriptOf("boxed", spoken("one two three"), { tilt, shadow: null, pop: null, word_box: null }))
      .filter(({ name }) => name === "Active")
      .map(({ tags }) => /\\pos\(([\d.]+),([\d.]+)\)(?:\\frz(-?[\d.]+))?/.exec(tags)?.slice(1).map(Number) ?? []);
  const [level, turned] = [places(0), places(5)];
  assert.deepEqual(
    turned.map(([, , angle]) => angle),
    [-5, -5, -5],
  );
  const [[ax = 0, ay = 0] = [], , [cx = 0, cy = 0] = []] = turned;
  assert.ok(Math.abs(Math.atan2(cy - ay, cx - ax) - (5 * Math.PI) / 180) < 0.001);
  const length = (from?: number[], to?: number[]) =>
    Math.hypot((to?.[0] ?? 0) - (from?.[0] ?? 0), (to?.[1] ?? 0) - (from?.[1] ?? 0));
  assert.ok(Math.abs(length(turned[0], turned[2]) - length(level[0], level[2])) < 0.05);
});

test("times are hours, minutes, seconds and centiseconds", () => {
  assert.equal(assTime(0), "0:00:00.00");
  assert.equal(assTime(((1 * 60 + 2) * 60 + 3) * 100 + 4), "1:02:03.04");
});

test("colours are blue, green, red, and say how transparent they are", () => {
  assert.equal(assColour("#ffd60a"), "&H000AD6FF");
  assert.equal(assColour("#102030", 0.25), "&HBF302010");
});
