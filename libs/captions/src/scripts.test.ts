import assert from "node:assert/strict";
import { test } from "node:test";
import { Buffer as GlyphBuffer, shape } from "harfbuzzjs";
import { draw, emPx, middleX } from "./drawn.fixture.ts";
import { openFont } from "./fonts.ts";
import { measure } from "./measure.ts";
import { styles } from "./styles.ts";
import type { TypesetRun } from "./typeset.ts";

/** Edges as in measure.test.ts. */
const tolerancePx = 1.6;

const words = {
  ar: ["مرحبا،", "لا", "الطَّالِبُ", "في", "قناة", "بيت", "شيئاً"],
  fa: ["می\u200cخواهم"],
  ur: ["پاکستان۔"],
  he: ["שלום!", "(אב)"],
  hi: ["क्षत्रिय", "हिन्दी", "कीर्ति"],
  bn: ["ক্ষমতা"],
  ta: ["தமிழ்"],
  te: ["తెలుగు"],
  th: ["ที่นี่", "น้ำ"],
  ja: ["チャンネル", "YouTubeの"],
  zh: ["频道"],
  ko: ["안녕하세요"],
  el: ["Ελλάδα"],
  ru: ["Ещё"],
  vi: ["Nghệ", "Nỗ", "Ỹ"],
  my: ["မြန်မာ"],
  km: ["ខ្មែរ"],
  ka: ["ქართული"],
  am: ["አማርኛ"],
} as const;

test("a letter that the font has in parts only is written in parts: libass would take another font for it", () => {
  const drawn = draw(styles.tiktok, "Nỗ", { direction: "ltr", language: "vi" });
  const { fullName, postscriptName } = openFont(styles.tiktok.font);
  assert.deepEqual(drawn.fonts, [`${fullName} ${postscriptName}`]);
});

for (const [language, texts] of Object.entries(words)) {
  for (const text of texts) {
    test(`${language}: ${text} is shaped by libass as HarfBuzz shapes it, in the font it was given`, () => {
      const direction = /[\u0590-\u07ff]/.test(text) ? "rtl" : "ltr";
      const drawn = draw(styles.hormozi, text, { direction, language });

      const ink = inkOf(drawn.set.runs, direction === "rtl");
      const width = drawn.set.width * emPx;
      near(drawn.left, middleX - width / 2 + ink.left, "the left");
      near(drawn.right, middleX - width / 2 + ink.right, "the right");
      // libass looks an event's own style up before it reads what the event says.
      const fonts = [openFont(styles.hormozi.font), ...drawn.set.runs.flatMap((run) => ("font" in run ? [run.font] : []))];
      assert.deepEqual(
        new Set(drawn.fonts),
        new Set(fonts.map(({ fullName, postscriptName }) => `${fullName} ${postscriptName}`)),
      );
      for (const run of drawn.set.runs) if ("font" in run) assert.deepEqual(measure(run.font, run.text).missing, []);
    });
  }
}

function near(actual: number, expected: number, what: string): void {
  assert.ok(Math.abs(actual - expected) <= tolerancePx, `${what} is at ${actual.toFixed(2)}, not at ${expected.toFixed(2)}`);
}

/** Where the leftmost and rightmost ink of runs is, px from their left end. */
function inkOf(runs: readonly TypesetRun[], isRightToLeft: boolean): { left: number; right: number } {
  let [x, left, right] = [0, Number.POSITIVE_INFINITY, 0];
  for (const run of isRightToLeft ? runs.toReversed() : runs) {
    if (!("font" in run)) continue;
    const { shaper } = run.font;
    const px = (emPx * run.scale) / shaper.face.upem;
    const buffer = new GlyphBuffer();
    buffer.addText(run.text);
    buffer.guessSegmentProperties();
    shape(shaper, buffer);
    const infos = buffer.getGlyphInfos();
    for (const [i, { xAdvance, xOffset }] of buffer.getGlyphPositions().entries()) {
      const extents = shaper.glyphExtents(infos[i]?.codepoint ?? 0);
      if (extents && extents.width > 0) {
        left = Math.min(left, x + (xOffset + extents.xBearing) * px);
        right = Math.max(right, x + (xOffset + extents.xBearing + extents.width) * px);
      }
      x += xAdvance * px;
    }
  }
  return { left, right };
}
