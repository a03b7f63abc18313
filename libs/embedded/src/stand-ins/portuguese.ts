import { access } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { KnownWord } from "./groq-answer.ts";
import { decodePcm, encodePcm, sampleRateHz } from "./pcm.ts";

export interface SpokenSample {
  /** A mono wav at 16 kHz. */
  file: string;
  language: "pt";
  durationMs: number;
  words: KnownWord[];
}

/** Where the set-up unpacks the voice, unless PORTUGUESE_SOUNDS names another folder. */
export const portugueseSoundsDir =
  process.env.PORTUGUESE_SOUNDS ??
  fileURLToPath(new URL("../../../../.cache/sample/debs/usr/share/ktuberling/sounds/pt", import.meta.url));

/**
 * Builds a wav of some 13 s in which a person says fourteen Portuguese words in five phrases, with its exact words and times:
 * for tests and the demo, which then need no recording in the repository.
 * The recordings are the Portuguese voice of KDE's game KTuberling, in Debian's package `ktuberling-data`, under the folder
 * usr/share/ktuberling/sounds/pt (GPL-2+, © KDE); `soundsDir` is that folder, wherever the package was unpacked.
 * Throws an Error that names the package where it is not there.
 */
export async function buildPortugueseSample(soundsDir: string, file: string): Promise<SpokenSample> {
  await access(join(soundsDir, "boca.wav")).catch((cause: Error) => {
    throw new Error(`${soundsDir} does not hold the voice of Debian's package ktuberling-data`, { cause });
  });
  const parts: Int16Array[] = [silence(leadMs)];
  const words: KnownWord[] = [];
  let nowMs = leadMs;
  for (const phrase of phrases) {
    for (const { sound, says } of phrase) {
      const samples = await decodePcm(join(soundsDir, `${sound}.wav`));
      words.push(...says.map(([text, start_ms, end_ms]) => ({ text, start_ms: nowMs + start_ms, end_ms: nowMs + end_ms })));
      parts.push(samples, silence(betweenWordsMs));
      nowMs += samples.length / samplesPerMs + betweenWordsMs;
    }
    parts.push(silence(betweenPhrasesMs));
    nowMs += betweenPhrasesMs;
  }
  await encodePcm(joined(parts), file);
  const whole = words.map((word) => ({ ...word, start_ms: Math.round(word.start_ms), end_ms: Math.round(word.end_ms) }));
  return { file, language: "pt", durationMs: Math.round(nowMs), words: whole };
}

const samplesPerMs = sampleRateHz / 1000;
const leadMs = 400;
const betweenWordsMs = 60;
const betweenPhrasesMs = 700;

/** Each recording with its words; times in ms from its beginning, measured where its loudness rises over and falls under 6 % of its peak. */
const phrases: { sound: string; says: [text: string, startMs: number, endMs: number][] }[][] = [
  [
    { sound: "cabelo", says: [["Cabelo,", 0, 620]] },
    { sound: "olho", says: [["olho,", 10, 480]] },
    { sound: "sobrancelha", says: [["sobrancelha.", 90, 900]] },
  ],
  [
    { sound: "nariz", says: [["Nariz,", 10, 760]] },
    { sound: "boca", says: [["boca,", 20, 530]] },
    { sound: "orelha", says: [["orelha!", 10, 720]] },
  ],
  [
    { sound: "chapeu", says: [["Chapéu,", 30, 630]] },
    { sound: "gravata", says: [["gravata,", 30, 650]] },
    { sound: "laco", says: [["laço?", 10, 800]] },
  ],
  [
    { sound: "brincos", says: [["Brincos,", 10, 910]] },
    { sound: "bigode", says: [["bigode.", 20, 710]] },
  ],
  [
    {
      sound: "oculos-de-sol",
      says: [
        ["Óculos", 0, 500],
        ["de", 550, 850],
        ["sol!", 890, 1460],
      ],
    },
  ],
];

function silence(ms: number): Int16Array {
  return new Int16Array(ms * samplesPerMs);
}

function joined(parts: readonly Int16Array[]): Int16Array {
  const whole = new Int16Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
