/**
 * Colours on video. ffmpeg's ass filter turns a script's colours into luma and chroma by the matrix of ITU-R BT.601, in old versions
 * whatever the frames are made by, in new ones where frames say so; it is told to, always, and the script asks for the colour that,
 * drawn by 601 and seen by the frames' own matrix, is the one that was meant.
 */
export type Matrix = "bt601" | "bt709" | "bt2020";

/** What red and blue weigh in luma: ITU-R BT.601, BT.709, BT.2020. */
const weights: Readonly<Record<Matrix, readonly [red: number, blue: number]>> = {
  bt601: [0.299, 0.114],
  bt709: [0.2126, 0.0722],
  bt2020: [0.2627, 0.0593],
};

/**
 * An ASS script to be drawn on frames of that matrix. The purest colours (full green, magenta, cyan) lie outside of what 601 can be
 * asked for and become the nearest that it can: on bt709 up to 37 of 255 levels off, where uncorrected they would be 40.
 */
export function drawnOn(script: string, matrix: Matrix): string {
  if (matrix === "bt601") return script;
  const corrected = (text: string) =>
    text.replace(
      /&H([0-9A-F]{2})?([0-9A-F]{6})(?![0-9A-F])/g,
      (_, alpha = "", bgr: string) => `&H${alpha}${bgrFor(bgr, matrix)}`,
    );
  // Words are outside of both.
  return script.replace(/^Style: .*$|\{[^}]*\}/gm, corrected);
}

/** Hexadecimal blue, green and red, as ASS writes them. */
function bgrFor(bgr: string, matrix: Matrix): string {
  const [blue = 0, green = 0, red = 0] = [0, 2, 4].map((at) => Number.parseInt(bgr.slice(at, at + 2), 16));
  const [fromRed, fromBlue] = weights[matrix];
  const luma = fromRed * red + (1 - fromRed - fromBlue) * green + fromBlue * blue;
  const [toRed, toBlue] = weights.bt601;
  const asRed = luma + ((red - luma) / (1 - fromRed)) * (1 - toRed);
  const asBlue = luma + ((blue - luma) / (1 - fromBlue)) * (1 - toBlue);
  const asGreen = (luma - toRed * asRed - toBlue * asBlue) / (1 - toRed - toBlue);
  return [asBlue, asGreen, asRed].map(hex).join("");
}

const hex = (level: number) =>
  Math.round(Math.max(0, Math.min(level, 255)))
    .toString(16)
    .padStart(2, "0")
    .toUpperCase();
