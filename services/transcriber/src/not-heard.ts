import type { NotHeard } from "@viralclaw/contracts/transcript";
import type { PlacedWord } from "./engines/local/script.ts";

/**
 * What of a customer's text nobody was heard to say, for the report: words side by side that stand in a pause or were left out, and
 * such as differ from what was heard there. One or two of the latter are rather misheard than not said. Pure.
 */
export function notHeard(texts: readonly string[], placed: readonly PlacedWord[]): NotHeard[] {
  return runsOf(placed).flatMap(({ from, to, kind }) => {
    const [first, last] = [placed[from], placed[to - 1]];
    const words = texts.slice(from, to);
    const isTold = kind === "spread" ? words.length > mostMisheard : words.some((word) => /[\p{L}\p{N}]/u.test(word));
    if (!first || !last || kind === "aligned" || !isTold) return [];
    const [at_ms, until_ms] = [first.startMs, last.endMs].map((ms) => Math.max(0, Math.round(ms))) as [number, number];
    return [{ text: shortened(words.join(" ")), at_ms, until_ms, shown: kind !== "left_out" }];
  });
}

const mostMisheard = 2;

type Run = { from: number; to: number; kind: PlacedWord["how"] };

/** Words side by side whose places were found alike. */
function runsOf(placed: readonly PlacedWord[]): Run[] {
  const runs: Run[] = [];
  for (const [i, { how }] of placed.entries()) {
    const run = runs.at(-1);
    if (run?.kind === how) run.to = i + 1;
    else runs.push({ from: i, to: i + 1, kind: how });
  }
  return runs;
}

/** Enough to find it in the text. */
const mostCharacters = 200;
const shortened = (text: string) => (text.length > mostCharacters ? `${text.slice(0, mostCharacters - 1)}…` : text);
