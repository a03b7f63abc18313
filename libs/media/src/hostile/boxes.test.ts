import assert from "node:assert/strict";
import { test } from "node:test";
import { box, u32, withBox, withNumber } from "./boxes.ts";

const file = Buffer.concat([
  box("ftyp", Buffer.from("isom")),
  box("moov", box("trak", box("tkhd", u32(1))), box("trak", box("tkhd", u32(2), u32(3)))),
]);

test("a box is found by its path and given another payload, and the boxes around it grow with it", () => {
  const longer = withBox(file, "moov/trak:1/tkhd", (payload) => Buffer.concat([payload, u32(4)]));
  const expected = Buffer.concat([
    box("ftyp", Buffer.from("isom")),
    box("moov", box("trak", box("tkhd", u32(1))), box("trak", box("tkhd", u32(2), u32(3), u32(4)))),
  ]);
  assert.ok(longer.equals(expected));
});

test("a number is changed in its place, and the file that was given stays as it was", () => {
  const changed = withNumber(file, "moov/trak/tkhd", 0, 9);
  assert.ok(changed.equals(Buffer.concat([file.subarray(0, 36), u32(9), file.subarray(40)])));
  assert.equal(file.readUInt32BE(36), 1);
});

test("a box that is not there is an error", () => {
  assert.throws(() => withBox(file, "moov/trak:2/tkhd", (payload) => payload), /There is no/);
});
