import { readFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { parseArgs } from "node:util";
import { type KnownAudio, startGroqStandIn } from "./groq.ts";

/**
 * `node libs/embedded/src/stand-ins/groq-main.ts --port 4010 --known known.json [--key test]`
 * known.json: [{ "audio": "speech.wav", "language": "pt", "words": [{ "text": "Olá,", "start_ms": 0, "end_ms": 400 }] }],
 * the audio's path being relative to the file.
 */
const { values } = parseArgs({
  options: {
    port: { type: "string", default: "0" },
    known: { type: "string", multiple: true, default: [] },
    key: { type: "string", default: "test" },
  },
});

const known: KnownAudio[] = [];
for (const file of values.known) {
  const entries: (KnownAudio & { audio: string })[] = JSON.parse(await readFile(file, "utf8"));
  known.push(...entries.map((entry) => ({ ...entry, audio: resolve(dirname(file), entry.audio) })));
}
const standIn = await startGroqStandIn({ known, apiKey: values.key, port: Number(values.port) });
console.log(JSON.stringify({ url: standIn.url, known: known.length }));
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => void standIn.stop());
