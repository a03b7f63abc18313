/** Times as subtitle files write them: 01:02:03,456 in SRT, 01:02:03.456 in WebVTT. */

/** Whole ms as hours, minutes, seconds and ms. */
export function clockOf(ms: number, decimal: "," | "."): string {
  const two = (value: number) => `${value}`.padStart(2, "0");
  const [hours, minutes, seconds] = [Math.floor(ms / 3_600_000), Math.floor(ms / 60_000) % 60, Math.floor(ms / 1000) % 60];
  return `${two(hours)}:${two(minutes)}:${two(seconds)}${decimal}${`${ms % 1000}`.padStart(3, "0")}`;
}

/** The ms of such a time, also as people write it: without hours, without the fraction, with any number of its digits. Undefined where it is none. */
export function clockMs(text: string): number | undefined {
  const found = /^(?:(\d{1,3}):)?([0-5]?\d):([0-5]\d)(?:[.,](\d{1,3}))?$/.exec(text);
  if (!found) return undefined;
  const [, hours = "0", minutes = "0", seconds = "0", fraction = "0"] = found;
  return ((Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds)) * 1000 + Number(fraction.padEnd(3, "0"));
}
