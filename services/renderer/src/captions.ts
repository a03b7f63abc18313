import { copyFile, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { assScript } from "@viralclaw/captions/ass";
import { type Layout, layOut } from "@viralclaw/captions/layout";
import { snapToFrames } from "@viralclaw/captions/snap";
import type { Style } from "@viralclaw/contracts/style";
import type { Word } from "@viralclaw/contracts/transcript";
import type { Picture } from "./picture.ts";

/** Draws what `prepareCaptions` left in ffmpeg's working folder: the one filter that draws captions, in videos and in stills. */
export const captionFilter = "ass=filename=captions.ass:fontsdir=fonts";

export interface Captions {
  layout: Layout;
  /** The ASS script. */
  script: string;
}

export interface CaptionOptions {
  style: Style;
  /** ISO 639-1. */
  language: string;
  picture: Pick<Picture, "frame" | "frameTimesMs" | "endMs">;
}

/** Lays words out on a picture and puts what the filter needs into a folder: script and fonts, under names of our own. */
export async function prepareCaptions(
  dir: string,
  words: readonly Word[],
  { style, language, picture: { frame, frameTimesMs, endMs } }: CaptionOptions,
): Promise<Captions> {
  const layout = layOut(words, { style, frame, language, endMs });
  const script = assScript(layout, { style, snap: snapToFrames(frameTimesMs, endMs) });
  // Names of our own, below the job's own folder: a filter's arguments know no safe way to quote others.
  await writeFile(join(dir, "captions.ass"), script);
  await mkdir(join(dir, "fonts"));
  await Promise.all(layout.found.fonts.map(({ path }, i) => copyFile(path, join(dir, "fonts", `${i}.ttf`))));
  return { layout, script };
}

/** Whether there is a frame that a caption is drawn on. */
export function shows({ cues }: Layout, frameTimesMs: readonly number[]): boolean {
  return cues.some(({ startMs, endMs }) => frameTimesMs.some((timeMs) => startMs <= timeMs && timeMs < endMs));
}
