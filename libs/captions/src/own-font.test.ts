import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { DeclaredError } from "@viralclaw/contracts/errors";
import { openFont, openFontFile } from "./fonts.ts";
import { measure } from "./measure.ts";
import { ownFont } from "./own-font.ts";
import { readSfnt, tableOf, writeSfnt } from "./sfnt.ts";
import { serifFile } from "./testing.ts";

const name = "upl_01jd0000000000000000000000";
const serif = readFileSync(serifFile);
const anton = readFileSync(openFont({ family: "Anton", weight: 400 }).path);

test("a font is called as it is told to, and measures what its letters do, as before", () => {
  const [own, before] = [opened(ownFont(serif, name)), openFontFile(serifFile)];
  assert.deepEqual([own.family, own.fullName, own.postscriptName], [name, name, name]);
  for (const text of ["WAVY", "fifty", "ação"]) assert.deepEqual(measure(own, text), measure(before, text));
  assert.deepEqual(own.metrics.capHeight, before.metrics.capHeight);
});

test("whatever a font calls itself and says of its measures, nothing of that is left", () => {
  const hostile = changed(serif, (tables) => {
    tables.set("name", Buffer.from(String.raw`Montserrat Black,{\fnArial}\r\n[Events]`, "utf16le").swap16());
    for (const [tag, at] of [
      ["OS/2", 74],
      ["OS/2", 76],
      ["OS/2", 88],
      ["hhea", 4],
      ["hhea", 6],
    ] as const)
      tableOf(tables, tag).writeUInt16BE(0x7fff, at);
  });
  const own = opened(ownFont(hostile, name));
  assert.deepEqual([own.family, own.fullName, own.postscriptName], [name, name, name]);
  assert.equal(own.metrics.capHeight, openFontFile(serifFile).metrics.capHeight);
  for (const metric of ["ascender", "descender", "winAscent", "winDescent"] as const) assert.ok(own.metrics[metric] < 2, metric);
});

test("only what drawing needs is kept: no programs, and of a variable font the instance that it is by itself", () => {
  const given = changed(serif, (tables) => {
    for (const tag of ["fpgm", "prep", "cvt ", "fvar", "gvar", "SVG ", "COLR", "DSIG", "post"])
      tables.set(tag, Buffer.alloc(100, 255));
  });
  const kept = [...readSfnt(ownFont(given, name)).keys()];
  assert.deepEqual(kept, ["GDEF", "GPOS", "GSUB", "OS/2", "cmap", "glyf", "head", "hhea", "hmtx", "loca", "maxp", "name"]);
});

test("OS/2 of the first version, without capitals' height, is enough", () => {
  const old = changed(serif, (tables) => {
    tables.set("OS/2", tableOf(tables, "OS/2").subarray(0, 78));
    tableOf(tables, "OS/2").writeUInt16BE(0, 0);
  });
  assert.equal(opened(ownFont(old, name)).metrics.capHeight, openFontFile(serifFile).metrics.capHeight);
});

const refused: [what: string, file: Buffer, reason: RegExp][] = [
  ["nothing", Buffer.alloc(0), /no TrueType or OpenType/],
  ["a web page", Buffer.from("<!doctype html><title>404</title>"), /no TrueType or OpenType/],
  ["a ZIP archive", Buffer.from("PK\u0003\u0004brand.ttf"), /ZIP/],
  ["a collection", Buffer.from("ttcf\u0000\u0001\u0000\u0000"), /collection/],
  ["a WOFF", Buffer.from("wOFF\u0000\u0001\u0000\u0000"), /web pages/],
  ["a WOFF2", Buffer.from("wOF2\u0000\u0001\u0000\u0000"), /web pages/],
  ["no tables", Buffer.from("OTTO".padEnd(12, "\0")), /no table/],
  ["no outlines", changed(serif, (tables) => tables.delete("glyf")), /no table glyf/],
  ["variable PostScript outlines", changed(serif, (tables) => tables.set("CFF2", Buffer.alloc(8))), /CFF2/],
  ["half a head", changed(serif, (tables) => tables.set("head", tableOf(tables, "head").subarray(0, 20))), /no table head/],
  ["an em of no units", changed(serif, (tables) => tableOf(tables, "head").writeUInt16BE(0, 18)), /em has 0 units/],
  ["a licence that forbids it", changed(serif, (tables) => tableOf(tables, "OS/2").writeUInt16BE(2, 8)), /licence.*embedding/],
  ["no Latin letters", changed(serif, (tables) => tables.set("cmap", arrowsOnly())), /lacks the letters ABC.*xyz/],
  ["blank letters", changed(serif, (tables) => tableOf(tables, "loca").fill(0)), /letter A is blank/],
  ["monstrous letters", changed(serif, (tables) => tableOf(tables, "head").writeUInt16BE(16, 18)), /larger than 1.9 em/],
  ["tables upon each other", overlapping(), /upon each other/],
];
for (const [what, file, reason] of refused) {
  test(`a font is refused with the reason: ${what}`, () => {
    assert.match(reasonFor(file) ?? "", reason);
  });
}

