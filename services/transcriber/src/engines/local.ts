import { DeclaredError } from "@viralclaw/contracts/errors";
import type { SpeechEngine } from "./engine.ts";
import { judgeLanguage } from "./local/english.ts";
import type { LocalRecogniser } from "./local/recogniser.ts";

/** Full scale of 16-bit samples. */
const fullScale = 32_768;

/**
 * The offline engine: English only. It turns other languages into fluent English that nobody said, so what does not sound like
 * English to it is refused with language_needs_groq, whatever language was asked for.
 */
export function localEngine(recogniser: LocalRecogniser): SpeechEngine {
  return {
    name: "local",
    model: "moonshine-tiny-en",
    async recognise({ samples }, { signal, onProgress }) {
      const heard = await recogniser.transcribe(
        Float32Array.from(samples, (sample) => sample / fullScale),
        { signal, onProgress },
      );
      const verdict = judgeLanguage(heard);
      if (verdict === "other") throw new DeclaredError("language_needs_groq", { language: "not English" });
      return { words: verdict === "silent" ? [] : heard.words, language: "en" };
    },
  };
}
