import assert from "node:assert/strict";
import { test } from "node:test";
import { DeclaredError } from "@viralclaw/contracts/errors";
import { fontFamilies, fontWeights } from "@viralclaw/contracts/fonts";
import { peakOf, Style } from "@viralclaw/contracts/style";
import { openFont } from "./fonts.ts";
import { styleIds, styleOf, styles } from "./styles.ts";

test("every style on offer is found by its id, and its font is where it says", () => {
  for (const id of styleIds) {
    assert.deepEqual(styleOf(id), styles[id]);
    assert.match(openFont(styles[id].font).path, /\.ttf$/);
  }
});

test("a style that nobody offers is a declared error that names those on offer", () => {
  for (const id of ["comic", "__proto__", "toString", ""]) {
    assert.throws(
      () => styleOf(id),
      (error) =>
        error instanceof DeclaredError && error.code === "style_not_found" && error.params.styles === styleIds.join(", "),
    );
  }
});

test("overrides that are no longer valid are a declared error, not a wrong picture", () => {
  assert.equal(styleOf("hormozi", { size: 0.05 }).size, 0.05);
  assert.throws(
    () => styleOf("hormozi", { size: 9 }),
    (error) =>
      error instanceof DeclaredError &&
      error.code === "style_not_found" &&
      error.params.style === "hormozi with these style_overrides",
  );
});

test("libass will know a font by its full name, and its log by its PostScript name", () => {
  const { fullName, postscriptName } = openFont(styles.hormozi.font);
  assert.deepEqual([fullName, postscriptName], ["Montserrat Black", "Montserrat-Black"]);
});

test("a style refuses a key it does not know", () => {
  assert.equal(Style.safeParse({ ...styles.karaoke, colour: "#ffffff" }).success, false);
});

test("every font on offer is the family and the weight it is offered as", () => {
  for (const family of fontFamilies) {
    for (const weight of fontWeights[family]) {
      const font = openFont({ family, weight });
      assert.deepEqual([font.family, font.weight], [family, weight]);
    }
  }
});

test("a word grows at most to the peak of its pop; without a pop it does not", () => {
  assert.equal(peakOf({ pop: { from: 1, peak: 1.1, rest: 1.2, rise_ms: 1, settle_ms: 1 } }), 1.2);
  assert.equal(peakOf({ pop: null }), 1);
});
