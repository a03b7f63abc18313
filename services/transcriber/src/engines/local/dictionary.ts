import { readFileSync } from "node:fs";

/** An entry of a pronouncing dictionary: "box" is B AA K S. */
export type Entry = { word: string; phones: readonly string[] };

/**
 * Reads at most `most` entries, evenly spread, of a dictionary in the format of CMU's (http://www.speech.cs.cmu.edu/cgi-bin/cmudict):
 * "box B AA K S", a word a line in the order of the alphabet. Only words of the letters a to z and ', and of those the first
 * pronunciation, not "box(2)".
 */
export function readDictionary(file: URL, most: number): Entry[] {
  const lines = readFileSync(file, "utf8")
    .split("\n")
    .filter((line) => /^[a-z']+ /.test(line));
  const step = Math.max(1, Math.ceil(lines.length / most));
  return lines
    .filter((_, i) => i % step === 0)
    .map((line) => {
      const [word = "", ...phones] = line.trim().split(" ");
      return { word, phones };
    });
}
