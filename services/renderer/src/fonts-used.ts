import type { Font } from "@viralclaw/captions/fonts";
import { DeclaredError } from "@viralclaw/contracts/errors";
import { UploadId } from "@viralclaw/contracts/ids";

/**
 * Reads from libass's log which fonts it really drew with. A font that is missing is no error to ffmpeg: it draws in another
 * one and exits with 0.
 */
export interface FontWatch {
  /** To be given every line of ffmpeg's log at the level verbose. */
  onLogLine(line: string): void;
  /** Whether the fonts drawn with so far, of which there is one, are those asked for. */
  isRight(): boolean;
  /** Throws DeclaredError font_missing, of a customer's own font font_invalid, if one of the fonts was asked for and not found, or none was asked for. */
  check(): void;
  /** Fonts taken for characters that the one asked for lacks, by PostScript name: none, since every run was measured in its font. */
  strays(): string[];
}

export function watchFonts(fonts: readonly Pick<Font, "fullName" | "postscriptName">[]): FontWatch {
  const chosen = new Map<string, string[]>(fonts.map(({ fullName }) => [fullName, []]));
  // The first choice is for the font itself; later ones are for characters that it lacks.
  const wrong = () => {
    const one = fonts.find(({ fullName, postscriptName }) => (chosen.get(fullName)?.[0] ?? postscriptName) !== postscriptName);
    if (one) return { font: one.fullName, got: chosen.get(one.fullName)?.[0] ?? "none" };
    const isNone = [...chosen.values()].every(({ length }) => length === 0);
    return isNone ? { font: fonts[0]?.fullName ?? "none", got: "none" } : undefined;
  };
  return {
    isRight: () => wrong() === undefined,
    onLogLine(line) {
      const [, asked = "", got] = selection.exec(line) ?? [];
      if (got !== undefined) chosen.get(asked)?.push(got);
    },
    check() {
      const found = wrong();
      if (found && isOwn(found.font)) throw new DeclaredError("font_invalid", { reason: "the renderer could not draw with it" });
      if (found) throw new DeclaredError("font_missing", found);
    },
    strays: () => [
      ...new Set(
        fonts.flatMap(({ fullName, postscriptName }) => chosen.get(fullName)?.filter((name) => name !== postscriptName) ?? []),
      ),
    ],
  };
}

/** Whether it is a customer's: they are called as their uploads. */
const isOwn = (fullName: string) => UploadId.safeParse(fullName).success;

/**
 * `[Parsed_ass_1 @ 0x5592] [info] fontselect: (Montserrat Black, 400, 0) -> Montserrat-Black, 0, Montserrat-Black`; the last
 * field is the PostScript name. ffmpeg also prints the video's own title: whatever does not begin as the filter's word does is not it.
 */
const selection =
  /^\[Parsed_ass_\d+ @ 0x[0-9a-f]+\] \[(?:info|verbose)\] fontselect: (?:Using default font(?: family)?: )?\((.+), \d+, \d+\) -> .*, -?\d+, (.+)$/;
