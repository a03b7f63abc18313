import type { Handlers } from "./work.ts";

type Transcriber = Handlers<"transcriber">;
type Renderer = Handlers<"renderer">;

/**
 * A missing or a stray handler does not compile. Nothing here runs: the type checker is the test, and an `@ts-expect-error`
 * is itself an error where the line below it compiles.
 */
export function handlersMustMatchThePipeline(
  ingest: Transcriber["ingest"],
  transcribe: Transcriber["transcribe"],
  render: Renderer["render"],
) {
  const whole: Transcriber = { ingest, transcribe };

  // @ts-expect-error a stage of the service has no handler
  const missing: Transcriber = { ingest };

  // @ts-expect-error a handler belongs to another service
  const stray: Renderer = { render, ingest };

  // @ts-expect-error there is no such stage
  const unknown: Renderer = { render, polish: render };

  // @ts-expect-error the handler takes another stage's fact
  const wrongFact: Transcriber = { ingest: transcribe, transcribe };

  // @ts-expect-error there is no such service
  const noService: Handlers<"dancer"> = {};

  return [whole, missing, stray, unknown, wrongFact, noService];
}
