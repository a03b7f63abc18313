import type { Transcript, Word } from "@viralclaw/contracts/transcript";
import type { Speech } from "../speech.ts";
import type { KnownWords } from "./local/place.ts";
import type { PlacedWord } from "./local/script.ts";

/** What turns speech into words. */
export interface SpeechEngine {
  readonly name: NonNullable<Transcript["engine"]>;
  readonly model: string;
  /**
   * Throws DeclaredErrors: speech_engine_busy, speech_engine_failed, speech_engine_misconfigured, language_needs_groq. Nobody
   * who speaks is no error: there are no words then. An abort is thrown as the signal's own reason.
   */
  recognise(speech: Speech, options: RecogniseOptions): Promise<Recognised>;
}

export interface RecogniseOptions {
  /** ISO 639-1, or `auto`. */
  language: string;
  signal: AbortSignal;
  /** Names and brands that may be said, as they are spelt: for an engine that takes hints. */
  glossary?: readonly string[];
  /** Told how far it is, 0 to 1. */
  onProgress?: (fraction: number) => void;
}

export interface Recognised {
  /** As they should be shown, in order of time; times are ms from the first sample. They may overlap or lie outside of the audio. */
  words: Word[];
  /** What was heard: ISO 639-1, never `auto`. */
  language: string;
}

/** What finds out when known words are said. */
export interface WordAligner {
  /** Whether it knows how a language sounds: for cues. Text is laid on what was heard, in any language. */
  knows(language: string): boolean;
  /** See placeWords. Throws an abort as the signal's own reason. */
  place(speech: Speech, known: KnownWords, options: Omit<RecogniseOptions, "language" | "glossary">): Promise<PlacedWord[]>;
}
