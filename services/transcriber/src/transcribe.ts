import { createHash } from "node:crypto";
import { join } from "node:path";
import type { StageContext } from "@viralclaw/bus/work";
import { DeclaredError, errors } from "@viralclaw/contracts/errors";
import { jobFolder, transcriptsFolder } from "@viralclaw/contracts/ids";
import { spaceBetweenWords } from "@viralclaw/contracts/languages";
import { type Given, pipeline, type Taken } from "@viralclaw/contracts/pipeline";
import { Transcript, type Word } from "@viralclaw/contracts/transcript";
import { Wording } from "@viralclaw/contracts/wording";
import { openWorkspace } from "@viralclaw/media/workspace";
import type { Storage } from "@viralclaw/storage/storage";
import { chooseEngine, type EnginePreference, type Engines } from "./engines/choose.ts";
import type { SpeechEngine, WordAligner } from "./engines/engine.ts";
import { spellNames } from "./glossary.ts";
import { lexiconOf } from "./lexicon.ts";
import { timeOwnWords } from "./own-words.ts";
import { extractSpeech, type Speech, speechRateHz } from "./speech.ts";
import { placeWords } from "./timeline.ts";

export interface TranscribeDeps {
  storage: Pick<Storage, "downloadTo" | "getText" | "putText">;
  /** Where runs keep their files. */
  workDir: string;
  engines: Engines;
  enginePreference: EnginePreference;
  aligner: WordAligner;
}

/**
 * Writes down what is said in the video, word by word on the video's clock: what an engine hears, or, where the customer gave the
 * words, these; of text without times an engine is asked as well, for when it is said.
 * Throws words_after_end of the customer's own words; otherwise language_needs_groq before anything is fetched where no engine can hear the language, no_speech, not_a_video where the
 * sound cannot be decoded, the speech_engine_* errors, disk_full, store_unavailable.
 * What an engine heard is also kept under the hash of the sound, the engine, the model, the language and the glossary: a run that is repeated
 * (or another job with the same sound) asks no engine again. Each run stores its transcript under its own execution id.
 */
export async function transcribe(
  fact: Taken<"transcribe">,
  context: StageContext,
  deps: TranscribeDeps,
): Promise<Given<"transcribe">> {
  const { signal } = context;
  const wording = await readWording(fact, deps.storage, signal);
  const own = wording?.words ?? undefined;
  // Before anything is fetched: whether an engine can hear the language.
  const engine = own ? undefined : chooseEngine(fact.language, deps.engines, deps.enginePreference);
  await using workspace = await openWorkspace(deps.workDir, context.executionId, { roomBytes: fact.source_bytes + airBytes });
  const speech = () => soundOf(fact, workspace.dir, context, deps.storage);

  const result = engine
    ? await recognised(await speech(), { fact, engine, glossary: wording?.glossary ?? [] }, context, deps.storage)
    : await timed(wording, fact, speech, context, deps);
  const key = `${jobFolder(context.jobId, "transcribe", context.executionId)}/transcript.json`;
  const { reused, ...transcript } = result;
  await store(deps.storage, key, { ...transcript, duration_ms: fact.duration_ms }, signal);
  context.progress(1);
  const { words, not_heard: _, ...told } = transcript;
  return { transcript_key: key, transcript_version: 1, ...told, words: words.length, reused };
}

type Found = Omit<Transcript, "text" | "version" | "duration_ms"> & { reused: boolean };

interface Hearing {
  fact: Taken<"transcribe">;
  engine: SpeechEngine;
  glossary: readonly string[];
}

async function recognised(
  speech: Speech | undefined,
  hearing: Hearing,
  context: StageContext,
  storage: TranscribeDeps["storage"],
): Promise<Found> {
  const { fact, engine, glossary } = hearing;
  if (!speech || !fact.audio) throw new DeclaredError("no_audio");
  const { heard, reused } = await hear(speech, hearing, context, storage);
  const placed = placeWords(heard.words, { startMs: fact.audio.start_ms, durationMs: fact.duration_ms });
  if (placed.length === 0) throw new DeclaredError("no_speech");
  const { language, model } = heard;
  const words = spellNames(placed, glossary, lexiconOf(language));
  return { words, language, engine: engine.name, model, timing_source: "recognised", reused };
}

async function timed(
  wording: Wording | undefined,
  fact: Taken<"transcribe">,
  speech: () => Promise<Speech | undefined>,
  context: StageContext,
  deps: TranscribeDeps,
): Promise<Found> {
  if (!wording?.words)
    throw new DeclaredError("store_unavailable", {}, { cause: new Error("The customer's words are not there.") });
  const timed = await timeOwnWords(wording.words, {
    ...{ language: fact.language, durationMs: fact.duration_ms, soundStartMs: fact.audio?.start_ms ?? 0, speech },
    ...{ aligner: deps.aligner, listeners: listeners(fact, wording.glossary, context, deps) },
    ...{ signal: context.signal, onProgress: (fraction: number) => context.progress(shareHeard(fraction)) },
  });
  return { ...timed, language: fact.language, engine: null, model: null, reused: false };
}

