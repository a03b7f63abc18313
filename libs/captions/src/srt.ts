import { clockMs, clockOf } from "./clock.ts";
import type { Subtitle } from "./subtitles.ts";

/**
 * SubRip. The format has no escapes: a line that is empty ends a subtitle, everything else is text.
 * `parseSrt(writeSrt(subtitles))` gives the same subtitles, if none of their lines is empty or holds a line break.
 */

/** Writes subtitles as SRT, numbered from 1. */
export function writeSrt(subtitles: readonly Subtitle[]): string {
  return subtitles
    .map(
      ({ startMs, endMs, lines }, index) =>
        `${index + 1}\n${clockOf(startMs, ",")} --> ${clockOf(endMs, ",")}\n${lines.join("\n")}\n`,
    )
    .join("\n");
}

/** Reads SRT as people write it: any line ends, a byte order mark, numbers missing. A block without a time is left out. */
export function parseSrt(text: string): Subtitle[] {
  return text
    .replace(/^\ufeff/, "")
    .split(/\r?\n(?:[ \t]*\r?\n)+/)
    .flatMap((block) => {
      const lines = block.split(/\r?\n/).filter((line) => line !== "");
      const at = lines.findIndex((line) => timing.test(line));
      // The times follow the number, or come first; further down the line is text that looks like one.
      if (at !== 0 && at !== 1) return [];
      const [, from, to] = timing.exec(lines[at] ?? "") ?? [];
      const [startMs, endMs] = [clockMs(from), clockMs(to)];
      return startMs === undefined || endMs === undefined ? [] : [{ startMs, endMs, lines: lines.slice(at + 1) }];
    });
}

const timing = /^\s*([\d:.,]+)\s*-->\s*([\d:.,]+)/;
