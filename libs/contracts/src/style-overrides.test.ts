import assert from "node:assert/strict";
import { test } from "node:test";
import { Look, Style } from "./style.ts";
import { overridden, StyleOverrides } from "./style-overrides.ts";

const white = { color: "#ffffff" };
const style = Style.parse({
  ...{ id: "plain", title: "Plain", description: "White letters.", font: { family: "Montserrat", weight: 900 } },
  ...{ size: 0.1, text_case: "spoken", punctuation: "spoken", word_gap: 0.3, line_height: 1.2 },
  ...{ max_words_per_cue: 3, max_words_per_line: 3, max_lines: 2, reveal: "all", fill: "at_once", tilt: 0 },
  ...{ upcoming: white, active: { color: "#ffff00" }, said: white, emphasis: white },
  ...{ pop: null, stroke: { color: "#000000", width: 0.1 }, shadow: null, word_box: null, line_box: null, cue_box: null },
  position: { vertical: 0.6, square: 0.7, wide: 0.8 },
});
const whole = (overrides: StyleOverrides) => Style.parse(overridden(style, StyleOverrides.parse(overrides)));

test("what is overridden is otherwise, at any depth, and all else is as the style has it", () => {
  const stroked = whole({ stroke: { width: 0.2 }, position: { vertical: 0.5 } });
  assert.deepEqual(stroked, {
    ...style,
    stroke: { color: "#000000", width: 0.2, opacity: 1 },
    position: { vertical: 0.5, square: 0.7, wide: 0.8 },
  });
  assert.equal(overridden(style, null), style);
});

test("null takes something away; what the style has not is given whole", () => {
  assert.equal(whole({ stroke: null }).stroke, null);
  const shadow = { color: "#000000", opacity: 0.5, x: 0, y: 0.1, blur: 0.1 };
  assert.deepEqual(whole({ shadow }).shadow, shadow);
});

test("a family alone takes its weight that is nearest to the style's", () => {
  assert.deepEqual(whole({ font: { family: "Anton" } }).font, { family: "Anton", weight: 400 });
  assert.deepEqual(whole({ font: { weight: 600 } }).font, { family: "Montserrat", weight: 600 });
});

test("overrides say no more than was asked for: nothing is filled in", () => {
  assert.deepEqual(StyleOverrides.parse({ active: { color: "#123456" } }), { active: { color: "#123456" } });
});

test("every field of a look may be overridden, and no other", () => {
  const { id, title, description, ...look } = style;
  assert.deepEqual(Object.keys(look).sort(), Object.keys(Look.shape).sort());
  assert.deepEqual(StyleOverrides.parse(look), look);
  for (const field of [{ id }, { title }, { description }]) assert.equal(StyleOverrides.safeParse(field).success, false);
});
