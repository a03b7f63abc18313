/**
 * What it takes to lay out five minutes of words, in each script: the first time in a process, fonts and word lists included, and again.
 * CPU of the one thread that does it; the script that libass reads is written as well.
 *
 *   npm run bench:layout
 */
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { assScript } from "@viralclaw/captions/ass";
import { layOut } from "@viralclaw/captions/layout";
import { styleOf } from "@viralclaw/captions/styles";
import type { Word } from "@viralclaw/contracts/transcript";
import { printTable, quantile, saveFigures } from "./figures.ts";

/** What is said, over and over: sentences with short and long words, and marks between them. */
const texts = {
  Portuguese: { language: "pt", text: "Não é só ação: é coração, paixão e transformação todos os dias da sua vida." },
  English: { language: "en", text: "Nobody tells you this, but the first three seconds decide whether people stay." },
  Arabic: { language: "ar", text: "اشترك في قناة YouTube الآن، ولا تنس أن تشارك هذا المقطع مع أصدقائك." },
  Hindi: { language: "hi", text: "दोस्तों, क्षत्रिय की शक्ति और हिन्दी भाषा का महत्व आज हम समझेंगे।" },
  Chinese: { language: "zh", text: "今天我们来谈谈一件非常重要的事情，请大家一定要看到最后。" },
  Japanese: { language: "ja", text: "今日はとても大切なことを話しますので、最後までご覧ください。" },
  Thai: { language: "th", text: "วันนี้เราจะมาคุยกันเรื่องสำคัญมากที่ทุกคนควรรู้" },
  "English with emoji": { language: "en", text: "Go🔥 and👍🏽 dance🇧🇷 with❤️\u200d🔥 all1️⃣ your😀 friends🎉 today🚀 in🌎 Rio🌴" },
};
const wordCount = 750;
const lengthMs = 300_000;
const rounds = 8;
const targetMs = 200;

const [asked] = process.argv.slice(2);
if (asked === undefined) await tellAll();
else console.log(JSON.stringify(measured(texts[asked as keyof typeof texts])));

/** Each in a process of its own: a font that is open for one would be for the next. */
async function tellAll(): Promise<void> {
  const rows = [];
  for (const name of Object.keys(texts)) {
    const { stdout } = await promisify(execFile)(process.execPath, [import.meta.filename, name]);
    rows.push({ text: name, ...(JSON.parse(stdout) as ReturnType<typeof measured>) });
  }
  printTable(`Laying out ${wordCount} words of five minutes, CPU ms`, rows);
  const worst = Math.max(...rows.map((row) => row["first time"]));
  console.log(`\ntarget: under ${targetMs} ms, the first time too: ${worst < targetMs ? "met" : "MISSED"} (${worst} ms at most)`);
  saveFigures("layout", rows);
}

function measured({ language, text }: { language: string; text: string }) {
  const words = wordsOf(text, language);
  const style = styleOf("hormozi");
  const frame = { width: 1080, height: 1920 };
  const layouts: number[] = [];
  const scripts: number[] = [];
  for (let round = 0; round <= rounds; round++) {
    const began = cpuMs();
    const layout = layOut(words, { style, frame, language, endMs: lengthMs });
    layouts.push(cpuMs() - began);
    const laidOut = cpuMs();
    assScript(layout, { style, snap: (ms) => Math.round(ms / 10) });
    scripts.push(cpuMs() - laidOut);
  }
  const again = (all: readonly number[]) => Math.round(quantile(all.slice(1), 0.5));
  return { "first time": Math.round(layouts[0] ?? 0), again: again(layouts), "its script, again": again(scripts) };
}

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
