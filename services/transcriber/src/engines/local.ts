import { DeclaredError } from "@viralclaw/contracts/errors";
import type { Speech } from "../speech.ts";
import type { SpeechEngine, WordAligner } from "./engine.ts";
import { judgeLanguage } from "./local/english.ts";
import type { LocalRecogniser } from "./local/recogniser.ts";

/**
 * The offline engine: English only. It turns other languages into fluent English that nobody said, so what does not sound like
 * English to it is refused with language_needs_groq, whatever language was asked for.
 */
export function localEngine(recogniser: LocalRecogniser): SpeechEngine {
  return {
    name: "local",
    model: "moonshine-tiny-en",
    async recognise(speech, { signal, onProgress }) {
      const heard = await recogniser.transcribe(samplesOf(speech), { signal, onProgress });
      const verdict = judgeLanguage(heard);
      if (verdict === "other") throw new DeclaredError("language_needs_groq", { language: "not English" });
      return { words: verdict === "silent" ? [] : heard.words, language: "en" };
    },
  };
}

/** The offline engine's aligner, in the same thread. */
export function localAligner(recogniser: LocalRecogniser): WordAligner {
  return {
    knows: (language) => language === "en",
    place: (speech, known, options) => recogniser.place(samplesOf(speech), known, options),
  };
}

/** Full scale of 16-bit samples. */
const fullScale = 32_768;

const samplesOf = ({ samples }: Speech) => Float32Array.from(samples, (sample) => sample / fullScale);
