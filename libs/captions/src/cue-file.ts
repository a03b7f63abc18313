import { limits } from "@viralclaw/contracts/limits";
import { clockMs } from "./clock.ts";
import type { Subtitle } from "./subtitles.ts";

/** What SRT and WebVTT have in common: blocks parted by empty lines, each with its times in the first or second line. */

/** A cue as it stands in a file. */
export interface FileCue extends Subtitle {
  /** The line with its times, from 1. */
  line: number;
}

/** What is wrong with a subtitle file: a sentence, and the line it is about, from 1. */
export class CueFileError extends Error {
  readonly line: number;
  constructor(line: number, message: string) {
    super(message);
    this.line = line;
  }
}

/** Some lines of a file that follow each other without an empty one between. */
export interface Block {
  lines: string[];
  /** Of its first line, from 1. */
  line: number;
}

/** A file's blocks: any line ends, with or without a byte order mark. Throws CueFileError for more lines than words can need. */
export function blocksOf(text: string): Block[] {
  const blocks: Block[] = [];
  let open: Block | undefined;
  for (const [index, line] of text
    .replace(/^\ufeff/, "")
    .split(/\r\n|\r|\n/)
    .entries()) {
    if (index >= mostLines) throw new CueFileError(index + 1, `is one too many: a file may have ${mostLines} lines`);
    if (line.trim() === "") {
      open = undefined;
    } else if (open) {
      open.lines.push(line);
    } else {
      open = { lines: [line], line: index + 1 };
      blocks.push(open);
    }
  }
  return blocks;
}

/** The cue of a block, its lines read by `plain`. Throws CueFileError. */
export function cueOf({ lines, line }: Block, plain: (line: string) => string): FileCue {
  const at = lines.slice(0, 2).findIndex((text) => arrow.test(text));
  if (at === -1) throw new CueFileError(line, "has no times, such as 00:00:01,000 --> 00:00:02,500, at the beginning of a cue");
  const [, from = "", to = ""] = /^\s*(\S+)\s*-->\s*(\S+)/.exec(lines[at] ?? "") ?? [];
  const [startMs, endMs] = [clockMs(from), clockMs(to)];
  if (startMs === undefined || endMs === undefined)
    throw new CueFileError(line + at, "has times that cannot be read; write them as 00:00:01,000 --> 00:00:02,500");
  if (endMs < startMs) throw new CueFileError(line + at, "ends before it begins");
  const text = lines.slice(at + 1);
  const second = text.findIndex((one) => arrow.test(one));
  if (second !== -1) throw new CueFileError(line + at + 1 + second, "has times in the middle of a cue: an empty line is missing");
  return { startMs, endMs, lines: text.map(plain).filter((one) => one !== ""), line: line + at };
}

const arrow = /-->/;

/** Of a cue for every word: its number, its times, three of text and an empty one. */
const mostLines = 6 * limits.maxWords;
