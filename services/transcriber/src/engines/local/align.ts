import { fileURLToPath } from "node:url";
import createModule, { type Decoder, type Segment, type SoundSwallowerModule } from "soundswallower";
import { sampleRateHz } from "./audio.ts";
import { readDictionary } from "./dictionary.ts";
import { learnSpelling, type Speller } from "./g2p.ts";
import type { Reading } from "./numbers.ts";
import { pronounce } from "./pronounce.ts";
import { spokenReadings } from "./spoken.ts";

/** When a word is said, in ms from the start of the audio. */
export type Timing = { startMs: number; endMs: number };

export type Alignment = {
  /** One for each word, in order and apart; null for a word that is not said, such as a dash. */
  timings: (Timing | null)[];
  /** How badly the words fit the sounds: minus the logarithm of their probability, per second of the words' own time. */
  misfit: number;
};

/** Finds out when each word of a known sentence is said. */
export type Aligner = {
  /**
   * Aligns written words with audio at 16 kHz that holds them, and silence. Null where they cannot be what is said.
   * Blocks its thread for a fiftieth of the audio's length; the first name that no dictionary has takes half a second more.
   */
  align(pcm: Float32Array, words: readonly string[]): Promise<Alignment | null>;
};

/**
 * Loads SoundSwallower 0.6 (MIT, https://github.com/ReadAlongs/SoundSwallower), which is PocketSphinx in WebAssembly, with its
 * English model. A sentence becomes a grammar of all the ways to say it, and the search hears which of them it was. Its frames, and
 * so the times, are steps of 10 ms.
 */
export async function loadAligner(): Promise<Aligner> {
  const module = await createModule();
  const speller = lazily(() => learnSpelling(readDictionary(new URL("dict.txt", modelFolder), entriesToLearn)));
  let search = await openSearch(module);
  return {
    async align(pcm, words) {
      if (search.added.size > maxAddedWords) {
        search.decoder.delete();
        search = await openSearch(module);
      }
      return alignIn(search, pcm, spokenReadings(words), speller);
    },
  };
}

/** Words cannot be taken out of a decoder's dictionary: one with too many (some 5 MB) gives way to another, opened in 0.2 s. */
const maxAddedWords = 20_000;

/** Of 120,000. Twice as many say one more of twenty unknown words right, and take twice the half second to learn. */
const entriesToLearn = 12_000;

/** SoundSwallower looks for its model from the working directory, unless told. */
const modelFolder = new URL("model/en-us/", import.meta.resolve("soundswallower"));

/** A decoder, and its names for the spoken words that were added to its dictionary: null for those that cannot be said. */
type Search = { decoder: Decoder; added: Map<string, string | null> };

async function openSearch(module: SoundSwallowerModule): Promise<Search> {
  const decoder = new module.Decoder({ hmm: fileURLToPath(modelFolder), samprate: sampleRateHz, loglevel: "FATAL" });
  await decoder.initialize();
  return { decoder, added: new Map() };
}

/** The names, in the decoder's dictionary, of a word's readings. */
type Way = readonly string[];

function alignIn(search: Search, pcm: Float32Array, readings: readonly Reading[][], speller: () => Speller): Alignment | null {
  const ways = readings.map((ofWord) => ofWord.flatMap((reading): Way[] => nameAll(search, reading, speller) ?? []));
  const spoken = ways.filter((ofWord) => ofWord.length > 0);
  if (spoken.length === 0) return null;
  for (const beams of [usualBeams, everyPath]) {
    const segments = searchFor(search.decoder, grammar(spoken), pcm, beams);
    const taken = takeWays(ways, segments);
    if (taken) return { timings: taken.map(timing), misfit: misfit(segments) };
  }
  return null;
}

/** How improbable a path of the search may be beside the best before it is given up: of phones, words, and all. */
type Beams = { beam: number; pbeam: number; wbeam: number };

/** SoundSwallower's own. The misfit, which compares with what else is searched, tells languages apart best with these. */
const usualBeams: Beams = { beam: 1e-48, pbeam: 1e-48, wbeam: 7e-29 };

/** Every path is kept: for the English chunk in a hundred whose way the usual ones lose, and many in another language. Takes twice as long. */
const everyPath: Beams = { beam: 0, pbeam: 0, wbeam: 0 };

/** Null, or the one way in a list. */
function nameAll(search: Search, reading: Reading, speller: () => Speller): [Way] | null {
  const names = reading.map((word) => nameOf(search, word, speller));
  return names.every((name) => name !== null) ? [names] : null;
}

function nameOf({ decoder, added }: Search, word: string, speller: () => Speller): string | null {
  const lookUp = (entry: string) => decoder.lookup_word(entry);
  if (lookUp(word)) return word;
  const before = added.get(word);
  if (before !== undefined) return before;
  const phones = pronounce(word, lookUp, speller);
  const name = phones && `new${added.size}`;
  if (name && phones) decoder.add_words([name, phones]);
  added.set(word, name);
  return name;
}

/** A grammar in JSGF (https://www.w3.org/TR/jsgf/): one sentence, with alternatives. */
function grammar(spoken: readonly Way[][]): string {
  const sentence = spoken.map((ways) => `(${ways.map((way) => way.join(" ")).join(" | ")})`);
  return `#JSGF V1.0; grammar said; public <said> = ${sentence.join(" ")};`;
}

/** The words found, without silence and noise. Where the search lost its way they are too few. */
function searchFor(decoder: Decoder, said: string, pcm: Float32Array, beams: Beams): Segment[] {
  for (const [name, beam] of Object.entries(beams)) decoder.set_config(name, beam);
  decoder.set_grammar(said); // Begins a search with the beams set.
  decoder.start();
  try {
    decoder.process_audio(pcm, false, true);
  } finally {
    decoder.stop();
  }
  return (decoder.get_alignment().w ?? []).filter(({ t }) => /^[a-z']/.test(t));
}

/** Deals the segments to the words, each as one of its ways: null where they do not go out even. */
function takeWays(ways: readonly Way[][], segments: readonly Segment[]): Segment[][] | null {
  const [first, ...others] = ways;
  if (!first) return segments.length === 0 ? [] : null;
  for (const way of first.length > 0 ? first : [[]]) {
    const own = segments.slice(0, way.length);
    if (!way.every((name, i) => own[i]?.t.replace(/\(\d+\)$/, "") === name)) continue;
    const rest = takeWays(others, segments.slice(way.length));
    if (rest) return [own, ...rest];
  }
  return null;
}

function timing(segments: readonly Segment[]): Timing | null {
  const [first, last] = [segments[0], segments.at(-1)];
  return first && last ? { startMs: Math.round(first.b * 1000), endMs: Math.round((last.b + last.d) * 1000) } : null;
}

function misfit(segments: readonly Segment[]): number {
  const seconds = segments.reduce((sum, { d }) => sum + d, 0);
  return segments.reduce((sum, { p }) => sum - Math.log(Math.max(p, Number.MIN_VALUE)), 0) / seconds;
}

function lazily<Value>(make: () => Value): () => Value {
  let made: { value: Value } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
