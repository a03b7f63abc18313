import { cleanText } from "@viralclaw/captions/clean";
import { CueFileError, type FileCue } from "@viralclaw/captions/cue-file";
import { parseSrt } from "@viralclaw/captions/srt";
import { parseVtt } from "@viralclaw/captions/vtt";
import { wordsOf } from "@viralclaw/captions/written-words";
import { limits } from "@viralclaw/contracts/limits";
import type { Word } from "@viralclaw/contracts/transcript";
import type { GivenWord, Wording } from "@viralclaw/contracts/wording";
import { InvalidRequest } from "./problems.ts";

/** The fields of a request that say something of the words. */
export interface WordingFields {
  language: string;
  words?: GivenWord[];
  srt?: string;
  vtt?: string;
  text?: string;
  glossary?: string[];
}

/**
 * The customer's own words and glossary, as the transcriber is given them; null where there are neither. Throws InvalidRequest,
 * which names the word by its index and the cue by its line.
 */
export function readWording({ language, glossary = [], ...own }: WordingFields): Wording | null {
  const [field, ...others] = ownFields.filter((name) => own[name] !== undefined);
  const names = glossary.map(cleanText).filter((name) => name !== "");
  if (!field) return names.length > 0 ? { words: null, glossary: names } : null;
  if (others.length > 0)
    throw new InvalidRequest(others.map((name) => wrong(name, `is given beside ${field}; give one of ${ownFields.join(", ")}`)));
  if (language === "auto")
    throw new InvalidRequest([
      wrong("language", `must be named with ${field}: auto is found out by recognition, which is left out`),
    ]);
  return { words: readers[field](own, language), glossary: names };
}

/** The fields that carry the customer's own words: long ones. */
export const ownFields = ["words", "srt", "vtt", "text"] as const;
type Own = Pick<WordingFields, (typeof ownFields)[number]>;

const readers: Record<(typeof ownFields)[number], (own: Own, language: string) => Wording["words"]> = {
  words: ({ words = [] }) => ({ kind: "words", words: cleanWords(words) }),
  srt: ({ srt = "" }, language) => readCues("srt", () => parseSrt(srt), language),
  vtt: ({ vtt = "" }, language) => readCues("vtt", () => parseVtt(vtt), language),
  text: ({ text = "" }, language) => ({ kind: "text", words: split("text", text, language, "") }),
};

/** Words as they are kept: clean, and sure. Throws InvalidRequest for one of which nothing can be seen. */
export function cleanWords(words: readonly GivenWord[]): Word[] {
  return words.map(({ text, confidence = 1, ...word }, i) => {
    const clean = cleanText(text);
    if (clean === "") throw new InvalidRequest([wrong(`words.${i}.text`, "has nothing that can be seen")]);
    return { ...word, text: clean, confidence };
  });
}

function readCues(field: "srt" | "vtt", parse: () => FileCue[], language: string): Wording["words"] {
  const file = parsed(field, parse);
  const cues = file.flatMap(({ line, startMs, endMs, lines }) => {
    const words = split(field, lines.join(" "), language, `line ${line} `, { mayBeEmpty: true });
    return words.length > 0 ? [{ line, start_ms: startMs, end_ms: endMs, words }] : [];
  });
  const [first] = cues;
  if (!first) throw new InvalidRequest([wrong(field, "has no words")]);
  for (const [i, { line, start_ms, end_ms }] of cues.entries()) {
    const before = cues[i - 1];
    if (end_ms === start_ms) throw new InvalidRequest([wrong(field, `line ${line} ends when it begins`)]);
    if (before && start_ms < before.end_ms)
      throw new InvalidRequest([
        wrong(
          field,
          `line ${line} begins before the cue of line ${before.line} ends; cues must be in order and must not overlap`,
        ),
      ]);
  }
  checkCount(
    field,
    cues.reduce((sum, { words }) => sum + words.length, 0),
  );
  return { kind: "cues", cues };
}

function parsed(field: string, parse: () => FileCue[]): FileCue[] {
  try {
    return parse();
  } catch (error) {
    if (error instanceof CueFileError) throw new InvalidRequest([wrong(field, `line ${error.line} ${error.message}`)]);
    throw error;
  }
}

function split(field: string, text: string, language: string, where: string, { mayBeEmpty = false } = {}): string[] {
  const words = wordsOf(cleanText(text), language);
  if (words.length === 0 && !mayBeEmpty) throw new InvalidRequest([wrong(field, "has no words")]);
  checkCount(field, words.length);
  const long = words.find((word) => word.length > limits.maxWordLength);
  if (long)
    throw new InvalidRequest([
      wrong(field, `${where}has a word of more than ${limits.maxWordLength} characters: ${long.slice(0, 20)}…`),
    ]);
  return words;
}

function checkCount(field: string, count: number): void {
  if (count > limits.maxWords) throw new InvalidRequest([wrong(field, `must have at most ${limits.maxWords} words`)]);
}

const wrong = (field: string, message: string) => ({ field, message });
