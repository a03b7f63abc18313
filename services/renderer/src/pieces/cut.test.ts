import assert from "node:assert/strict";
import { test } from "node:test";
import { picture, steady } from "../testing/pictures.ts";
import { cutIntoPieces, cutIntoStretches, pieceFrames } from "./cut.ts";

test("a picture is cut into pieces of two seconds that follow each other, whatever is left being the last", () => {
  const pieces = cutIntoPieces(picture(steady(150, 30)));
  assert.deepEqual(
    pieces.map(({ index, from, to, startMs }) => [index, from, to, startMs]),
    [
      [0, 0, 60, 0],
      [1, 60, 120, 2000],
      [2, 120, 150, 4000],
    ],
  );
  assert.equal(pieces[0]?.endMs, 2000);
});

test("what plays slowly or fast has pieces of a reasonable count of frames", () => {
  assert.deepEqual(
    [1, 12, 29.97, 240].map((fps) => pieceFrames(steady(1000, fps))),
    [12, 24, 60, 250],
  );
  assert.equal(pieceFrames([0]), 60);
});

test("frames that no time can tell apart, or that are made anew, are not cut between", () => {
  const crowded = steady(100, 30);
  crowded[60] = (crowded[59] ?? 0) + 0.2;
  assert.equal(cutIntoPieces(picture(crowded)).length, 1);
  assert.equal(cutIntoPieces(picture(steady(600, 30), { isResampled: true })).length, 1);
});

test("for an encoder that learns as it goes on, a picture is cut into long stretches and a short one at the end", () => {
  const lasts = (seconds: number) => cutIntoStretches(picture(steady(seconds * 30, 30))).map(({ from, to }) => to - from);
  assert.deepEqual(lasts(30), [206, 207, 206, 206, 75]);
  assert.deepEqual(lasts(8), [165, 75]);
  assert.deepEqual(lasts(7), [210]);
  assert.equal(lasts(300).length, 7);
});
