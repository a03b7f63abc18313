/** The boxes of an mp4 or mov file (ISO 14496-12), taken apart and put together again, to make files that lie. */

/** A box of that type (four letters) with this in it; sizes above 4 GB are not needed here. */
export function box(type: string, ...content: Buffer[]): Buffer {
  const payload = Buffer.concat(content);
  return Buffer.concat([u32(payload.length + 8), Buffer.from(type, "latin1"), payload]);
}

/**
 * The file with another payload in the box at `path`, such as "moov/trak:1/mdia/mdhd" (the second track's). Sizes of the boxes
 * around it are put right. Places of samples are not: the index must come after the data, as ffmpeg writes it by itself.
 * Throws where there is no such box.
 */
export function withBox(bytes: Buffer, path: string, change: (payload: Buffer) => Buffer): Buffer {
  const [first = "", ...rest] = path.split("/");
  const [type, nth = "0"] = first.split(":");
  let seen = 0;
  let found = false;
  const boxes = boxesIn(bytes).map(({ type: own, whole }) => {
    if (own !== type || seen++ !== Number(nth)) return whole;
    found = true;
    const payload = whole.subarray(8);
    return box(own, rest.length === 0 ? change(Buffer.from(payload)) : withBox(payload, rest.join("/"), change));
  });
  if (!found) throw new Error(`There is no ${path}.`);
  return Buffer.concat(boxes);
}

/** The file with one number in that box changed: `at` is its place in the payload, 32 bits wide. */
export function withNumber(bytes: Buffer, path: string, at: number, value: number): Buffer {
  return withBox(bytes, path, (payload) => {
    payload.writeUInt32BE(value, at);
    return payload;
  });
}

export function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

export function u16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16BE(value);
  return bytes;
}

function boxesIn(bytes: Buffer): { type: string; whole: Buffer }[] {
  const boxes: { type: string; whole: Buffer }[] = [];
  for (let at = 0; at + 8 <= bytes.length; ) {
    const size = bytes.readUInt32BE(at);
    if (size < 8) throw new Error(`A box of ${size} bytes at ${at}.`);
    boxes.push({ type: bytes.toString("latin1", at + 4, at + 8), whole: bytes.subarray(at, at + size) });
    at += size;
  }
  return boxes;
}