/**
 * Who is asked where the customer's text is said. The offline engine first, where it knows the language: it costs nothing, and its
 * aligner is the more exact. A customer's words can do without: what no engine can hear, or not at the stage's last attempt, is
 * as if nobody spoke.
 */
function listeners(fact: Taken<"transcribe">, glossary: readonly string[], context: StageContext, deps: TranscribeDeps) {
  const { engines, enginePreference, aligner, storage } = deps;
  const offline = aligner.knows(fact.language) ? engines.local : undefined;
  const asked = new Set([offline, engineFor(fact.language, engines, enginePreference)]);
  return [...asked].flatMap((engine) => {
    if (!engine) return [];
    return async (speech: Speech) => {
      try {
        return (await hear(speech, { fact, engine, glossary }, context, storage)).heard.words;
      } catch (error) {
        const isLast = context.attempt >= pipeline.transcribe.attempts;
        if (!(error instanceof DeclaredError) || (errors[error.code].retryable && !isLast)) throw error;
        context.log.warn({ err: error, engine: engine.name }, "the customer's text is placed without this engine");
        return [];
      }
    };
  });
}

/** Undefined where none can hear the language. */
function engineFor(...wanted: Parameters<typeof chooseEngine>): SpeechEngine | undefined {
  try {
    return chooseEngine(...wanted);
  } catch (error) {
    if (error instanceof DeclaredError) return undefined;
    throw error;
  }
}

/** The sound of the video, if it has any. */
async function soundOf(
  { source_key, audio }: Taken<"transcribe">,
  dir: string,
  context: StageContext,
  storage: TranscribeDeps["storage"],
): Promise<Speech | undefined> {
  if (!audio) return undefined;
  const source = join(dir, "source");
  await storage.downloadTo(source_key, source, { signal: context.signal });
  context.progress(shares.fetched);
  const speech = await extractSpeech(source, audio, { dir, signal: context.signal });
  context.progress(shares.extracted);
  return speech;
}

async function readWording(
  { wording }: Taken<"transcribe">,
  storage: TranscribeDeps["storage"],
  signal: AbortSignal,
): Promise<Wording | undefined> {
  if (!wording) return undefined;
  const text = await storage.getText(wording.key, { signal });
  if (text === undefined) throw new DeclaredError("store_unavailable", {}, { cause: new Error(`There is no ${wording.key}.`) });
  return Wording.parse(JSON.parse(text));
}

/** Samples of five minutes, their FLAC, and what the file system itself needs. */
const airBytes = 100_000_000;
/** How far the run is after each step. */
const shares = { fetched: 0.1, extracted: 0.2, heard: 0.95 };
const shareHeard = (fraction: number) => shares.extracted + fraction * (shares.heard - shares.extracted);

type Heard = Omit<Transcript, "text" | "version"> & { model: string };

/** What was said, on the clock of the sound: from an earlier run if there was one, else from the engine. */
async function hear(
  speech: Speech,
  { fact: { language }, engine, glossary }: Hearing,
  context: StageContext,
  storage: TranscribeDeps["storage"],
): Promise<{ heard: Heard; reused: boolean }> {
  const { signal } = context;
  const identity = createHash("sha256").update(JSON.stringify([speech.sha256, engine.name, engine.model, language, glossary]));
  const key = `${transcriptsFolder}${identity.digest("hex")}.json`;
  const known = await storage.getText(key, { signal });
  // One that an older version of ours wrote, or that was cut short, is made anew.
  const parsed = known === undefined ? undefined : Transcript.safeParse(jsonOf(known));
  if (parsed?.success) return { heard: { ...parsed.data, model: engine.model }, reused: true };

  const recognised = await engine.recognise(speech, {
    language,
    signal,
    glossary,
    onProgress: (fraction) => context.progress(shareHeard(fraction)),
  });
  const duration_ms = Math.max(1, Math.round((speech.samples.length * 1000) / speechRateHz));
  const words = placeWords(recognised.words, { startMs: 0, durationMs: duration_ms });
  const { language: spoken } = recognised;
  const made = { engine: engine.name, model: engine.model, timing_source: "recognised" as const, duration_ms };
  const heard: Heard = { words, language: spoken, ...made };
  // Silence is not kept: it may be the engine's fault.
  if (words.length > 0) await store(storage, key, heard, signal);
  return { heard, reused: false };
}

async function store(
  storage: TranscribeDeps["storage"],
  key: string,
  heard: Omit<Transcript, "text" | "version">,
  signal: AbortSignal,
): Promise<void> {
  const transcript = Transcript.parse({ ...heard, version: 1, text: joined(heard) });
  await storage.putText(key, JSON.stringify(transcript), "application/json", { signal });
}

function joined({ words, language }: { words: readonly Word[]; language: string }): string {
  return words.map(({ text }) => text).join(spaceBetweenWords(language));
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
