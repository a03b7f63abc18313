import { DeclaredError, type ErrorCode } from "@viralclaw/contracts/errors";
import type { SpeechEngine } from "./engine.ts";

/** The engine, and whether it answered when it was last asked: for /health/deep. */
export interface WatchedEngine {
  engine: SpeechEngine;
  state(): "ok" | "failing";
}

/** What says that the engine itself is in trouble; the rest is about what was sent. */
const troubles: readonly ErrorCode[] = ["speech_engine_busy", "speech_engine_failed", "speech_engine_misconfigured"];

export function watchEngine(engine: SpeechEngine): WatchedEngine {
  let state: "ok" | "failing" = "ok";
  return {
    engine: {
      ...engine,
      async recognise(speech, options) {
        try {
          const recognised = await engine.recognise(speech, options);
          state = "ok";
          return recognised;
        } catch (error) {
          if (error instanceof DeclaredError) state = troubles.includes(error.code) ? "failing" : "ok";
          throw error;
        }
      },
    },
    state: () => state,
  };
}
