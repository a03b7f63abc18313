import { existsSync, readFileSync } from "node:fs";
import { sampleRateHz } from "./audio.ts";

/** Sounds for tests, all at the engine's rate. */

/**
 * "He was not an ill-disposed young man": LibriVox reads Jane Austen, public domain, from a Debian package that `npm run setup` fetches.
 * Null where it has not run.
 */
export function reading(): Float32Array | null {
  return readings()?.[1]?.pcm ?? null;
}

/** 25 s of the same reading, sentence by sentence with what is said in each; two sentences are left out before the fourth. */
export function readings(): { pcm: Float32Array; text: string }[] | null {
  const files = sentences.map(({ part, text }) => ({ text, file: new URL(`${librivox}-${part}.wav`, import.meta.url) }));
  return files.every(({ file }) => existsSync(file))
    ? files.map(({ file, text }) => ({ pcm: samplesOf(readFileSync(file)), text }))
    : null;
}

const librivox =
  "../../../../../.cache/sample/debs/usr/share/pocketsphinx/test/data/librivox/sense_and_sensibility_01_austen_64kb";

const sentences = [
  {
    part: "0870",
    text: "And Mr. John Dashwood had then leisure to consider how much there might be prudently in his power to do for them.",
  },
  { part: "0880", text: "He was not an ill-disposed young man," },
  { part: "0890", text: "unless to be rather cold-hearted and rather selfish is to be ill-disposed." },
  {
    part: "0920",
    text: "Had he married a more amiable woman, he might have been made still more respectable than he was;",
  },
  { part: "0930", text: "he might even have been made amiable himself." },
];

/** Why tests with it are skipped, if they are. */
export const noReading = readings() ? false : "the recording is not there: npm run setup fetches it";

/** Of a WAVE file of 16 bits, mono, whose header is the shortest. */
function samplesOf(wave: Buffer): Float32Array {
  const headerBytes = 44;
  return Float32Array.from({ length: (wave.length - headerBytes) / 2 }, (_, i) => wave.readInt16LE(headerBytes + 2 * i) / 32_768);
}

/** A sound by its formula over the time in seconds. */
export function sound(seconds: number, at: (time: number) => number): Float32Array {
  return Float32Array.from({ length: seconds * sampleRateHz }, (_, i) => at(i / sampleRateHz));
}

/** White noise of an amplitude, the same each time: a linear congruential generator, Numerical Recipes' constants. */
export function noise(amplitude: number): () => number {
  let state = 1;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return amplitude * (state / 2 ** 31 - 1);
  };
}

/** A chord of three tones that is struck anew twice a second. */
export function music(time: number): number {
  const root = 220 * 2 ** ((Math.floor(time * 2) % 5) / 12);
  const tones = [1, 1.26, 1.5].map((interval) => Math.sin(2 * Math.PI * root * interval * time));
  return 0.2 * Math.exp(-3 * (time % 0.5)) * tones.reduce((sum, tone) => sum + tone, 0);
}
