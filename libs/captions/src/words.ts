import type { Style } from "@viralclaw/contracts/style";
import type { Word } from "@viralclaw/contracts/transcript";
import { cleanText } from "./clean.ts";
import { spaceBetween } from "./phrases.ts";
import { endsClause, endsSentence } from "./punctuation.ts";

/** A word as it will be shown, with the time it is said, ms from the file's zero. */
export interface ShownWord {
  text: string;
  startMs: number;
  endMs: number;
  /** Whether the word says so itself, or else is one of the style's keywords. */
  isKeyword: boolean;
  /** That stands above the words. */
  emoji?: string;
  /** Whether it is written without a space before the next word. */
  isJoined: boolean;
  /** What its punctuation said before the style took it away. */
  ends: "sentence" | "clause" | "nothing";
}

export interface ShownOptions {
  style: Pick<Style, "text_case" | "punctuation"> & Partial<Pick<Style, "emoji">> & { keywords: readonly string[] };
  /** ISO 639-1: capitals differ (Turkish i). */
  language: string;
  /** When the picture is over: what is said later is not shown. */
  endMs: number;
}

/**
 * Makes a recogniser's words fit to be shown: in the style's letters, none empty, in order of time, none at the same time,
 * none after the end of the video. Pure; the same words give the same result.
 */
export function shownWords(words: readonly Word[], { style, language, endMs }: ShownOptions): ShownWord[] {
  const keywords = new Set(style.keywords.map((keyword) => bare(cleanText(keyword), language)));
  const { place } = style.emoji ?? { place: "beside" };
  const shown: ShownWord[] = [];
  for (const { text, start_ms, end_ms, emphasis, emoji } of [...words].sort((a, b) => a.start_ms - b.start_ms)) {
    if (start_ms >= endMs) continue;
    const plain = cleanText(text);
    const letters = styled(plain, style, language);
    const last = shown.at(-1);
    // A lone dash or full stop is no word, but it still ends the sentence before it.
    if (letters === "") {
      if (last && last.ends !== "sentence") last.ends = endOf(plain);
      continue;
    }
    const saidToMs = Math.min(Math.max(end_ms, start_ms), endMs);
    const isKeyword = emphasis ?? keywords.has(bare(plain, language));
    shown.push({
      text: emoji && place === "beside" ? `${letters} ${emoji}` : letters,
      ...(emoji && place === "above" ? { emoji } : {}),
      startMs: start_ms,
      endMs: saidToMs,
      isKeyword,
      isJoined: false,
      ends: endOf(plain),
    });
  }
  return spread(shown, endMs).map((word, i, all) => ({ ...word, isJoined: isJoined(word, all[i + 1], language) }));
}

/** Where a mark was taken away that stood between two phrases, a gap stands for it. */
function isJoined({ text, ends }: ShownWord, next: ShownWord | undefined, language: string): boolean {
  return next !== undefined && ends === "nothing" && !spaceBetween(text, next.text, language);
}

/** Below this two words could share a frame, and one of them would never be lit: a frame and a half at 30 frames a second. */
const minStepMs = 50;

/** Pushes words that begin together apart, forward and, at the end of the video, back. */
function spread(words: ShownWord[], endMs: number): ShownWord[] {
  const stepMs = Math.min(minStepMs, endMs / (words.length + 1));
  const starts = words.map(({ startMs }) => startMs);
  for (let i = 1; i < starts.length; i++) starts[i] = Math.max(at(starts, i), at(starts, i - 1) + stepMs);
  for (let i = starts.length - 1, latest = endMs - stepMs; i >= 0; i--, latest -= stepMs)
    starts[i] = Math.min(at(starts, i), latest);
  return words.map((word, i) => {
    const startMs = at(starts, i);
    const nextMs = starts[i + 1] ?? endMs;
    return { ...word, startMs, endMs: Math.min(Math.max(word.endMs, startMs + stepMs), nextMs) };
  });
}

const at = (values: readonly number[], index: number) => values[index] ?? 0;

function styled(text: string, { text_case, punctuation }: ShownOptions["style"], language: string): string {
  const kept =
    punctuation === "spoken" ? text : text.replace(quotes, "").replace(quietAtTheStart, "").replace(quietAtTheEnd, "$1");
  const worded = /[\p{L}\p{N}]/u.test(kept) ? kept : kept.replace(loneMark, "").trim();
  if (text_case === "upper") return worded.toLocaleUpperCase(language);
  return text_case === "lower" ? worded.toLocaleLowerCase(language) : worded;
}

/** Punctuation, but not # and * on a key. */
const loneMark = /\p{P}(?![\uFE0F\u20E3])/gu;

/** A word without its case and the marks around it: what is compared. */
const bare = (text: string, language: string) =>
  text.replace(/^[^\p{L}\p{N}]+|[^\p{L}\p{N}]+$/gu, "").toLocaleLowerCase(language);

/**
 * Marks around a word that a short caption does without; ? and ! stay, and so does all that is inside the word (3.5, it's, well-known).
 * Of every script: 、。 and 「」, ، and ؛, danda and the full stops of Urdu, Ethiopic, Khmer, Burmese, Tibetan and Armenian.
 */
const quiet = String.raw`.,;:…"“”„«»()[\]–—\-、。，．：；・「」『』（）【】《》〈〉،؛۔।॥።፣។၊။།։`;
/** Of languages without spaces, whose quotations begin and end inside of what is lit at once. */
const quotes = /[「」『』]/gu;
const quietAtTheStart = new RegExp(`^[${quiet}]+(?=[\\p{L}\\p{N}])`, "u");
const quietAtTheEnd = new RegExp(`[${quiet}]*([?!？！؟]*)[${quiet}]*$`, "u");

function endOf(text: string): ShownWord["ends"] {
  if (endsSentence(text)) return "sentence";
  return endsClause(text) ? "clause" : "nothing";
}
