import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { Blob, Face, Font as Shaper } from "harfbuzzjs";
import type { Style } from "./style.ts";

/** The TTF of a style: where it lies, what libass will call it, and its measures. */
export interface Font {
  path: string;
  /** The full name, such as "Montserrat Black": libass matches it, and unlike a family it names one file whatever the weight. */
  fullName: string;
  /** What libass's log names when it has chosen this file. */
  postscriptName: string;
  metrics: FontMetrics;
  shaper: Shaper;
}

/** In em, upwards from the foot of the letters. */
export interface FontMetrics {
  capHeight: number;
  /** How far letters such as p hang down. */
  tail: number;
  /** What the font reserves for a line of text above and below the foot. */
  ascender: number;
  descender: number;
  /** OS/2 usWinAscent and usWinDescent: the measure of an ASS font size. See `assFontSize`. */
  winAscent: number;
  winDescent: number;
}

/**
 * Opens the font of a style, once per process. Throws where the file is missing or is not the font that the style names:
 * a wrong font must stop the service's start, not spoil a video.
 */
export function openFont({ family, weight, file }: Style["font"]): Font {
  const known = fonts.get(file);
  if (known) return known;
  const path = createRequire(import.meta.url).resolve(file);
  const face = new Face(new Blob(readFileSync(path)));
  const os2 = table(face, "OS/2");
  const found = { family: nameOf(face, names.typographicFamily) || nameOf(face, names.family), weight: os2.getUint16(4) };
  if (found.family !== family || found.weight !== weight)
    throw new Error(`${file} is ${found.family} ${found.weight}, but the style asks for ${family} ${weight}.`);
  const shaper = new Shaper(face);
  const font: Font = {
    path,
    fullName: nameOf(face, names.full),
    postscriptName: nameOf(face, names.postscript),
    metrics: metricsOf(shaper, os2),
    shaper,
  };
  fonts.set(file, font);
  return font;
}

/**
 * The ASS font size at which an em has `emPx` pixels (with PlayRes equal to the frame).
 * libass, after VSFilter, scales a font so that usWinAscent + usWinDescent, not its em, is as high as the size says
 * (ass_font.c, set_font_metrics and ass_face_set_size; checked against rendered pixels in measure.test.ts).
 */
export function assFontSize({ metrics }: Font, emPx: number): number {
  return emPx * (metrics.winAscent + metrics.winDescent);
}

const fonts = new Map<string, Font>();

/** Name ids of the OpenType specification, table `name`. */
const names = { family: 1, full: 4, postscript: 6, typographicFamily: 16 } as const;

const nameOf = (face: Face, id: number) => face.getName(id, "en");

/** Offsets are those of the OpenType specification, tables OS/2 (version 2 and later) and hhea. */
function metricsOf(shaper: Shaper, os2: DataView): FontMetrics {
  const { face } = shaper;
  const hhea = table(face, "hhea");
  const em = (units: number) => units / face.upem;
  const p = shaper.glyphExtents(shaper.glyph(0x70) ?? 0);
  return {
    tail: em(Math.max(0, -((p?.yBearing ?? 0) + (p?.height ?? 0)))),
    capHeight: em(os2.getInt16(88)),
    ascender: em(hhea.getInt16(4)),
    descender: em(-hhea.getInt16(6)),
    winAscent: em(os2.getUint16(74)),
    winDescent: em(os2.getUint16(76)),
  };
}

function table(face: Face, tag: string): DataView {
  const bytes = face.referenceTable(tag);
  if (!bytes) throw new Error(`The font has no table ${tag}.`);
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
