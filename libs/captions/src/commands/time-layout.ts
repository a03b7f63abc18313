/**
 * Lays out five minutes of words in one script, again and again: what a bench measures. Prints one JSON object, CPU ms of this thread: the
 * first time, fonts and word lists included, the median of the others, and the same of the script that libass reads.
 *
 *   node libs/captions/src/commands/time-layout.ts LANGUAGE TEXT
 */
import type { Word } from "@viralclaw/contracts/transcript";
import { assScript } from "../ass.ts";
import { layOut } from "../layout.ts";
import { styleOf } from "../styles.ts";

const wordCount = 750;
const lengthMs = 300_000;
/** Odd, so that one is in the middle. */
const rounds = 9;

const [language, text] = process.argv.slice(2);
if (!language || !text) throw new Error("give a language and a text");
const words = wordsOf(text, language);
const style = styleOf("hormozi");
const layouts: number[] = [];
const scripts: number[] = [];
for (let round = 0; round <= rounds; round++) {
  const began = cpuMs();
  const layout = layOut(words, { style, frame: { width: 1080, height: 1920 }, language, endMs: lengthMs });
  layouts.push(cpuMs() - began);
  const laidOut = cpuMs();
  assScript(layout, { style, snap: (ms) => Math.round(ms / 10) });
  scripts.push(cpuMs() - laidOut);
}
const again = (all: readonly number[]) => all.slice(1).toSorted((a, b) => a - b)[Math.floor(rounds / 2)];
console.log(JSON.stringify({ first: layouts[0], again: again(layouts), script: again(scripts) }));

/** As a recogniser gives them: where a language writes no spaces, its words by their dictionary. */
function wordsOf(text: string, language: string): Word[] {
  const pieces = text.includes(" ")
    ? text.split(" ")
    : [...new Intl.Segmenter(language, { granularity: "word" }).segment(text)].map(({ segment }) => segment);
  const stepMs = lengthMs / wordCount;
  return Array.from({ length: wordCount }, (_, index) => ({
    ...{ text: pieces[index % pieces.length] ?? "", confidence: 1 },
    ...{ start_ms: Math.round(index * stepMs), end_ms: Math.round((index + 1) * stepMs) },
  }));
}

function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}
