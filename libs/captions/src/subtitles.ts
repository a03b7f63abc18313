import type { Transcript, Word } from "@viralclaw/contracts/transcript";
import { cleanText } from "./clean.ts";
import { cheapestRuns } from "./partition.ts";
import { phrased, spaceBetween } from "./phrases.ts";
import { endsClause, endsSentence } from "./punctuation.ts";

/**
 * Readable subtitles of a transcript, for players that draw them themselves: whole clauses on up to two lines, shown long
 * enough to be read. Independent of any style. srt.ts and vtt.ts write them.
 */
export interface Subtitle {
  startMs: number;
  endMs: number;
  /** One or two. */
  lines: string[];
}

/** Figures of Netflix's Timed Text Style Guides (general requirements), which broadcasters' guides resemble. */
export const reading = {
  /** Characters; what is written in wide ones, or high ones, has its own guide. */
  maxLineLength: 42,
  maxLineLengths: { ja: 13, zh: 16, yue: 16, ko: 16, th: 35 } as Readonly<Record<string, number>>,
  maxLines: 2,
  /** 5/6 s. */
  minMs: 833,
  maxMs: 7000,
  /** Adult programmes; a subtitle is kept longer than it is spoken to come down to it, where the next one leaves room. */
  charactersPerSecond: 20,
  /** Two frames at 24 a second, so that the eye sees one subtitle end and the next begin. */
  gapMs: 83,
} as const;

/** A silence after which a new subtitle begins. */
const pauseMs = 700;

/** What speaks against a subtitle, relative to an empty one, squared. */
const costs = {
  /** A subtitle at all: fewer changes are calmer. */
  subtitle: 0.15,
  /** Ending in the middle of a clause. */
  midClause: 0.3,
} as const;

/** Cuts a transcript into subtitles. They are in order, do not overlap and do not outlive the video. */
export function subtitlesOf({ words, language, duration_ms }: Transcript): Subtitle[] {
  const clean = words
    .map((word) => ({ ...word, text: cleanText(word.text) }))
    .filter(({ text, start_ms }) => text !== "" && start_ms < duration_ms);
  const script = scriptOf(phrased(clean, language), language);
  const starts = sentences(script.words).flatMap(([from, to]) =>
    cheapestRuns(from, to, (start, end) => subtitleCost(script, start, end, end < to)),
  );
  return starts.map((start, index) => {
    const next = starts[index + 1];
    const end = next ?? script.words.length;
    const startMs = script.words[start]?.start_ms ?? 0;
    const spokenMs = Math.min(script.words[end - 1]?.end_ms ?? startMs, duration_ms);
    const lines = inLines(script, start, end);
    const neededMs = Math.max(reading.minMs, (lines.join(" ").length / reading.charactersPerSecond) * 1000);
    const nextMs = next === undefined ? undefined : script.words[next]?.start_ms;
    const latestMs =
      nextMs === undefined ? duration_ms : Math.max(nextMs - reading.gapMs, startMs + Math.min(1, nextMs - startMs));
    return { startMs, endMs: Math.round(Math.min(Math.max(spokenMs, startMs + neededMs), latestMs)), lines };
  });
}

/** Words as they are written one after another. Whatever is asked of a run of them, [from, to), is not asked of their letters again. */
interface Script {
  words: readonly Word[];
  maxLineLength: number;
  written(from: number, to: number): string;
  /** Of what is written, in characters. */
  lengthOf(from: number, to: number): number;
  /** Whether a clause ends with the word, by its index. */
  endsClause: readonly boolean[];
}

function scriptOf(words: readonly Word[], language: string): Script {
  const gaps = words.map(({ text }, i) => (i > 0 && spaceBetween(words[i - 1]?.text ?? "", text, language) ? " " : ""));
  /** How long all is that is written before and with the word, by its index. */
  const ends: number[] = [];
  for (const [i, { text }] of words.entries()) ends.push((ends[i - 1] ?? 0) + (gaps[i] ?? "").length + text.length);
  return {
    words,
    endsClause: words.map(({ text }) => endsClause(text)),
    maxLineLength: reading.maxLineLengths[language] ?? reading.maxLineLength,
    written: (from, to) =>
      words
        .slice(from, to)
        .map(({ text }, i) => (i > 0 ? gaps[from + i] : "") + text)
        .join(""),
    lengthOf: (from, to) => (ends[to - 1] ?? 0) - (ends[from - 1] ?? 0) - (gaps[from] ?? "").length,
  };
}

/** Runs of words up to the end of a sentence or a silence: [from, to). No subtitle reaches across one. */
function sentences(words: readonly Word[]): [number, number][] {
  const runs: [number, number][] = [];
  let from = 0;
  for (const [index, word] of words.entries()) {
    const next = words[index + 1];
    if (next && next.start_ms - word.end_ms < pauseMs && !endsSentence(word.text)) continue;
    runs.push([from, index + 1]);
    from = index + 1;
  }
  return runs;
}

/** Well filled, and ending with a clause where that can be had. */
function subtitleCost(script: Script, from: number, to: number, isCut: boolean): number | undefined {
  const { words, maxLineLength } = script;
  const [first, last] = [words[from], words[to - 1]];
  if (!first || !last || last.end_ms - first.start_ms > reading.maxMs) return undefined;
  const length = script.lengthOf(from, to);
  if (length > maxLineLength && bestBreak(script, from, to) === undefined) return undefined;
  return (
    costs.subtitle +
    (1 - length / (maxLineLength * reading.maxLines)) ** 2 +
    (isCut && !script.endsClause[to - 1] ? costs.midClause : 0)
  );
}

/** One line if it fits, else two of like length; a word that is longer than a line is left whole. */
function inLines(script: Script, from: number, to: number): string[] {
  const cut = script.lengthOf(from, to) <= script.maxLineLength ? undefined : bestBreak(script, from, to);
  return cut === undefined ? [script.written(from, to)] : [script.written(from, cut), script.written(cut, to)];
}

/** Before which word to break so that both lines fit and are most alike, the second the longer in doubt; undefined where they cannot. */
function bestBreak({ lengthOf, maxLineLength }: Script, from: number, to: number): number | undefined {
  /** The first that makes the first line as long as the second: it or the one before is the best. */
  let [low, high] = [from + 1, to];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (lengthOf(from, middle) >= lengthOf(middle, to)) high = middle;
    else low = middle + 1;
  }
  const longer = (cut: number) =>
    cut > from && cut < to ? Math.max(lengthOf(from, cut), lengthOf(cut, to)) : Number.POSITIVE_INFINITY;
  const best = longer(low - 1) <= longer(low) ? low - 1 : low;
  return longer(best) <= maxLineLength ? best : undefined;
}
