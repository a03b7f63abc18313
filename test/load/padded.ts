import { copyFile, open, stat } from "node:fs/promises";

/** Copies an MP4 and makes it `bytes` long with a `free` box at its end (ISO/IEC 14496-12, 8.1.2), which every reader skips. */
export async function padded(from: string, to: string, bytes: number): Promise<string> {
  await copyFile(from, to);
  const { size } = await stat(to);
  const header = Buffer.alloc(8);
  header.writeUInt32BE(bytes - size, 0);
  header.write("free", 4, "latin1");
  await using file = await open(to, "r+");
  await file.write(header, 0, header.length, size);
  await file.truncate(bytes);
  return to;
}
