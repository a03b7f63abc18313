/**
 * What the offline speech engine hears: word errors, word boundaries, whether it is English, speed and memory, over a folder of
 * recordings and their texts (see speech-corpus.ts). Leaves the figures in out/bench/speech.json. A missed target is an error.
 *
 *   npm run bench:speech -- --corpus DIR
 */
import { parseArgs } from "node:util";
import { printTable, saveFigures } from "./figures.ts";
import { boundaryErrors } from "./speech-boundaries.ts";
import { readCorpus } from "./speech-corpus.ts";
import { transcribeFiles } from "./speech-engine.ts";
import { countErrors } from "./speech-errors.ts";
import { clipRow, type Judged, summary, targets } from "./speech-report.ts";
import { scoredWords } from "./speech-words.ts";

const { values } = parseArgs({ options: { corpus: { type: "string" } } });
if (!values.corpus) {
  console.error("usage: npm run bench:speech -- --corpus DIR");
  process.exit(2);
}

const clips = readCorpus(values.corpus);
const heard = await transcribeFiles(clips.map(({ file }) => file));
const judged = clips.flatMap((clip, i): Judged[] => {
  const own = heard[i];
  if (!own) return [];
  const text = own.words.map((word) => word.text).join(" ");
  return [
    {
      clip,
      heard: own,
      errors: clip.isEnglish && clip.text ? countErrors(scoredWords(clip.text.said), scoredWords(text)) : null,
      boundaries: clip.isEnglish && clip.timing ? boundaryErrors(clip.timing.words, own.words) : [],
    },
  ];
});

printTable("Clips: errors and boundaries of English, and how strange each is", judged.map(clipRow));
printTable("In all", summary(judged));
const verdicts = targets(judged);
printTable("Targets", verdicts);
saveFigures("speech", { clips: judged, summary: summary(judged), targets: verdicts });
process.exitCode = verdicts.every(({ verdict }) => verdict === "met") ? 0 : 1;
