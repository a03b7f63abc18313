import { copyFile, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { assScript } from "@viralclaw/captions/ass";
import type { Font } from "@viralclaw/captions/fonts";
import { type Layout, layOut } from "@viralclaw/captions/layout";
import { drawnOn } from "@viralclaw/captions/matrix";
import { snapToFrames } from "@viralclaw/captions/snap";
import type { Style } from "@viralclaw/contracts/style";
import type { TimingSource, Word } from "@viralclaw/contracts/transcript";
import type { Picture } from "./picture.ts";

/**
 * The filters that draw what `prepareCaptions` left in ffmpeg's working folder, in videos and in stills. Captions are drawn by the
 * matrix of BT.601 (see matrix.ts), which newer ffmpeg does only on frames that are said to be of it.
 */
export function captionFilters({ matrixName }: Pick<Picture, "matrixName">): string[] {
  const draw = "ass=filename=captions.ass:fontsdir=fonts";
  return matrixName === null ? [draw] : ["setparams=colorspace=smpte170m", draw, `setparams=colorspace=${matrixName}`];
}

export interface Captions {
  layout: Layout;
  /** The ASS script, in the colours that are meant. */
  script: string;
}

export interface CaptionOptions {
  style: Style;
  font: Font;
  /** ISO 639-1. */
  language: string;
  /** Whose times the words have. */
  timing: TimingSource;
  picture: Pick<Picture, "frame" | "frameTimesMs" | "endMs" | "matrix" | "matrixName">;
}

/** Lays words out on a picture and puts what the filter needs into a folder: script and fonts, under names of our own. */
export async function prepareCaptions(
  dir: string,
  words: readonly Word[],
  { style, font, language, timing, picture: { frame, frameTimesMs, endMs, matrix } }: CaptionOptions,
): Promise<Captions> {
  const layout = layOut(words, { style, font, frame, language, timing, endMs });
  const script = assScript(layout, { style, snap: snapToFrames(frameTimesMs, endMs) });
  // Names of our own, below the job's own folder: a filter's arguments know no safe way to quote others.
  await writeFile(join(dir, "captions.ass"), drawnOn(script, matrix));
  await mkdir(join(dir, "fonts"));
  await Promise.all(layout.found.fonts.map(({ path }, i) => copyFile(path, join(dir, "fonts", `${i}.ttf`))));
  return { layout, script };
}

/** Whether there is a frame that a caption is drawn on. */
export function shows({ cues }: Layout, frameTimesMs: readonly number[]): boolean {
  return cues.some(({ startMs, endMs }) => frameTimesMs.some((timeMs) => startMs <= timeMs && timeMs < endMs));
}
