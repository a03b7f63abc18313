/**
 * What it takes to lay out five minutes of words, in each script: the first time in a process, fonts and word lists included, and again.
 * CPU of the one thread that does it.
 *
 *   npm run bench:layout
 */
import { execFile } from "node:child_process";
import { resolve } from "node:path";
import { promisify } from "node:util";
import { printTable, saveFigures } from "./figures.ts";

const command = resolve(import.meta.dirname, "../../libs/captions/src/commands/time-layout.ts");
const targetMs = 200;

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
// Each in a process of its own: a font that is open for one would be for the next.
const rows: { text: string; "first time": number; again: number; "its script, again": number }[] = [];
for (const [name, { language, text }] of Object.entries(texts)) {
  const { stdout } = await promisify(execFile)(process.execPath, [command, language, text]);
  const { first, again, script } = JSON.parse(stdout) as Record<"first" | "again" | "script", number>;
  rows.push({ text: name, "first time": Math.round(first), again: Math.round(again), "its script, again": Math.round(script) });
}
printTable("Laying out 750 words of five minutes, CPU ms", rows);
const worst = Math.max(...rows.map((row) => row["first time"]));
console.log(`\ntarget: under ${targetMs} ms, the first time too: ${worst < targetMs ? "met" : "MISSED"} (${worst} ms at most)`);
saveFigures("layout", rows);
