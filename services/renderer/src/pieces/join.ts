import { appendFile, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { ffmpeg, userInput } from "@viralclaw/media/ffmpeg";
import type { MediaInfo } from "@viralclaw/media/probe";
import { pieceFile, sound } from "../burn-in.ts";
import { container } from "../encoder.ts";
import { readFragments } from "./fragment.ts";

const joined = "joined.mp4";

/**
 * Puts all pieces of the folder and the source's sound into one file, copying both: each frame keeps the time that it has in its piece, less
 * the `laterMs` that were put on all of them.
 * Throws ProcessFailed or the signal's reason.
 */
export async function joinPieces(
  { dir, source, media, count }: { dir: string; source: string; media: MediaInfo; count: number },
  result: string,
  { signal, durationMs, laterMs = 0 }: { signal: AbortSignal; durationMs: number; laterMs?: number },
): Promise<void> {
  let startUs = 0;
  for (let index = 0; index < count; index++) {
    const { header, body, startTicks, ticksPerSecond } = readFragments(await readFile(join(dir, pieceFile(index))));
    if (index === 0) {
      startUs = Math.round((startTicks * 1e6) / ticksPerSecond) - laterMs * 1000;
      await writeFile(join(dir, joined), header);
    }
    await appendFile(join(dir, joined), Buffer.concat(body));
  }
  // ffmpeg counts the times of an input from the moment on at which its first frame is shown: the picture is put back to where it was, to the tick.
  const late = startUs !== 0 ? ["-itsoffset", (startUs / 1e6).toFixed(6)] : [];
  const inputs = [...late, "-i", `file:${joined}`, ...(media.audio ? userInput(source) : [])];
  const output = ["-map", "0:v", "-c:v", "copy", ...sound(media, 1), "-t", `${durationMs / 1000}`, ...container, result];
  await ffmpeg([...inputs, ...output], { signal, cwd: dir, fileBytes });
}

/** Of all pieces together, each of which the encoder held to a quarter of that, and the sound. */
const fileBytes = 8 * 1024 ** 3;
