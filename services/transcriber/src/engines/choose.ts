import { DeclaredError } from "@viralclaw/contracts/errors";
import { languageNames } from "@viralclaw/contracts/languages";
import type { SpeechEngine } from "./engine.ts";

/** The engines that this worker has: groq where there is a key, local where its models are installed. */
export interface Engines {
  groq?: SpeechEngine;
  local?: SpeechEngine;
}

/** What the operator prefers: `auto` is Groq where there is a key. */
export type EnginePreference = "auto" | "groq" | "local";

/**
 * The engine for a language, before any work is done for it. Groq hears every language, the local engine English; `auto` goes to
 * either, and the local one finds out whether it is English.
 * Throws `language_needs_groq` for a language that only the missing Groq could hear, and `speech_engine_misconfigured` where the
 * preferred engine is not there.
 */
export function chooseEngine(language: string, engines: Engines, preference: EnginePreference = "auto"): SpeechEngine {
  const engine = preference === "auto" ? (engines.groq ?? engines.local) : engines[preference];
  if (!engine) throw new DeclaredError("speech_engine_misconfigured");
  if (engine.name === "local" && language !== "en" && language !== "auto") {
    throw new DeclaredError("language_needs_groq", { language: nameOf(language) });
  }
  return engine;
}

/** "Portuguese" for `pt`. */
function nameOf(language: string): string {
  const name = languageNames[language] ?? language;
  return name.charAt(0).toUpperCase() + name.slice(1);
}
