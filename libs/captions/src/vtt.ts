import { clockMs, clockOf } from "./clock.ts";
import type { Subtitle } from "./subtitles.ts";

/**
 * WebVTT, as the W3C specifies it, as far as plain subtitles need it: no settings, no regions, no styles.
 * `parseVtt(writeVtt(subtitles))` gives the same subtitles, if none of their lines is empty or holds a line break.
 */

/** Writes subtitles as WebVTT. What would be read as markup is escaped. */
export function writeVtt(subtitles: readonly Subtitle[]): string {
  const cues = subtitles.map(
    ({ startMs, endMs, lines }) => `${clockOf(startMs, ".")} --> ${clockOf(endMs, ".")}\n${lines.map(escaped).join("\n")}\n`,
  );
  return ["WEBVTT\n", ...cues].join("\n");
}

/** Reads the cues of a WebVTT file; notes, styles, cue settings and markup are dropped. Throws where the file is none. */
export function parseVtt(text: string): Subtitle[] {
  const [header = "", ...blocks] = text.replace(/^\ufeff/, "").split(/(?:\r?\n){2,}/);
  if (!/^WEBVTT(?:[ \t\r\n]|$)/.test(header)) throw new Error("A WebVTT file begins with WEBVTT.");
  return blocks.flatMap((block) => {
    const lines = block.split(/\r?\n/).filter((line) => line !== "");
    const at = lines.findIndex((line) => timing.test(line));
    if (at !== 0 && at !== 1) return [];
    const [, from, to] = timing.exec(lines[at] ?? "") ?? [];
    const [startMs, endMs] = [clockMs(from), clockMs(to)];
    return startMs === undefined || endMs === undefined ? [] : [{ startMs, endMs, lines: lines.slice(at + 1).map(unescaped) }];
  });
}

const timing = /^\s*([\d:.]+)\s+-->\s+([\d:.]+)/;

const escapes = { "&": "&amp;", "<": "&lt;", ">": "&gt;" } as const;

const escaped = (line: string) => line.replace(/[&<>]/g, (character) => escapes[character as keyof typeof escapes]);

function unescaped(line: string): string {
  return line.replace(/<[^>]*>/g, "").replace(/&(amp|lt|gt|nbsp);/g, (_, name: keyof typeof entities) => entities[name]);
}

const entities = { amp: "&", lt: "<", gt: ">", nbsp: "\u00a0" } as const;
