/**
 * Reads and joins the files that pieces are kept in: fragmented MP4 (ISO 14496-12), a header and one or more fragments with absolute
 * times. One header and the fragments of all pieces, end to end, are the whole video.
 */
export interface Fragments {
  /** ftyp and moov: what a decoder must know, and the clock's ticks a second. */
  header: Buffer;
  /** moof and mdat, as often as they come, with the times at which their frames are decoded. */
  body: Buffer[];
  ticksPerSecond: number;
  /** When the first frame is shown, in ticks. */
  startTicks: number;
  frames: number;
}

/** Takes a piece's file apart. Throws an Error where it is not what our encoder writes. */
export function readFragments(file: Buffer): Fragments {
  const boxes = boxesOf(file);
  const header = boxes.filter(({ type }) => type === "ftyp" || type === "moov");
  const body = boxes.filter(({ type }) => type === "moof" || type === "mdat");
  const moofs = body.filter(({ type }) => type === "moof");
  const [moov] = header.filter(({ type }) => type === "moov");
  const mdhd = moov && inside(moov.content, ["trak", "mdia", "mdhd"]);
  const [first] = moofs;
  const [tfdt, trun] = ["tfdt", "trun"].map((type) => first && inside(first.content, ["traf", type]));
  if (!mdhd || !tfdt || !trun) throw new Error("this is no piece of a video");
  const startTicks = timeOf(tfdt);
  // ffmpeg tells when the first frame is shown where it should tell when it is decoded: in one file that is set right by its edit list.
  const aheadTicks = shownAfterDecoded(trun);
  for (const { content } of moofs) putTime(inside(content, ["traf", "tfdt"]), aheadTicks);
  return {
    header: Buffer.concat(header.map(({ whole }) => whole)),
    body: body.map(({ whole }) => whole),
    // Behind version and flags: in version 1 times are of 8 bytes, else of 4.
    ticksPerSecond: mdhd.readUInt32BE(mdhd[0] === 1 ? 20 : 12),
    startTicks,
    frames: moofs.reduce((sum, { content }) => sum + framesOf(content), 0),
  };
}

const timeOf = (tfdt: Buffer) => (tfdt[0] === 1 ? Number(tfdt.readBigUInt64BE(4)) : tfdt.readUInt32BE(4));

function putTime(tfdt: Buffer | undefined, earlierBy: number): void {
  if (!tfdt || earlierBy === 0) return;
  if (tfdt[0] === 1) tfdt.writeBigUInt64BE(BigInt(timeOf(tfdt) - earlierBy), 4);
  else tfdt.writeUInt32BE(timeOf(tfdt) - earlierBy, 4);
}

/** How many ticks after it is decoded the first frame of a `trun` is shown: behind those of its fields that its flags say are there. */
function shownAfterDecoded(trun: Buffer): number {
  const flags = trun.readUIntBE(1, 3);
  if (!(flags & 0x800)) return 0;
  const before = [0x1, 0x4, 0x100, 0x200, 0x400].filter((flag) => flags & flag).length;
  return trun.readInt32BE(8 + 4 * before);
}

function framesOf(moof: Buffer): number {
  const [traf] = boxesOf(moof).filter(({ type }) => type === "traf");
  const truns = traf ? boxesOf(traf.content).filter(({ type }) => type === "trun") : [];
  return truns.reduce((sum, { content }) => sum + content.readUInt32BE(4), 0);
}

interface Box {
  type: string;
  whole: Buffer;
  content: Buffer;
}

/** The boxes of a file or of a box, side by side. */
function boxesOf(bytes: Buffer): Box[] {
  const boxes: Box[] = [];
  for (let at = 0; at + 8 <= bytes.length; ) {
    const size = bytes.readUInt32BE(at);
    if (size < 8 || at + size > bytes.length) throw new Error("a box of a piece has a wrong size");
    const whole = bytes.subarray(at, at + size);
    boxes.push({ type: whole.toString("latin1", 4, 8), whole, content: whole.subarray(8) });
    at += size;
  }
  return boxes;
}

/** The first box on a way down. */
function inside(content: Buffer, way: readonly string[]): Buffer | undefined {
  return way.reduce<Buffer | undefined>(
    (found, type) => found && boxesOf(found).find((box) => box.type === type)?.content,
    content,
  );
}
