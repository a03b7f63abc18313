import assert from "node:assert/strict";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { difference, pixelsOf, type Sample, samples, sheetOf } from "./golden.fixture.ts";
import { styleIds, styles } from "./styles.ts";

/**
 * Each style in each of the samples' scripts, against pictures that somebody has looked at. What was meant to change is drawn anew with
 * `UPDATE_GOLDEN=1 node --test libs/captions/src/golden.test.ts`; then look at the changed pictures in libs/captions/src/golden.
 *
 * Of what is drawn, a channel may be 2 of 255 off in the mean, and 0.8 % of them more than 64: for other releases of libass, FreeType and HarfBuzz.
 * One word in another colour, or letters in another weight or place, are beyond it: the last test says so.
 */
const tolerance = { mean: 2, much: 0.008 };

const golden = (id: string) => fileURLToPath(new URL(`golden/${id}.png`, import.meta.url));
const failed = (id: string) => fileURLToPath(new URL(`../../../out/golden/${id}.png`, import.meta.url));

for (const id of styleIds) {
  test(`${id} looks as it was reviewed, in its own fonts`, () => {
    const sheet = sheetOf(styles[id]);
    assert.deepEqual(sheet.chosen, sheet.asked);
    if (process.env.UPDATE_GOLDEN) writeFileSync(golden(id), sheet.png);
    assert.ok(existsSync(golden(id)), `There is no reviewed picture of ${id}.`);
    const reviewed = pixelsOf(golden(id));
    const off = (Object.keys(samples) as Sample[]).flatMap((sample, i) => {
      const { mean, much } = difference(sheet.pixels, reviewed, i);
      return mean <= tolerance.mean && much <= tolerance.much
        ? []
        : [`${sample}: mean ${mean.toFixed(2)}, much ${much.toFixed(4)}`];
    });
    if (off.length > 0) {
      mkdirSync(fileURLToPath(new URL("../../../out/golden", import.meta.url)), { recursive: true });
      writeFileSync(failed(id), sheet.png);
    }
    assert.deepEqual(off, [], `${id} is drawn otherwise: compare ${failed(id)} with ${golden(id)}`);
  });
}

test("a small change of a style is beyond the tolerance", () => {
  const reviewed = pixelsOf(golden("minimal"));
  const changes = {
    colour: { ...styles.minimal, active: { ...styles.minimal.active, color: "#ffd60a" } },
    place: { ...styles.minimal, word_gap: styles.minimal.word_gap + 0.1 },
    weight: { ...styles.minimal, font: { ...styles.minimal.font, weight: 800 } },
  };
  for (const [what, style] of Object.entries(changes)) {
    const { mean, much } = difference(sheetOf(style).pixels, reviewed, 0);
    assert.ok(mean > tolerance.mean || much > tolerance.much, `${what}: mean ${mean.toFixed(2)}, much ${much.toFixed(4)}`);
  }
});
