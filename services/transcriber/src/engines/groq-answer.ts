import { DeclaredError } from "@viralclaw/contracts/errors";
import { languageCode } from "@viralclaw/contracts/languages";
import type { Word } from "@viralclaw/contracts/transcript";
import * as z from "zod";
import { punctuate } from "./punctuation.ts";

/** A `verbose_json` answer, as far as we use it. `segments` is null where only words were asked for, and with some other servers. */
const Segment = z.object({
  start: z.number(),
  end: z.number(),
  text: z.string(),
  avg_logprob: z.number().nullish(),
  no_speech_prob: z.number().nullish(),
});
const Answer = z.object({
  text: z.string(),
  language: z.string().nullish(),
  words: z.array(z.object({ word: z.string(), start: z.number(), end: z.number() })).nullish(),
  segments: z.array(Segment).nullish(),
});
type Segment = z.infer<typeof Segment>;

/**
 * Reads an answer: words with the spelling of the text, times in ms from the beginning of the audio it is about, without what
 * Whisper imagined into silence; `language` is undefined where the answer names none that we know.
 * Throws `speech_engine_failed` for anything that is no such answer.
 */
export function readAnswer(body: unknown): { words: Word[]; language: string | undefined } {
  const parsed = Answer.safeParse(body);
  if (!parsed.success) throw failed("its answer is no transcription", parsed.error);
  const { language, words } = parsed.data;
  const segments = (parsed.data.segments ?? []).map((segment) => ({ ...segment, imagined: isImagined(segment) }));
  const said = segments.filter(({ imagined }) => !imagined);
  const text = segments.length > 0 ? said.map((segment) => segment.text).join("") : parsed.data.text;

  const heard = (words ?? [])
    .map(({ word, start, end }) => ({ text: word, start, end: Math.max(start, end) }))
    .filter((word) => !segmentOf(word, segments)?.imagined);
  if (heard.length === 0 && /[\p{L}\p{N}]/u.test(text)) throw failed("its answer has no times of the words");
  return {
    language: language ? languageCode(language) : undefined,
    words: punctuate(heard, text).map(({ text, start, end }) => ({
      text,
      start_ms: Math.max(0, Math.round(start * 1000)),
      end_ms: Math.max(0, Math.round(end * 1000)),
      confidence: confidenceOf(segmentOf({ start, end }, said)),
    })),
  };
}

/** Whisper's own rule for silence (openai/whisper, transcribe.py): `no_speech_threshold` and `logprob_threshold` both passed. */
const silentFrom = 0.6;
const unsureBelow = -1;

/** Credits that Whisper learnt from subtitles and hears in silence and music, with the best of confidence. */
const imaginedCredits = /amara\.org|adriana\s+zanotto|subtitles\s+by\s+the\s|untertitel(ung)?\s+(des|im\s+auftrag)/i;

function isImagined({ text, avg_logprob, no_speech_prob }: Segment): boolean {
  const silent = (no_speech_prob ?? 0) > silentFrom && (avg_logprob ?? 0) < unsureBelow;
  return silent || imaginedCredits.test(text);
}

/** The segment that a word is in, by its middle, else the nearest one. */
function segmentOf<S extends Segment>({ start, end }: { start: number; end: number }, segments: readonly S[]): S | undefined {
  const middle = (start + end) / 2;
  const distance = (segment: S) => Math.max(segment.start - middle, middle - segment.end, 0);
  let nearest = segments[0];
  for (const segment of segments) {
    if (nearest && distance(segment) < distance(nearest)) nearest = segment;
  }
  return nearest;
}

/** Neither sure nor unsure: a server that gives no probabilities. */
const unknownConfidence = 0.5;

/** Words have no probability of their own: the geometric mean over the tokens of their segment stands for it. */
function confidenceOf(segment: Segment | undefined): number {
  if (typeof segment?.avg_logprob !== "number") return unknownConfidence;
  return Math.min(1, Math.max(0, Math.exp(segment.avg_logprob)));
}

const failed = (reason: string, cause?: unknown) => new DeclaredError("speech_engine_failed", { reason }, { cause });
