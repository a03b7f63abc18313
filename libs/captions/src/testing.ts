import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { runInNewContext } from "node:vm";
import type { Transcript, Word } from "@viralclaw/contracts/transcript";
import type { Area } from "./frame.ts";

/** What several tests say and look for. */

/** The words of `text`, spoken without haste from `startMs` on; a full stop is a silence, a comma a breath. */
export function spoken(text: string, startMs = 200): Word[] {
  let at = startMs;
  return text.split(" ").map((word) => {
    const lengthMs = 120 + word.length * 45;
    const said = { text: word, start_ms: at, end_ms: at + lengthMs, confidence: 0.9 };
    at += lengthMs + (/[.!?]$/.test(word) ? 350 : /,$/.test(word) ? 250 : 30);
    return said;
  });
}

/** A minute of English, with these words. */
export function transcriptOf(words: Word[], change: Partial<Transcript> = {}): Transcript {
  return {
    version: 1,
    language: "en",
    engine: "local",
    model: "any",
    timing_source: "recognised",
    duration_ms: 60_000,
    text: "",
    words,
    ...change,
  };
}

/** Fails unless one area lies in the other; a hundredth of a pixel is rounding. */
export function assertInside(inner: Area, outer: Area): void {
  const over = [outer.left - inner.left, outer.top - inner.top, inner.right - outer.right, inner.bottom - outer.bottom];
  assert.ok(Math.max(...over) <= 0.01, `${JSON.stringify(inner)} is not inside ${JSON.stringify(outer)}`);
}

/** A font that no style may name: black, with serifs, and with Latin letters but no Greek ones. */
export const serifFile = createRequire(import.meta.url).resolve(
  "@expo-google-fonts/noto-serif-tibetan/900Black/NotoSerifTibetan_900Black.ttf",
);
/**
 * What `work` answers. Throws where it has not ended by itself: what takes time in proportion to what it is given needs
 * milliseconds of that, what takes the square of it minutes.
 */
export function endingByItself<T>(work: () => T): T {
  return runInNewContext("work()", { work }, { timeout: 60_000 }) as T;
}
