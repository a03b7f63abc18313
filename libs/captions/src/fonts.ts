import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { Blob, Face, Font as Shaper } from "harfbuzzjs";
import { readSfnt, tableOf } from "./sfnt.ts";

/** A TTF: where it lies, what it calls itself, what libass will call it, and its measures. */
export interface Font {
  path: string;
  family: string;
  weight: number;
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
  /** How thick an l is: what the eye takes for a font's weight. */
  stem: number;
  /** How far letters such as p hang down. */
  tail: number;
  /** What the font reserves for a line of text above and below the foot. */
  ascender: number;
  descender: number;
  /** OS/2 usWinAscent and usWinDescent: the measure of an ASS font size. See `assFontSize`. */
  winAscent: number;
  winDescent: number;
}

/** Opens a font on offer or a Noto font, once per process. Throws where its file is missing. */
export function openFont({ family, weight }: { family: string; weight: number }): Font {
  const file = fileOf(family, weight);
  const known = fonts.get(file);
  if (known) return known;
  const font = openFontFile(createRequire(import.meta.url).resolve(file));
  fonts.set(file, font);
  return font;
}

/** Opens a font that lies elsewhere: a customer's, as `ownFont` makes it. Throws where it is not whole. */
export function openFontFile(path: string): Font {
  const file = readFileSync(path);
  const tables = readSfnt(file);
  const face = new Face(new Blob(file));
  const os2 = tableOf(tables, "OS/2");
  const shaper = new Shaper(face);
  return {
    path,
    family: nameOf(face, names.typographicFamily) || nameOf(face, names.family),
    weight: os2.readUInt16BE(4),
    fullName: nameOf(face, names.full),
    postscriptName: nameOf(face, names.postscript),
    metrics: metricsOf(shaper, os2, tableOf(tables, "hhea")),
    shaper,
  };
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

/** The TTF below node_modules, as the packages of @expo-google-fonts name it: montserrat/900Black/Montserrat_900Black.ttf. */
function fileOf(family: string, weight: number): string {
  const named = `${weight}${weightNames[weight / 100 - 1]}`;
  return `@expo-google-fonts/${family.toLowerCase().replaceAll(" ", "-")}/${named}/${family.replaceAll(" ", "")}_${named}.ttf`;
}

const weightNames = ["Thin", "ExtraLight", "Light", "Regular", "Medium", "SemiBold", "Bold", "ExtraBold", "Black"] as const;

/** Name ids of the OpenType specification, table `name`. */
const names = { family: 1, full: 4, postscript: 6, typographicFamily: 16 } as const;

const nameOf = (face: Face, id: number) => face.getName(id, "en");

/** Offsets are those of the OpenType specification, tables OS/2 (version 2 and later) and hhea. */
function metricsOf(shaper: Shaper, os2: Buffer, hhea: Buffer): FontMetrics {
  const em = (units: number) => units / shaper.face.upem;
  const p = shaper.glyphExtents(shaper.glyph(0x70) ?? 0);
  return {
    tail: em(Math.max(0, -((p?.yBearing ?? 0) + (p?.height ?? 0)))),
    capHeight: em(os2.readInt16BE(88)),
    stem: em(shaper.glyphExtents(shaper.glyph(0x6c) ?? 0)?.width ?? 0),
    ascender: em(hhea.readInt16BE(4)),
    descender: em(-hhea.readInt16BE(6)),
    winAscent: em(os2.readUInt16BE(74)),
    winDescent: em(os2.readUInt16BE(76)),
  };
}
