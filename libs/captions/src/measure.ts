import { Buffer as GlyphBuffer, shape } from "harfbuzzjs";
import type { Font } from "./fonts.ts";

/** How wide text is: shaped by HarfBuzz, as libass shapes it, so that a measured word is as wide as the drawn one. In em. */
export interface Measured {
  /** Advance width. */
  width: number;
  /** How far its ink reaches above and below the foot of the letters. */
  above: number;
  below: number;
  /** How far its ink reaches beyond its width, to the side where it does so more. */
  beside: number;
  /** Where libass takes it to begin and to end: its clusters reach from their first glyph's place, which may be that of an Arabic letter's dot. */
  from: number;
  to: number;
  /** Characters that the font lacks. */
  missing: string[];
}

/**
 * Measures text that is drawn in one run with kerning on and no letter spacing: libass gives up kerning where letters are
 * spaced (seen in 0.17.1), and "WAVY" with gaps looks worse than any spacing looks good. So styles have none.
 */
export function measure({ shaper }: Font, text: string): Measured {
  const buffer = new GlyphBuffer();
  buffer.addText(text);
  buffer.guessSegmentProperties();
  shape(shaper, buffer);
  const infos = buffer.getGlyphInfos();
  const measured: Measured = { width: 0, above: 0, below: 0, beside: 0, from: Number.POSITIVE_INFINITY, to: 0, missing: [] };
  let [left, right, begin] = [0, 0, 0];
  for (const [index, { xAdvance, xOffset, yOffset }] of buffer.getGlyphPositions().entries()) {
    const { codepoint: glyph = notdef, cluster = 0 } = infos[index] ?? {};
    if (index === 0 || infos[index - 1]?.cluster !== cluster) {
      begin = xOffset / shaper.face.upem;
      measured.from = Math.min(measured.from, measured.width + begin);
    }
    const { xBearing = 0, width = 0, yBearing = 0, height = 0 } = shaper.glyphExtents(glyph) ?? {};
    const from = measured.width + (xOffset + xBearing) / shaper.face.upem;
    [left, right] = [Math.min(left, from), Math.max(right, from + width / shaper.face.upem)];
    measured.width += glyph === notdef ? missingGlyphWidth : xAdvance / shaper.face.upem;
    measured.above = Math.max(measured.above, (yOffset + yBearing) / shaper.face.upem);
    measured.to = Math.max(measured.to, measured.width + begin);
    // Heights are negative: downwards.
    measured.below = Math.max(measured.below, -(yOffset + yBearing + height) / shaper.face.upem);
    if (glyph === notdef) measured.missing.push(String.fromCodePoint(text.codePointAt(cluster) ?? 0));
  }
  measured.beside = Math.max(-left, right - measured.width);
  return measured;
}

/** The glyph that stands for what a font lacks; HarfBuzz reports glyph ids in `codepoint`. */
const notdef = 0;
/** Ideographs and emoji, the widest of what our fonts lack, take an em; a guess too wide keeps the text in the frame. */
const missingGlyphWidth = 1;
