import { randomUUID } from "node:crypto";
import { languageNames } from "@viralclaw/contracts/languages";
import type { TranscriptionRequest } from "./groq-request.ts";

/** Answers in Groq's wire format. */

export interface KnownWord {
  /** With its punctuation. */
  text: string;
  start_ms: number;
  end_ms: number;
}

/** The body of an answer: an object, or plain text where that was asked for. */
export function answerBody(
  { responseFormat, granularities }: Pick<TranscriptionRequest, "responseFormat" | "granularities">,
  { words, language, durationMs }: { words: readonly KnownWord[]; language: string; durationMs: number },
): object | string {
  // Whisper's texts begin with a space.
  const text = words.map((word) => ` ${word.text}`).join("");
  if (responseFormat === "text") return text;
  const x_groq = { id: `req_${randomUUID().replaceAll("-", "")}` };
  if (responseFormat === "json") return { text, x_groq };
  const wanted = granularities.length > 0 ? granularities : ["segment"];
  return {
    task: "transcribe",
    language: languageNameOf(language),
    duration: seconds(durationMs),
    text,
    words: wanted.includes("word") ? words.map(toWord) : undefined,
    segments: wanted.includes("segment") ? toSegments(words) : null,
    x_groq,
  };
}

/** The name by which Whisper answers, such as "Portuguese". Throws on a code that it does not know. */
export function languageNameOf(code: string): string {
  const name = languageNames[code === "jv" ? "jw" : code];
  if (!name) throw new Error(`Whisper has no language ${code}`);
  return name.replace(/\b\w/g, (letter) => letter.toUpperCase());
}

/** Words come without the punctuation around them. */
function toWord({ text, start_ms, end_ms }: KnownWord) {
  const bare = text.replace(/^[^\p{L}\p{N}]+|[^\p{L}\p{N}]+$/gu, "");
  return { word: bare || text, start: seconds(start_ms), end: seconds(end_ms) };
}

/** A segment ends with a sentence, or where nobody speaks for half a second. */
function toSegments(words: readonly KnownWord[]) {
  const groups: KnownWord[][] = [];
  for (const [i, word] of words.entries()) {
    const before = words[i - 1];
    if (!before || /[.!?…]$/.test(before.text) || word.start_ms - before.end_ms > 500) groups.push([]);
    groups.at(-1)?.push(word);
  }
  return groups.map((group, id) => ({
    id,
    seek: 0,
    start: seconds(group[0]?.start_ms ?? 0),
    end: seconds(group.at(-1)?.end_ms ?? 0),
    text: group.map(({ text }) => ` ${text}`).join(""),
    tokens: group.map((_, token) => 50_364 + token),
    temperature: 0,
    avg_logprob: -0.13,
    compression_ratio: 1.3,
    no_speech_prob: 0.000_4,
  }));
}

/** Whisper counts in hundredths of a second, and never before the beginning. */
const seconds = (ms: number) => Math.max(0, Math.round(ms / 10) / 100);
