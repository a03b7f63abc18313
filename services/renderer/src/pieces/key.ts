import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { pipeline } from "node:stream/promises";
import { captionFilters } from "../captions.ts";
import type { Encoder } from "../encoder.ts";
import type { Picture } from "../picture.ts";
import type { Piece } from "./cut.ts";

/** What the pieces of one render have in common. */
export interface Common {
  /** SHA-256 of the source. */
  source: string;
  picture: Picture;
  encoder: Encoder;
  /** What is drawn: the whole ASS script, and a digest of the fonts it is drawn with. */
  script: string;
  fonts: string;
}

/** To be changed whenever the same arguments would give other pictures. */
const version = 1;

/**
 * Names each piece by everything that its pictures follow from: the frames of the source, what happens to them, the captions shown while
 * it lasts, their style and fonts, and the encoder. An edit of a word changes the names of the pieces that show it, and of no others.
 */
export function keysOf(pieces: readonly Piece[], { source, picture, encoder, script, fonts }: Common): string[] {
  const { head, events } = taken(script);
  return pieces.map(({ from, to, startMs, endMs }) => {
    const shown = events.filter((event) => event.startMs < endMs && event.endMs > startMs).map(({ line }) => line);
    const { hold, frame } = picture;
    const filters = [...picture.filters, ...captionFilters(picture)];
    const isLast = to === picture.frameTimesMs.length;
    return digest(
      JSON.stringify({ version, source, from, to, filters, hold: isLast ? hold : [], frame, encoder, head, shown, fonts }),
    );
  });
}

/** SHA-256 in hex. */
export const digest = (text: string | Buffer) => createHash("sha256").update(text).digest("hex");

/** SHA-256 of a file, in hex. */
export async function digestOfFile(file: string): Promise<string> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(file, { highWaterMark: 1024 * 1024 }), hash);
  return hash.digest("hex");
}

/** An ASS script as its styles and its events, with the times between which libass shows each. */
function taken(script: string) {
  const lines = script.split("\n");
  const events = lines.flatMap((line) => {
    const [, from, to] = /^Dialogue: \d+,([\d:.]+),([\d:.]+),/.exec(line) ?? [];
    return from && to ? [{ line, startMs: msOf(from), endMs: msOf(to) }] : [];
  });
  return { head: lines.filter((line) => !line.startsWith("Dialogue: ")), events };
}

/** "0:00:12.34" in ms. */
function msOf(time: string): number {
  const [hours = 0, minutes = 0, seconds = 0] = time.split(":").map(Number);
  return Math.round((hours * 3600 + minutes * 60 + seconds) * 1000);
}
