import { spaceBetweenWords } from "@viralclaw/contracts/languages";
import type { Transcript, Word } from "@viralclaw/contracts/transcript";
import { cleanText } from "./clean.ts";
import { cheapestRuns } from "./partition.ts";
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

/** Figures of Netflix's Timed Text Style Guide (general requirements), which broadcasters' guides resemble. */
export const reading = {
  maxLineLength: 42,
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
  const space = spaceBetweenWords(language);
  const groups = grouped(
    words
      .map((word) => ({ ...word, text: cleanText(word.text) }))
      .filter(({ text, start_ms }) => text !== "" && start_ms < duration_ms),
    space,
  );
  return groups.map((group, index) => {
    const startMs = group[0]?.start_ms ?? 0;
    const spokenMs = Math.min(group.at(-1)?.end_ms ?? startMs, duration_ms);
    const lines = inLines(
      group.map(({ text }) => text),
      space,
    );
    const neededMs = Math.max(reading.minMs, (lines.join(space).length / reading.charactersPerSecond) * 1000);
    const nextMs = groups[index + 1]?.[0]?.start_ms;
    const latestMs =
      nextMs === undefined ? duration_ms : Math.max(nextMs - reading.gapMs, startMs + Math.min(1, nextMs - startMs));
    return { startMs, endMs: Math.round(Math.min(Math.max(spokenMs, startMs + neededMs), latestMs)), lines };
  });
}

/** The words of each subtitle: never across a sentence or a silence, well filled, and ending with a clause where that can be had. */
function grouped(words: readonly Word[], space: string): Word[][] {
  const starts = sentences(words).flatMap(([from, to]) =>
    cheapestRuns(from, to, (start, end) => subtitleCost(words.slice(start, end), end < to, space)),
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

function subtitleCost(words: readonly Word[], isCut: boolean, space: string): number | undefined {
  const [first, last] = [words[0], words.at(-1)];
  if (!first || !last || last.end_ms - first.start_ms > reading.maxMs) return undefined;
  const texts = words.map(({ text }) => text);
  const length = texts.join(space).length;
  if (length > reading.maxLineLength && bestBreak(texts, space) === undefined) return undefined;
  return (
    costs.subtitle +
    (1 - length / (reading.maxLineLength * reading.maxLines)) ** 2 +
    (isCut && !endsClause(last.text) ? costs.midClause : 0)
  );
}

/** One line if it fits, else two of like length; a word that is longer than a line is left whole. */
function inLines(texts: readonly string[], space: string): string[] {
  const whole = texts.join(space);
  const cut = whole.length <= reading.maxLineLength ? undefined : bestBreak(texts, space);
  return cut === undefined ? [whole] : [texts.slice(0, cut).join(space), texts.slice(cut).join(space)];
}

/** Where to break so that both lines fit and are most alike; undefined where they cannot. */
function bestBreak(texts: readonly string[], space: string): number | undefined {
  const cuts = texts.slice(1).map((_, index) => {
    const cut = index + 1;
    return { cut, longer: Math.max(texts.slice(0, cut).join(space).length, texts.slice(cut).join(space).length) };
  });
  const [best] = cuts.filter(({ longer }) => longer <= reading.maxLineLength).sort((a, b) => a.longer - b.longer);
  return best?.cut;
}
