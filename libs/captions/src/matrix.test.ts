import assert from "node:assert/strict";
import { test } from "node:test";
import { drawnOn } from "./matrix.ts";

test("a script for 601 stays as it is; white, grey and black stay on any frames", () => {
  const script = "Style: Active,Font,20,&H000AD6FF,&H000AD6FF\nDialogue: 0,0:00:00.00,0:00:01.00,Active,,0,0,0,,{\\1c&H0AD6FF&}a";
  assert.equal(drawnOn(script, "bt601"), script);
  const grey = "Style: Said,Font,20,&H00FFFFFF,&H80808080,&HFF000000";
  assert.equal(drawnOn(grey, "bt709"), grey);
});

test("for 709 a colour is asked for as 601 has to draw it, in styles and tags, with its opacity", () => {
  assert.equal(drawnOn("Style: A,Font,20,&H7F0AD6FF", "bt709"), "Style: A,Font,20,&H7F13DFFA");
  assert.equal(drawnOn("x,,{\\1c&H0AD6FF&\\1a&H20&}word", "bt709"), "x,,{\\1c&H13DFFA&\\1a&H20&}word");
});

test("a word that looks like a colour is no colour", () => {
  assert.equal(drawnOn("Dialogue: 0,,,,{\\pos(1,2)}&H000AD6FF", "bt709"), "Dialogue: 0,,,,{\\pos(1,2)}&H000AD6FF");
});
