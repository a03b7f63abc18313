import { Blob, Face, Font as Shaper } from "harfbuzzjs";
import { notAFont, readSfnt, type Tables, tableOf, writeSfnt } from "./sfnt.ts";

/**
 * Checks a customer's font and makes of it one that can be drawn with safely: only the tables that drawing needs (no programs for
 * hinting, no other instances), under a name of ours, with measures that are those of its letters.
 *
 * `name` is what an ASS script calls it: letters, digits and `_`. Whatever the file calls itself, a comma or a brace in it would be a
 * command in the script, and the name of one of our fonts would take that one's place.
 * Throws DeclaredError font_invalid with the reason. Pure.
 */
export function ownFont(file: Buffer, name: string): Buffer {
  const tables = readSfnt(file);
  if (tables.has("CFF2")) throw notAFont("it is a variable font with PostScript outlines (CFF2); export one of its instances");
  const outlines = tables.has("CFF ") ? ["CFF "] : ["glyf", "loca"];
  const missing = [...needed, ...outlines].find((tag) => (tables.get(tag)?.length ?? 0) < (leastBytes[tag] ?? 1));
  if (missing) throw notAFont(`it has no table ${missing.trim()}, or half of one`);
  const kept = new Map([...tables].filter(([tag]) => [...needed, ...outlines, ...useful].includes(tag)));
  if (isRestricted(tableOf(kept, "OS/2").readUInt16BE(8)))
    throw notAFont("its licence does not allow embedding (fsType is 2, restricted); ask its maker for one that does");
  const unitsPerEm = tableOf(kept, "head").readUInt16BE(18);
  if (unitsPerEm < 16 || unitsPerEm > 16_384) throw notAFont(`its em has ${unitsPerEm} units, not 16 to 16384`);
  const measures = measuresOf(kept, unitsPerEm);
  kept.set("OS/2", os2With(tableOf(kept, "OS/2"), measures));
  kept.set("hhea", hheaWith(tableOf(kept, "hhea"), measures));
  kept.set("name", namesOf(name));
  return writeSfnt(kept);
}

/** Without these nothing can be drawn. OpenType asks for `post` and `name` as well: the one is not read, the other is ours. */
const needed = ["OS/2", "cmap", "head", "hhea", "hmtx", "maxp"];
/** Kerning, ligatures, marks. */
const useful = ["GDEF", "GPOS", "GSUB", "kern"];
/** As far as they are read: OS/2 in its oldest version. */
const leastBytes: Record<string, number> = { "OS/2": 78, head: 54, hhea: 36, maxp: 6 };

/** OS/2 fsType: bit 1 forbids to embed the font, unless bit 2 or 3, as old fonts have beside it, allows more. Ours is drawn, not embedded; who says this much means it. */
const isRestricted = (fsType: number) => (fsType & 0b1110) === 0b0010;

/** In units of the font. */
interface Measures {
  capHeight: number;
  ascender: number;
  descender: number;
}

/** What its letters measure, whatever it says: words are kept in the frame by this. Throws font_invalid where letters are missing, blank or monstrous. */
function measuresOf(tables: Tables, unitsPerEm: number): Measures {
  const shaper = new Shaper(new Face(new Blob(writeSfnt(tables))));
  const glyphs = [...letters].map((letter) => ({ letter, glyph: shaper.glyph(letter.codePointAt(0) ?? 0) ?? 0 }));
  const lacking = glyphs.filter(({ glyph }) => glyph === 0).map(({ letter }) => letter);
  if (lacking.length > 0) throw notAFont(`it lacks the letters ${lacking.join("")}`);
  const inks = glyphs.map(({ letter, glyph }) => {
    const { yBearing = 0, width = 0, height = 0 } = shaper.glyphExtents(glyph) ?? {};
    const advance = shaper.glyphHAdvance(glyph);
    if (width <= 0 || height >= 0) throw notAFont(`its letter ${letter} is blank`);
    if (Math.max(advance, width, yBearing, -(yBearing + height)) > mostEm * unitsPerEm || advance === 0)
      throw notAFont(`its letter ${letter} is larger than ${mostEm} em, or has no width`);
    return { letter, above: yBearing, below: -(yBearing + height) };
  });
  const capHeight = inks.find(({ letter }) => letter === "H")?.above ?? 0;
  if (capHeight < leastEm * unitsPerEm) throw notAFont(`its capitals are less than ${leastEm} em high`);
  const hhea = tableOf(tables, "hhea");
  const claimed = (value: number) => Math.min(value, mostEm * unitsPerEm);
  return {
    capHeight,
    ascender: Math.ceil(Math.max(claimed(hhea.readInt16BE(4)), ...inks.map(({ above }) => above))),
    descender: Math.ceil(Math.max(claimed(-hhea.readInt16BE(6)), 0, ...inks.map(({ below }) => below))),
  };
}

const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
/** Swashes reach one em beyond the line; of the largest em, 16384 units, this many fit into the tables' 16 bits. */
const mostEm = 1.9;
/** The smallest capitals of a font that is meant to be read have half an em. */
const leastEm = 0.2;

/** OS/2 of version 4 or later, with the fields that `metricsOf` and libass read. */
function os2With(os2: Buffer, { capHeight, ascender, descender }: Measures): Buffer {
  const made = Buffer.concat([os2], Math.max(os2.length, 96));
  made.writeUInt16BE(Math.max(4, os2.readUInt16BE(0)), 0);
  made.writeUInt16BE(ascender, 74);
  made.writeUInt16BE(descender, 76);
  made.writeInt16BE(capHeight, 88);
  return made;
}

function hheaWith(hhea: Buffer, { ascender, descender }: Measures): Buffer {
  const made = Buffer.from(hhea);
  made.writeInt16BE(ascender, 4);
  made.writeInt16BE(-descender, 6);
  return made;
}

/** The table `name`, format 0: family, subfamily, full name and PostScript name, for Windows in English. */
function namesOf(name: string): Buffer {
  const names = [
    [1, name],
    [2, "Regular"],
    [4, name],
    [6, name],
  ] as const;
  const header = Buffer.alloc(6 + names.length * 12);
  header.writeUInt16BE(names.length, 2);
  header.writeUInt16BE(header.length, 4);
  let offset = 0;
  const texts = names.map(([id, text], i) => {
    const utf16 = Buffer.from(text, "utf16le").swap16();
    for (const [k, value] of [3, 1, 0x409, id, utf16.length, offset].entries()) header.writeUInt16BE(value, 6 + i * 12 + k * 2);
    offset += utf16.length;
    return utf16;
  });
  return Buffer.concat([header, ...texts]);
}
