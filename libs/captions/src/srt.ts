import { cleanText } from "./clean.ts";
import { clockOf } from "./clock.ts";
import { blocksOf, cueOf, type FileCue } from "./cue-file.ts";
import type { Subtitle } from "./subtitles.ts";

/**
 * SubRip. There is no specification: this is what players agree on. `parseSrt(writeSrt(subtitles))` gives the same subtitles, if
 * their lines are as `srtLine` leaves them.
 */

/** Writes subtitles as SRT, numbered from 1. */
export function writeSrt(subtitles: readonly Subtitle[]): string {
  return subtitles
    .map((subtitle) => ({ ...subtitle, lines: subtitle.lines.map(srtLine).filter((line) => line !== "") }))
    .filter(({ lines }) => lines.length > 0)
    .map(
      ({ startMs, endMs, lines }, index) =>
        `${index + 1}\n${clockOf(startMs, ",")} --> ${clockOf(endMs, ",")}\n${lines.join("\n")}\n`,
    )
    .join("\n");
}

/**
 * Clean text that no player takes for something else. SRT escapes nothing: players read <i> as a tag, and ffmpeg begins a cue at
 * any line with an arrow between times. So angle brackets become what looks nearest.
 */
export const srtLine = (line: string) => cleanText(line).replaceAll("<", "‹").replaceAll(">", "›");

/**
 * Reads SRT as people write it: any line ends, a byte order mark, numbers missing, a point in its times, tags and ASS commands,
 * which are dropped. Throws CueFileError.
 */
export function parseSrt(text: string): FileCue[] {
  return blocksOf(text).map((block) => cueOf(block, withoutTags));
}

/** Tags of HTML and commands of ASS, as players know them; "<3" is none. */
const withoutTags = (line: string) => line.replace(/<\/?[a-z][^<>]*>|\{\\[^{}]*\}/gi, "");
