import { readFile, writeFile } from "node:fs/promises";
import { baseClip, type Kind } from "./base.ts";
import { box, u32, withBox, withNumber } from "./boxes.ts";
import { noise } from "./damage.ts";
import type { HostileFile } from "./file.ts";

/** Files whose headers say what is not so. Places in boxes are those of ISO 14496-12, version 0, after the box's size and type. */
export const lies: HostileFile[] = [
  of("an mp4 that claims to last ten hours", "mp4", "accepted", (whole) =>
    tracks.reduce(
      (bytes, track) => withNumber(bytes, `${track}/mdia/mdhd`, 16, 2 ** 31),
      withNumber(whole, "moov/mvhd", 16, 36_000_000),
    ),
  ),
  of("an mp4 that claims a picture of 65535x65535", "mp4", "accepted", (whole) =>
    withNumber(
      withNumber(withNumber(whole, `${picture}/${samples}/stsd`, 40, 0xffffffff), `${picture}/tkhd`, 76, 0xffff0000),
      `${picture}/tkhd`,
      80,
      0xffff0000,
    ),
  ),
  of("an mp4 with four billion samples of one byte", "mp4", "not_a_video", (whole) =>
    withBox(whole, `${picture}/${samples}/stsz`, () => Buffer.concat([u32(0), u32(1), u32(0xffffffff)])),
  ),
  of("an mp4 with half a billion samples of no size", "mp4", "not_a_video", (whole) =>
    withBox(whole, `${picture}/${samples}/stsz`, () => Buffer.concat([u32(0), u32(0), u32(0x1fffffff)])),
  ),
  of(
    "an mp4 whose samples last four billion ticks",
    "mp4",
    "accepted",
    (whole) => withBox(whole, `${picture}/${samples}/stts`, () => Buffer.concat([u32(0), u32(1), u32(10), u32(0x7fffffff)])),
    "not_a_video",
  ),
  of("an mp4 whose samples last no time at all", "mp4", "accepted", (whole) =>
    withBox(whole, `${picture}/${samples}/stts`, () => Buffer.concat([u32(0), u32(1), u32(10), u32(0)])),
  ),
  of("an mp4 whose chunks lie outside of it", "mp4", "not_a_video", (whole) =>
    tracks.reduce(
      (bytes, track) =>
        withBox(bytes, `${track}/${samples}/stco`, (old) =>
          Buffer.concat([old.subarray(0, 8), Buffer.alloc(old.length - 8, 0xff)]),
        ),
      whole,
    ),
  ),
  of(
    "an mp4 with a clock of one tick a second",
    "mp4",
    "accepted",
    (whole) => withNumber(whole, `${picture}/mdia/mdhd`, 12, 1),
    "not_a_video",
  ),
  of(
    "an mp4 with a clock of no ticks",
    "mp4",
    "accepted",
    (whole) => withNumber(whole, `${picture}/mdia/mdhd`, 12, 0),
    "not_a_video",
  ),
  of("an mp4 whose sound is in a format that nobody knows", "mp4", "not_a_video", (whole) =>
    withBox(whole, `${tracks[1]}/${samples}/stsd`, (payload) =>
      replaced(replaced(payload, "6d703461", "6e6f6e65"), "65736473", "6e6f6e65"),
    ),
  ),
  of("an mp4 with a box of nine exabytes", "mp4", "not_a_video", (whole) =>
    Buffer.concat([box("ftyp", Buffer.from("isom")), u32(1), Buffer.from("mdat"), Buffer.from("7fffffffffffffff", "hex"), whole]),
  ),
  of("an mp4 with a box that is smaller than its own head", "mp4", "not_a_video", (whole) =>
    Buffer.concat([box("ftyp", Buffer.from("isom")), u32(4), Buffer.from("moov"), whole]),
  ),
  of("an mp4 of boxes in boxes, ten thousand deep", "mp4", "not_a_video", () => {
    const deep = Array.from({ length: 10_000 }, (_, i) => Buffer.concat([u32(8 * (10_000 - i)), Buffer.from("moov")]));
    return Buffer.concat([box("ftyp", Buffer.from("isom")), ...deep]);
  }),
  of("an mp4 that begins well and goes on with noise", "mp4", "not_a_video", (whole) =>
    Buffer.concat([whole.subarray(0, 40), noise(50_000, 7)]),
  ),
  of("a Matroska file whose picture claims to be 96x120", "matroska", "accepted", (whole) =>
    // PixelWidth and PixelHeight, in a byte each.
    replaced(replaced(whole, "b08140", "b08160"), "ba8170", "ba8178"),
  ),
  of("a Matroska file whose clock is seventeen times too slow", "matroska", "accepted", (whole) =>
    replaced(whole, "2ad7b1830f4240", "2ad7b183ffffff"),
  ),
  of("a Matroska file whose end is nowhere", "matroska", "accepted", (whole) => {
    // The size of the segment, in eight bytes behind its id: unknown.
    const at = whole.indexOf(Buffer.from("18538067", "hex")) + 4;
    const endless = Buffer.from(whole);
    endless.write("01ffffffffffffff", at, "hex");
    return endless;
  }),
];

const picture = "moov/trak:0";
const tracks = [picture, "moov/trak:1"];
const samples = "mdia/minf/stbl";

function of(
  name: string,
  kind: Kind,
  ends: HostileFile["ends"],
  change: (whole: Buffer) => Buffer,
  renders?: HostileFile["renders"],
): HostileFile {
  return { name, ends, renders, make: async (file) => writeFile(file, change(await readFile(await baseClip(kind)))) };
}

/** The file with the first of these bytes replaced by others of the same number, both in hexadecimal. Throws where they are not there. */
function replaced(bytes: Buffer, from: string, to: string): Buffer {
  const at = bytes.indexOf(Buffer.from(from, "hex"));
  if (at < 0) throw new Error(`There is no ${from}.`);
  const changed = Buffer.from(bytes);
  Buffer.from(to, "hex").copy(changed, at);
  return changed;
}
