import { spaceBetweenWords } from "@viralclaw/contracts/languages";
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
  const rules = rulesOf(language);
  const clean = words
    .map((word) => ({ ...word, text: cleanText(word.text) }))
    .filter(({ text, start_ms }) => text !== "" && start_ms < duration_ms);
  const groups = grouped(phrased(clean, language), rules);
  return groups.map((group, index) => {
    const startMs = group[0]?.start_ms ?? 0;
    const spokenMs = Math.min(group.at(-1)?.end_ms ?? startMs, duration_ms);
    const lines = inLines(
      group.map(({ text }) => text),
      rules,
    );
    const neededMs = Math.max(reading.minMs, (lines.join(" ").length / reading.charactersPerSecond) * 1000);
    const nextMs = groups[index + 1]?.[0]?.start_ms;
    const latestMs =
      nextMs === undefined ? duration_ms : Math.max(nextMs - reading.gapMs, startMs + Math.min(1, nextMs - startMs));
    return { startMs, endMs: Math.round(Math.min(Math.max(spokenMs, startMs + neededMs), latestMs)), lines };
  });
}

interface Rules {
  maxLineLength: number;
  /** Words as they are written one after another. */
  written: (texts: readonly string[]) => string;
}

function rulesOf(language: string): Rules {
  const join = (line: string, text: string) =>
    line === "" ? text : line + (spaceBetween(line, text, language) ? " " : "") + text;
  return {
    maxLineLength: reading.maxLineLengths[language] ?? reading.maxLineLength,
    written: (texts) => (spaceBetweenWords(language) === "" ? texts.reduce(join, "") : texts.join(" ")),
  };
}

/** The words of each subtitle: never across a sentence or a silence, well filled, and ending with a clause where that can be had. */
function grouped(words: readonly Word[], rules: Rules): Word[][] {
  const starts = sentences(words).flatMap(([from, to]) =>
    cheapestRuns(from, to, (start, end) => subtitleCost(words.slice(start, end), end < to, rules)),
  );
  return starts.map((start, index) => words.slice(start, starts[index + 1]));
}

/** Runs of words up to the end of a sentence or a silence: [from, to). */
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

function subtitleCost(words: readonly Word[], isCut: boolean, rules: Rules): number | undefined {
  const [first, last] = [words[0], words.at(-1)];
  if (!first || !last || last.end_ms - first.start_ms > reading.maxMs) return undefined;
  const texts = words.map(({ text }) => text);
  const { length } = rules.written(texts);
  if (length > rules.maxLineLength && bestBreak(texts, rules) === undefined) return undefined;
  return (
    costs.subtitle +
    (1 - length / (rules.maxLineLength * reading.maxLines)) ** 2 +
    (isCut && !endsClause(last.text) ? costs.midClause : 0)
  );
}

/** One line if it fits, else two of like length; a word that is longer than a line is left whole. */
function inLines(texts: readonly string[], rules: Rules): string[] {
  const whole = rules.written(texts);
  const cut = whole.length <= rules.maxLineLength ? undefined : bestBreak(texts, rules);
  return cut === undefined ? [whole] : [rules.written(texts.slice(0, cut)), rules.written(texts.slice(cut))];
}

/** Where to break so that both lines fit and are most alike; undefined where they cannot. */
function bestBreak(texts: readonly string[], { maxLineLength, written }: Rules): number | undefined {
  const cuts = texts.slice(1).map((_, index) => {
    const cut = index + 1;
    return { cut, longer: Math.max(written(texts.slice(0, cut)).length, written(texts.slice(cut)).length) };
  });
  const [best] = cuts.filter(({ longer }) => longer <= maxLineLength).sort((a, b) => a.longer - b.longer);
  return best?.cut;
}
