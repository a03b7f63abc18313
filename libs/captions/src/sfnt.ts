import { DeclaredError } from "@viralclaw/contracts/errors";

/** A file of tables by their tags of four letters, as TrueType and OpenType fonts are (OpenType specification, "Organization of an OpenType font"). */
export type Tables = ReadonlyMap<string, Buffer>;

export const notAFont = (reason: string) => new DeclaredError("font_invalid", { reason });

/** Reads a font file's tables, which share its bytes. Throws DeclaredError font_invalid where it is no font, or a part of it is not there. */
export function readSfnt(file: Buffer): Tables {
  const other = others.find(([start]) => file.subarray(0, start.length).toString("latin1") === start);
  if (other) throw notAFont(other[1]);
  if (file.length < headerBytes || !flavours.includes(file.readUInt32BE(0))) throw notAFont("it is no TrueType or OpenType font");
  const directoryBytes = headerBytes + file.readUInt16BE(4) * recordBytes;
  if (directoryBytes > file.length) throw notAFont(cutOff);
  const tables = new Map<string, Buffer>();
  let bytes = 0;
  for (let at = headerBytes; at < directoryBytes; at += recordBytes) {
    const [offset, length] = [file.readUInt32BE(at + 8), file.readUInt32BE(at + 12)];
    if (offset + length > file.length) throw notAFont(cutOff);
    tables.set(file.toString("latin1", at, at + 4), file.subarray(offset, offset + length));
    bytes += length;
  }
  // Tables that lie upon each other could make of a small file one of gigabytes.
  if (bytes > file.length) throw notAFont("its tables lie upon each other");
  return tables;
}

/** A table that is known to be there. */
export function tableOf(tables: Tables, tag: string): Buffer {
  const found = tables.get(tag);
  if (!found) throw new Error(`The font has no table ${tag}.`);
  return found;
}

/** Writes such a file. Its checksums are zero: neither FreeType nor HarfBuzz reads them. */
export function writeSfnt(tables: Tables): Buffer {
  const sorted = [...tables].sort(([a], [b]) => (a < b ? -1 : 1));
  const directory = Buffer.alloc(headerBytes + sorted.length * recordBytes);
  directory.writeUInt32BE(tables.has("CFF ") ? postScript : trueType, 0);
  directory.writeUInt16BE(sorted.length, 4);
  // For a binary search: the largest power of two that is not above the number of tables.
  const power = 2 ** Math.floor(Math.log2(sorted.length));
  directory.writeUInt16BE(power * recordBytes, 6);
  directory.writeUInt16BE(Math.log2(power), 8);
  directory.writeUInt16BE((sorted.length - power) * recordBytes, 10);
  let offset = directory.length;
  const parts = sorted.map(([tag, table], i) => {
    const at = headerBytes + i * recordBytes;
    directory.write(tag, at, "latin1");
    directory.writeUInt32BE(offset, at + 8);
    directory.writeUInt32BE(table.length, at + 12);
    const padded = Math.ceil(table.length / 4) * 4;
    offset += padded;
    return Buffer.concat([table], padded);
  });
  return Buffer.concat([directory, ...parts]);
}

/** What a file with each kind of outlines begins with: 1.0, as Apple wrote it once ("true"), and "OTTO". */
const [trueType, appleTrueType, postScript] = [0x00010000, 0x74727565, 0x4f54544f] as const;
const flavours: readonly number[] = [trueType, appleTrueType, postScript];

/** What people take for such a file, by its first bytes. */
const others = [
  ["ttcf", "it is a collection of fonts"],
  ["wOFF", "it is a WOFF font, made for web pages"],
  ["wOF2", "it is a WOFF2 font, made for web pages"],
  ["PK", "it is a ZIP archive"],
] as const;

const headerBytes = 12;
const recordBytes = 16;
const cutOff = "its end is missing";
