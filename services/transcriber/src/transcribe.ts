import { createHash } from "node:crypto";
import { join } from "node:path";
import type { StageContext } from "@viralclaw/bus/work";
import { DeclaredError } from "@viralclaw/contracts/errors";
import { jobFolder, transcriptsFolder } from "@viralclaw/contracts/ids";
import { spaceBetweenWords } from "@viralclaw/contracts/languages";
import type { Given, Taken } from "@viralclaw/contracts/pipeline";
import { Transcript, type Word } from "@viralclaw/contracts/transcript";
import { openWorkspace } from "@viralclaw/media/workspace";
import type { Storage } from "@viralclaw/storage/storage";
import { chooseEngine, type EnginePreference, type Engines } from "./engines/choose.ts";
import type { SpeechEngine } from "./engines/engine.ts";
import { extractSpeech, type Speech, speechRateHz } from "./speech.ts";
import { placeWords } from "./timeline.ts";

export interface TranscribeDeps {
  storage: Pick<Storage, "downloadTo" | "getText" | "putText">;
  /** Where runs keep their files. */
  workDir: string;
  engines: Engines;
  enginePreference: EnginePreference;
}

/**
 * Writes down what is said in the video, word by word on the video's clock.
 * Throws language_needs_groq before anything is fetched where no engine can hear the language, no_speech, not_a_video where the
 * sound cannot be decoded, the speech_engine_* errors, disk_full, store_unavailable.
 * What an engine heard is also kept under the hash of the sound, the engine, the model and the language: a run that is repeated
 * (or another job with the same sound) asks no engine again. Each run stores its transcript under its own execution id.
 */
export async function transcribe(
  fact: Taken<"transcribe">,
  context: StageContext,
  deps: TranscribeDeps,
): Promise<Given<"transcribe">> {
  const engine = chooseEngine(fact.language, deps.engines, deps.enginePreference);
  const { signal } = context;
  const roomBytes = fact.source_bytes + airBytes;
  await using workspace = await openWorkspace(deps.workDir, context.executionId, { roomBytes });
  const source = join(workspace.dir, "source");
  await deps.storage.downloadTo(fact.source_key, source, { signal });
  context.progress(shares.fetched);
  const speech = await extractSpeech(source, fact.audio, { dir: workspace.dir, signal });
  context.progress(shares.extracted);

  const { heard, reused } = await hear(speech, fact, engine, context, deps.storage);
  const words = placeWords(heard.words, { startMs: fact.audio.start_ms, durationMs: fact.duration_ms });
  if (words.length === 0) throw new DeclaredError("no_speech");

  const key = `${jobFolder(context.jobId, "transcribe", context.executionId)}/transcript.json`;
  await store(deps.storage, key, { ...heard, duration_ms: fact.duration_ms, words }, signal);
  context.progress(1);
  const { language, model } = heard;
  return { transcript_key: key, language, engine: engine.name, model, words: words.length, reused };
}

/** Samples of five minutes, their FLAC, and what the file system itself needs. */
const airBytes = 100_000_000;
/** How far the run is after each step. */
const shares = { fetched: 0.1, extracted: 0.2, heard: 0.95 };

type Heard = Omit<Transcript, "text" | "version">;

/** What was said, on the clock of the sound: from an earlier run if there was one, else from the engine. */
async function hear(
  speech: Speech,
  { language }: Taken<"transcribe">,
  engine: SpeechEngine,
  context: StageContext,
  storage: TranscribeDeps["storage"],
): Promise<{ heard: Heard; reused: boolean }> {
  const { signal } = context;
  const identity = createHash("sha256").update(JSON.stringify([speech.sha256, engine.name, engine.model, language]));
  const key = `${transcriptsFolder}${identity.digest("hex")}.json`;
  const known = await storage.getText(key, { signal });
  // One that an older version of ours wrote, or that was cut short, is made anew.
  const parsed = known === undefined ? undefined : Transcript.safeParse(jsonOf(known));
  if (parsed?.success) return { heard: parsed.data, reused: true };

  const recognised = await engine.recognise(speech, {
    language,
    signal,
    onProgress: (fraction) => context.progress(shares.extracted + fraction * (shares.heard - shares.extracted)),
  });
  const duration_ms = Math.max(1, Math.round((speech.samples.length * 1000) / speechRateHz));
  const words = placeWords(recognised.words, { startMs: 0, durationMs: duration_ms });
  const heard: Heard = { words, language: recognised.language, engine: engine.name, model: engine.model, duration_ms };
  // Silence is not kept: it may be the engine's fault.
  if (words.length > 0) await store(storage, key, heard, signal);
  return { heard, reused: false };
}

async function store(storage: TranscribeDeps["storage"], key: string, heard: Heard, signal: AbortSignal): Promise<void> {
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
