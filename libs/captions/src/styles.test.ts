import assert from "node:assert/strict";
import { test } from "node:test";
import { DeclaredError } from "@viralclaw/contracts/errors";
import { openFont } from "./fonts.ts";
import { peakOf, Style } from "./style.ts";
import { styleIds, styleOf, styles } from "./styles.ts";

test("every style on offer is found by its id, and its font is where it says", () => {
  for (const id of styleIds) {
    assert.equal(styleOf(id), styles[id]);
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

test("libass will know a font by its full name, and its log by its PostScript name", () => {
  const { fullName, postscriptName } = openFont(styles.hormozi.font);
  assert.deepEqual([fullName, postscriptName], ["Montserrat Black", "Montserrat-Black"]);
});

test("a style whose file holds another font than it names does not load", () => {
  const { file } = styles.hormozi.font;
  const elsewhere = file.replace("900Black/Montserrat_900Black", "700Bold/Montserrat_700Bold");
  assert.throws(
    () => openFont({ family: "Montserrat", weight: 900, file: elsewhere }),
    /is Montserrat 700, but the style asks for Montserrat 900/,
  );
});

test("a style refuses a key it does not know, and a box that would cover the next word", () => {
  assert.equal(Style.safeParse({ ...styles.karaoke, colour: "#ffffff" }).success, false);
  const box = { colour: "#ff0000", opacity: 1, padX: 0.5, padY: 0.1, radius: 0 };
  assert.equal(Style.safeParse({ ...styles.karaoke, wordGap: 0.3, activeBox: box }).success, false);
});

test("a word grows at most to the peak of its pop; without a pop it does not", () => {
  assert.equal(peakOf({ pop: { peak: 1.1, rest: 1.2, riseMs: 1, settleMs: 1 } }), 1.2);
  assert.equal(peakOf({ pop: null }), 1);
});
