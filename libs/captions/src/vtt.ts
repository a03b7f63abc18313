import { cleanText } from "./clean.ts";
import { clockOf } from "./clock.ts";
import { type Block, blocksOf, CueFileError, cueOf, type FileCue } from "./cue-file.ts";
import type { Subtitle } from "./subtitles.ts";

/**
 * WebVTT, as the W3C specifies it, as far as plain subtitles need it: no settings, no regions, no styles.
 * `parseVtt(writeVtt(subtitles))` gives the same subtitles, if their lines are clean.
 */

/** Writes subtitles as WebVTT. What would be read as markup is escaped. */
export function writeVtt(subtitles: readonly Subtitle[]): string {
  const cues = subtitles
    .map((subtitle) => ({ ...subtitle, lines: subtitle.lines.map(cleanText).filter((line) => line !== "") }))
    .filter(({ lines }) => lines.length > 0)
    .map(
      ({ startMs, endMs, lines }) => `${clockOf(startMs, ".")} --> ${clockOf(endMs, ".")}\n${lines.map(escaped).join("\n")}\n`,
    );
  return ["WEBVTT\n", ...cues].join("\n");
}

/** Reads the cues of a WebVTT file; notes, styles, regions, cue settings and markup are dropped. Throws CueFileError. */
export function parseVtt(text: string): FileCue[] {
  const [header, ...blocks] = blocksOf(text);
  if (!/^WEBVTT(?:[ \t]|$)/.test(header?.lines[0] ?? ""))
    throw new CueFileError(1, "is not WEBVTT, with which such a file begins");
  return blocks.filter(isCue).map((block) => cueOf(block, unescaped));
}

const isCue = ({ lines: [first = "", second = ""] }: Block) =>
  first.includes("-->") || second.includes("-->") || !/^(NOTE|STYLE|REGION)\b/.test(first);

const escapes = { "&": "&amp;", "<": "&lt;", ">": "&gt;" } as const;

const escaped = (line: string) => line.replace(/[&<>]/g, (character) => escapes[character as keyof typeof escapes]);

const unescaped = (line: string) =>
  withoutTags(line).replace(/&(amp|lt|gt|nbsp|lrm|rlm|quot|#39);/g, (_, name: keyof typeof entities) => entities[name]);

/** Behind the last ">" no tag ends: looking for its end from every "<" there would take the square of their number. */
function withoutTags(line: string): string {
  const end = line.lastIndexOf(">") + 1;
  return line.slice(0, end).replace(/<[^>]*>/g, "") + line.slice(end);
}

/** Those of the specification, and what writers of HTML add. */
const entities = { amp: "&", lt: "<", gt: ">", nbsp: "\u00a0", lrm: "\u200e", rlm: "\u200f", quot: '"', "#39": "'" } as const;
