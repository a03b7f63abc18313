import { cleanText } from "@viralclaw/captions/clean";
import { CueFileError, type FileCue } from "@viralclaw/captions/cue-file";
import { parseSrt } from "@viralclaw/captions/srt";
import { parseVtt } from "@viralclaw/captions/vtt";
import { wordsOf } from "@viralclaw/captions/written-words";
import { limits } from "@viralclaw/contracts/limits";
import { ownWordsFields } from "@viralclaw/contracts/requests";
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
  const [field, ...others] = ownWordsFields.filter((name) => own[name] !== undefined);
  const names = glossary.map(cleanText).filter((name) => name !== "");
  if (!field) return names.length > 0 ? { words: null, glossary: names } : null;
  if (others.length > 0)
    throw new InvalidRequest(
      others.map((name) => wrong(name, `is given beside ${field}; give one of ${ownWordsFields.join(", ")}`)),
    );
  if (language === "auto")
    throw new InvalidRequest([wrong("language", `must be named with ${field}: auto is for words that are recognised`)]);
  return { words: readers[field](own, language), glossary: names };
}

type Own = Pick<WordingFields, (typeof ownWordsFields)[number]>;

const readers: Record<(typeof ownWordsFields)[number], (own: Own, language: string) => Wording["words"]> = {
  words: ({ words = [] }) => ({ kind: "words", words: cleanWords(words) }),
  srt: ({ srt = "" }, language) => readCues("srt", () => parseSrt(srt), language),
  vtt: ({ vtt = "" }, language) => readCues("vtt", () => parseVtt(vtt), language),
  text: ({ text = "" }, language) => ({ kind: "text", words: readText(text, language) }),
};

/** Words as they are kept: clean, and sure. Throws InvalidRequest for one of which nothing can be seen. */
export function cleanWords(words: readonly GivenWord[]): Word[] {
  return words.map(({ text, confidence = 1, ...word }, i) => {
    const clean = cleanText(text);
    if (clean === "") throw new InvalidRequest([wrong(`words.${i}.text`, "has nothing that can be seen")]);
    return { ...word, text: clean, confidence };
  });
}

function readText(text: string, language: string): string[] {
  const clean = cleanText(text);
  checkLength("text", clean.length);
  const words = split("text", clean, language, "");
  if (words.length === 0) throw new InvalidRequest([wrong("text", "has no words")]);
  checkCount("text", words.length);
  return words;
}

function readCues(field: "srt" | "vtt", parse: () => FileCue[], language: string): Wording["words"] {
  const file = parsed(field, parse);
  const clean = file.map(({ lines, ...cue }) => ({ ...cue, text: cleanText(lines.join(" ")) }));
  checkLength(
    field,
    clean.reduce((sum, { text }) => sum + text.length, 0),
  );
  const cues = clean.flatMap(({ line, startMs, endMs, text }) => {
    const words = split(field, text, language, `line ${line} `);
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

/** The words of clean text, none of them too long. */
function split(field: string, text: string, language: string, where: string): string[] {
  const words = wordsOf(text, language);
  const long = words.find((word) => word.length > limits.maxWordLength);
  if (long)
    throw new InvalidRequest([
      wrong(field, `${where}has a word of more than ${limits.maxWordLength} characters: ${long.slice(0, 20)}…`),
    ]);
  return words;
}

/** Before it is parted into words, which takes its time. */
function checkLength(field: string, characters: number): void {
  if (characters > limits.maxWordsCharacters)
    throw new InvalidRequest([wrong(field, `must have at most ${limits.maxWordsCharacters} characters of words`)]);
}

function checkCount(field: string, count: number): void {
  if (count > limits.maxWords) throw new InvalidRequest([wrong(field, `must have at most ${limits.maxWords} words`)]);
}

const wrong = (field: string, message: string) => ({ field, message });
