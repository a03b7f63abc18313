import type { Font } from "@viralclaw/captions/fonts";
import { DeclaredError } from "@viralclaw/contracts/errors";

/**
 * Reads from libass's log which fonts it really drew with. A font that is missing is no error to ffmpeg: it draws in another
 * one and exits with 0.
 */
export interface FontWatch {
  /** To be given every line of ffmpeg's log at the level verbose. */
  onLogLine(line: string): void;
  /** Throws DeclaredError font_missing unless the font asked for was found. */
  check(): void;
  /** Fonts taken for characters that the style's font lacks, by PostScript name. */
  fallbacks(): string[];
}

export function watchFonts(font: Pick<Font, "fullName" | "postscriptName">): FontWatch {
  const chosen: string[] = [];
  return {
    onLogLine(line) {
      const [, asked, got] = selection.exec(line) ?? [];
      if (asked === font.fullName && got !== undefined) chosen.push(got);
    },
    check() {
      // The first choice is for the font itself; later ones are for characters that it lacks.
      if (chosen[0] === font.postscriptName) return;
      throw new DeclaredError("font_missing", { font: font.fullName, got: chosen[0] ?? "none" });
    },
    fallbacks: () => [...new Set(chosen.filter((name) => name !== font.postscriptName))],
  };
}

/**
 * `[Parsed_ass_1 @ 0x5592] [info] fontselect: (Montserrat Black, 400, 0) -> Montserrat-Black, 0, Montserrat-Black`; the last
 * field is the PostScript name. ffmpeg also prints the video's own title: whatever does not begin as the filter's word does is not it.
 */
const selection =
  /^\[Parsed_ass_\d+ @ 0x[0-9a-f]+\] \[(?:info|verbose)\] fontselect: (?:Using default font(?: family)?: )?\((.+), \d+, \d+\) -> .*, -?\d+, (.+)$/;
