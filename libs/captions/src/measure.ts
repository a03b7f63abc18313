import { Buffer as GlyphBuffer, shape } from "harfbuzzjs";
import type { Font } from "./fonts.ts";

/** How wide text is: shaped by HarfBuzz, as libass shapes it, so that a measured word is as wide as the drawn one. */
export interface Measured {
  /** Advance width in em. */
  width: number;
  /** Characters that the font lacks; libass looks for them in other fonts, and the width is a guess. */
  missing: string[];
}

/**
 * Measures text that is drawn in one run with kerning on and no letter spacing: libass gives up kerning where letters are
 * spaced (seen in 0.17.1), and "WAVY" with gaps looks worse than any spacing looks good. So styles have none.
 */
export function measure(font: Font, text: string): Measured {
  const buffer = new GlyphBuffer();
  buffer.addText(text);
  buffer.guessSegmentProperties();
  shape(font.shaper, buffer);
  const infos = buffer.getGlyphInfos();
  const unitsPerEm = font.shaper.face.upem;

  const missing: string[] = [];
  let width = 0;
  for (const [index, { xAdvance }] of buffer.getGlyphPositions().entries()) {
    const info = infos[index];
    if (info && info.codepoint === notdef) {
      missing.push(String.fromCodePoint(text.codePointAt(info.cluster) ?? 0));
      width += missingGlyphWidth;
    } else width += xAdvance / unitsPerEm;
  }
  return { width, missing };
}

/** The glyph that stands for what a font lacks; HarfBuzz reports glyph ids in `codepoint`. */
const notdef = 0;
/** Ideographs and emoji, the widest of what our fonts lack, take an em; a guess too wide keeps the text in the frame. */
const missingGlyphWidth = 1;