test("an old font that allows printing beside what it restricts may be used", () => {
  assert.equal(reasonFor(changed(serif, (tables) => tableOf(tables, "OS/2").writeUInt16BE(2 | 4, 8))), undefined);
});

test("wherever a font is cut off, it is refused", () => {
  const end = lastByteOf(anton);
  const cuts = [
    ...Array.from({ length: 600 }, (_, i) => i),
    ...Array.from({ length: 500 }, (_, i) => Math.floor((i * end) / 500)),
    end - 1,
  ];
  for (const cut of cuts) assert.match(reasonFor(anton.subarray(0, cut)) ?? "", /no TrueType|end is missing|no table/, `${cut}`);
  assert.equal(reasonFor(anton), undefined);
});

test("whatever bytes of a font are others, it is refused with a reason, or opens and measures", () => {
  const dice = rolls(7);
  for (let round = 0; round < 150; round++) {
    const file = Buffer.from(anton);
    // Half of the rounds in the directory and the small tables, which say how the others are read.
    for (let k = 0; k < 8; k++) file[Math.floor(dice() * (round % 2 ? 2000 : file.length))] = Math.floor(dice() * 256);
    const made = madeOf(file);
    if (made) assert.ok(Number.isFinite(measure(opened(made), "HAMBURG fifty ação").width));
  }
});

/** What was made of a file, or undefined for one that was refused. Throws where the refusal is none of ours. */
function madeOf(file: Buffer): Buffer | undefined {
  try {
    return ownFont(file, name);
  } catch (error) {
    if (error instanceof DeclaredError && error.code === "font_invalid") return undefined;
    throw error;
  }
}

function reasonFor(file: Buffer): string | undefined {
  try {
    ownFont(file, name);
    return undefined;
  } catch (error) {
    assert.ok(error instanceof DeclaredError && error.code === "font_invalid", `${error}`);
    return `${error.params.reason}`;
  }
}

function opened(file: Buffer) {
  const dir = mkdtempSync(join(tmpdir(), "own-font-"));
  try {
    writeFileSync(join(dir, "font"), file);
    return openFontFile(join(dir, "font"));
  } finally {
    rmSync(dir, { recursive: true });
  }
}

/** A font with some of its tables otherwise. */
function changed(file: Buffer, change: (tables: Map<string, Buffer>) => void): Buffer {
  const tables = new Map([...readSfnt(file)].map(([tag, table]) => [tag, Buffer.from(table)]));
  change(tables);
  return writeSfnt(tables);
}

/** The table cmap of a font that has an arrow. */
function arrowsOnly(): Buffer {
  const cmap = Buffer.alloc(12 + 16);
  // One encoding record, Windows Unicode BMP, and at 12 a subtable of format 6 that maps U+2192 to glyph 1.
  for (const [i, value] of [0, 1, 3, 1, 0, 12, 6, 12, 0, 0x2192, 1, 1].entries()) cmap.writeUInt16BE(value, i * 2);
  return cmap;
}

function overlapping(): Buffer {
  const file = Buffer.from(serif);
  for (let at = 12; at < 12 + 16 * file.readUInt16BE(4); at += 16) {
    file.writeUInt32BE(0, at + 8);
    file.writeUInt32BE(file.length, at + 12);
  }
  return file;
}

/** Where the last table ends: what fills the file up to four bytes behind it is nothing. */
function lastByteOf(file: Buffer): number {
  const ends = Array.from(
    { length: file.readUInt16BE(4) },
    (_, i) => file.readUInt32BE(12 + 16 * i + 8) + file.readUInt32BE(12 + 16 * i + 12),
  );
  return Math.max(...ends);
}

/** A small generator of its own, so that every run rolls the same (Park and Miller, 1988). */
function rolls(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}
