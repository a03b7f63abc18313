import assert from "node:assert/strict";
import { test } from "node:test";
import { picture, steady } from "../testing/pictures.ts";
import { cutIntoPieces } from "./cut.ts";
import { type Common, keysOf } from "./key.ts";

const filmed = picture(steady(240, 30), { filters: ["format=yuv420p"], endMs: 8000 });
const pieces = cutIntoPieces(filmed);
const line = (from: string, to: string, text: string) => `Dialogue: 4,0:00:${from},0:00:${to},Active,,0,0,0,,${text}`;
const script = (...events: string[]) => ["[V4+ Styles]", "Style: Active,Anton,90", "[Events]", ...events].join("\n");
const said = [line("00.50", "01.00", "ONE"), line("01.90", "02.40", "TWO"), line("04.00", "06.00", "THREE")];
const common: Common = {
  source: "aa",
  picture: filmed,
  encoder: { filters: [], arguments: ["-qp", "24"] },
  script: script(...said),
  fonts: "ff",
};
const changed = (change: Partial<Common>) => {
  const [before, after] = [keysOf(pieces, common), keysOf(pieces, { ...common, ...change })];
  return pieces.filter((_, index) => before[index] !== after[index]).map(({ index }) => index);
};

test("an edit of a word names anew the pieces that show it, and no others", () => {
  assert.deepEqual(changed({}), []);
  assert.deepEqual(changed({ script: script(line("00.50", "01.00", "UNO"), ...said.slice(1)) }), [0]);
  // It begins in one piece and ends in the next.
  assert.deepEqual(changed({ script: script(said[0] ?? "", line("01.90", "02.40", "DOS"), said[2] ?? "") }), [0, 1]);
  // It is over as the next piece begins.
  assert.deepEqual(changed({ script: script(...said.slice(0, 2), line("04.00", "06.00", "TRES")) }), [2]);
});

test("another source, style, font, encoder or picture names all pieces anew; another hold only the last", () => {
  const all = pieces.map(({ index }) => index);
  assert.deepEqual(changed({ source: "bb" }), all);
  assert.deepEqual(changed({ script: common.script.replace("Anton,90", "Anton,80") }), all);
  assert.deepEqual(changed({ fonts: "gg" }), all);
  assert.deepEqual(changed({ encoder: { filters: [], arguments: ["-qp", "25"] } }), all);
  assert.deepEqual(changed({ picture: { ...filmed, filters: ["setsar=1"] } }), all);
  assert.deepEqual(changed({ picture: { ...filmed, hold: ["tpad"] } }), [all.length - 1]);
  assert.equal(new Set(keysOf(pieces, { ...common, script: script() })).size, pieces.length);
});
