import assert from "node:assert/strict";
import { test } from "node:test";
import type { Style } from "@viralclaw/contracts/style";
import { draw, emPx, footY, middleX } from "./drawn.fixture.ts";
import { openFont } from "./fonts.ts";
import { measure } from "./measure.ts";
import { styleIds, styles } from "./styles.ts";

/** An edge is known to half a pixel, libass places it on eighths: seen here, up to 1 px at an em of 150 px. */
const tolerancePx = 1.1;

for (const id of styleIds) {
  test(`words in the style ${id} are drawn as wide as they were measured, and where they were placed`, () => {
    for (const text of ["Wavy", "AÇÃO"]) {
      const width = measure(openFont(styles[id].font), text).width * emPx;

      const drawn = draw(styles[id], text);

      // Ink begins and ends a side bearing inside of the advance width.
      const bearings = bearingsOf(styles[id], text);
      near(drawn.left, middleX - width / 2 + bearings.left, `the left of ${text}`);
      near(drawn.right, middleX + width / 2 - bearings.right, `the right of ${text}`);
    }
  });

  test(`capitals in the style ${id} stand on their foot and are as high as the font says`, () => {
    const drawn = draw(styles[id], "HI");

    const ink = inkHeight(styles[id], "HI");
    near(drawn.bottom, footY - ink.bottom, "the foot");
    near(drawn.top, footY - ink.top, "the top");
  });
}

test("a character that the font lacks is named, and is given room", () => {
  const font = openFont(styles.hormozi.font);

  const { missing, width } = measure(font, "A日B");

  assert.deepEqual(missing, ["日"]);
  assert.ok(width > measure(font, "AB").width + 0.9);
});

function near(actual: number, expected: number, what: string): void {
  assert.ok(Math.abs(actual - expected) <= tolerancePx, `${what} is at ${actual.toFixed(2)}, not at ${expected.toFixed(2)}`);
}

function bearingsOf(style: Style, text: string): { left: number; right: number } {
  const { shaper } = openFont(style.font);
  const px = emPx / shaper.face.upem;
  const glyphs = [...text].map((letter) => shaper.glyph(letter.codePointAt(0) ?? 0) ?? 0);
  const [first, last] = [glyphs[0] ?? 0, glyphs.at(-1) ?? 0];
  const end = shaper.glyphExtents(last);
  return {
    left: (shaper.glyphExtents(first)?.xBearing ?? 0) * px,
    right: (shaper.glyphHAdvance(last) - (end?.xBearing ?? 0) - (end?.width ?? 0)) * px,
  };
}

/** How far the letters reach above and (negative) below the foot of the line, px: those of a comic font dance on it. */
function inkHeight(style: Style, text: string): { top: number; bottom: number } {
  const { shaper } = openFont(style.font);
  const px = emPx / shaper.face.upem;
  const extents = [...text].map((letter) => shaper.glyphExtents(shaper.glyph(letter.codePointAt(0) ?? 0) ?? 0));
  return {
    top: Math.max(...extents.map((extent) => (extent?.yBearing ?? 0) * px)),
    bottom: Math.min(...extents.map((extent) => ((extent?.yBearing ?? 0) + (extent?.height ?? 0)) * px)),
  };
}
