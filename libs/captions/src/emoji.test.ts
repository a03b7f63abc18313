import assert from "node:assert/strict";
import { test } from "node:test";
import { emojiFiles, emojiNames, emojiPicture, isEmoji } from "./emoji.ts";
import { drawingOf } from "./emoji-picture.ts";

const nameOf = (cluster: string) => emojiNames(cluster)?.join("+").replaceAll(".svg", "");

test("what asks to be a picture is one: flags, keycaps, skin tones, families, signs with VS16", () => {
  const pictures = {
    "🔥": "1f525",
    "🇧🇷": "1f1e7-1f1f7",
    "🏴󠁧󠁢󠁥󠁮󠁧󠁿": "1f3f4-e0067-e0062-e0065-e006e-e0067-e007f",
    "1️⃣": "31-20e3",
    "👍🏽": "1f44d-1f3fd",
    "👨‍👩‍👧‍👦": "1f468-200d-1f469-200d-1f467-200d-1f466",
    "❤️": "2764",
    "❤️‍🔥": "2764-fe0f-200d-1f525",
    "❤‍🔥": "2764-fe0f-200d-1f525",
  };
  for (const [cluster, name] of Object.entries(pictures)) {
    assert.ok(isEmoji(cluster), cluster);
    assert.equal(nameOf(cluster), name, cluster);
  }
});

test("digits, letters, signs alone and emoji with VS15 are text", () => {
  for (const cluster of ["1", "#", "a", "é", "❤", "™", "♪", "❤\uFE0E", "☎\uFE0E", "क्ष", "日"])
    assert.ok(!isEmoji(cluster), cluster);
});

test("of joined emoji that no picture knows, the parts are shown; of an unknown one, nothing", () => {
  assert.equal(nameOf("🔥‍🐊"), "1f525+1f40a");
  assert.equal(nameOf("🔥🏽"), "1f525");
  assert.equal(nameOf("\u{1FAFF}"), undefined);
});

test("every picture on offer can be drawn", () => {
  // One in seven: all of them take seconds, and a new release is what would bring something unknown.
  for (const name of emojiFiles().filter((_, i) => i % 7 === 0)) {
    const picture = emojiPicture(name);
    assert.ok(picture.length > 0, name);
    for (const shape of picture)
      assert.match(drawingOf(shape, { x: 0, side: 100 }), /^m 0 0 l 0 0 m 1200 1200 l 1200 1200( (m|l|b)( -?\d+)+)+$/, name);
  }
});

test("a picture to the right of the middle has the same bounds in all its shapes, so that they fall on each other", () => {
  const bounds = emojiPicture("1f525.svg").map((shape) =>
    drawingOf(shape, { x: 50, side: 80 }).split(" ").slice(0, 12).join(" "),
  );
  assert.deepEqual(new Set(bounds), new Set(["m 0 0 l 0 0 m 1760 1760 l 1760 1760"]));
});
