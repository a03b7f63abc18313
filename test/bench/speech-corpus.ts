import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, parse } from "node:path";

/** A word with its time, timed by hand or by another recogniser. */
export type TimedWord = { word: string; startMs: number; endMs: number };

/** A recording, and what is known of it. */
export type Clip = {
  name: string;
  file: string;
  isEnglish: boolean;
  /** What is said in it; `machine` is what another recogniser heard. */
  text: { said: string; by: "hand" | "machine" } | null;
  timing: { words: TimedWord[]; by: "hand" | "machine" } | null;
};

/**
 * Reads a folder of recordings in any format, each with its text in NAME.txt and the times of its words in NAME.words.json, where
 * they are known, or in NAME.machine.txt and NAME.machine.words.json where another recogniser made them. NAME has the language of
 * a clip that is not English as one of its parts: "fleurs-pt-003".
 */
export function readCorpus(folder: string): Clip[] {
  const files = readdirSync(folder).filter((file) => !/\.(txt|json|md)$/.test(file));
  return files.sort().map((file) => {
    const { name } = parse(file);
    return {
      name,
      file: join(folder, file),
      isEnglish: !name.split(/[-_]/).some((part) => otherLanguages.has(part)),
      text: known(folder, name, ".txt", (content) => ({ said: content })),
      timing: known(folder, name, ".words.json", (content) => ({ words: (JSON.parse(content) as { words: TimedWord[] }).words })),
    };
  });
}

const otherLanguages: ReadonlySet<string> = new Set(["de", "es", "fr", "it", "nl", "pl", "pt"]);

/** What is known by hand, or else by machine. */
function known<Known>(folder: string, name: string, ending: string, read: (content: string) => Known) {
  const [byHand, byMachine] = [join(folder, name + ending), join(folder, `${name}.machine${ending}`)];
  if (existsSync(byHand)) return { ...read(readFileSync(byHand, "utf8")), by: "hand" as const };
  if (existsSync(byMachine)) return { ...read(readFileSync(byMachine, "utf8")), by: "machine" as const };
  return null;
}
