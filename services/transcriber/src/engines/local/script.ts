import { distance } from "fastest-levenshtein";
import type { Timing } from "./align.ts";
import { clip, msToSamples, type Span, samplesToMs, totalLength } from "./audio.ts";
import { type HeardWord, lettersOf, type Matched, matchWords } from "./match.ts";
import { shareTime, weightOf } from "./timeline.ts";

/**
 * A word of the text, and how its place was found: `aligned` with what was heard there; `spread` by length, where something is said
 * that may be it; `unsaid`, between its neighbours; `left_out`, unsaid where no room is between them.
 */
export type PlacedWord = Timing & { how: "aligned" | "spread" | "unsaid" | "left_out" };

/**
 * Lays the text that somebody meant to read on what was heard of them. A word that was heard is where it was heard. Between two of
 * these stand words that were misheard or not recognised, if there is speech of about their length; if not, nobody says them: they
 * are put into the pause that is there, and never move another word. Null where the text is not what is said here. Pure.
 */
export function layScript(
  text: readonly string[],
  heard: readonly HeardWord[],
  speech: readonly Span[],
  durationMs: number,
): PlacedWord[] | null {
  const matched = matchWords(text, heard);
  if (!isOfThisSpeech(text, matched, speech)) return null;
  const msEach = msPerWeight(text, matched.timings);
  const placed: PlacedWord[] = [];
  for (let from = 0; from < text.length; ) {
    const timing = matched.timings[from];
    if (timing) {
      placed.push({ ...timing, how: "aligned" });
      from++;
      continue;
    }
    const next = matched.timings.findIndex((other, i) => i > from && other !== null);
    const to = next === -1 ? text.length : next;
    const gap = { startMs: placed.at(-1)?.endMs ?? 0, endMs: matched.timings[to]?.startMs ?? durationMs };
    const words = text.slice(from, to);
    const others = matched.others.filter(({ after }) => after === from - 1).map((other) => other.text);
    placed.push(...(said(words, others, gap, speech, msEach) ?? unsaid(words, gap, msEach, placed)));
    from = to;
  }
  return placed;
}

/** So much of the text must have been heard: of other texts a twentieth is, by chance. */
const leastOfText = 0.25;
/** Or else it must be what is said for so much of the time: a script of which the video is a part. */
const leastOfSpeech = 0.5;
/** Fewer words that are heard say little: "the" and "you" are in every text. */
const fewWords = 3;

function isOfThisSpeech(text: readonly string[], { timings }: Matched, speech: readonly Span[]): boolean {
  const found = timings.filter((timing) => timing !== null);
  const spoken = text.filter(isSpoken).length;
  const foundMs = found.reduce((sum, { startMs, endMs }) => sum + endMs - startMs, 0);
  const isMuch = found.length >= leastOfText * spoken || foundMs >= leastOfSpeech * samplesToMs(totalLength(speech));
  return found.length > 0 && found.length >= Math.min(fewWords, spoken / 2) && isMuch;
}

const isSpoken = (word: string) => lettersOf(word).length > 0;

/** Nobody speaks so many times faster or slower from one sentence to the next. */
const mostHaste = 3;

/** Words between two that were heard, on the speech there; null if it is not theirs. */
function said(
  words: readonly string[],
  others: readonly string[],
  gap: Timing,
  speech: readonly Span[],
  msEach: number,
): PlacedWord[] | null {
  if (!words.some(isSpoken)) return null;
  const room = clip(speech, { start: msToSamples(gap.startMs), end: msToSamples(gap.endMs) });
  const [roomMs, neededMs] = [samplesToMs(totalLength(room)), msEach * weightOfAll(words)];
  const isMisheard = alike(words, others);
  const fits = roomMs * mostHaste > neededMs && (isMisheard || roomMs < neededMs * mostHaste);
  return fits ? shareTime(words, room).map((timing) => ({ ...timing, how: isMisheard ? "aligned" : "spread" })) : null;
}

/** Whether at least half of the letters are the same: "ViralClaw", heard as "viral claw". */
function alike(words: readonly string[], others: readonly string[]): boolean {
  const [one, other] = [words.flatMap(lettersOf).join(""), others.flatMap(lettersOf).join("")];
  return distance(one, other) <= Math.max(one.length, other.length) / 2;
}

/**
 * Words that nobody says, as fast as the speaker speaks, or up to so many times faster where the pause is short: right after the word
 * before them, of which they may take half, or right before the first word. Where that is not enough they are left out: words
 * squeezed in would push away those that are said. One or two stay all the same, as recognisers miss an "a", and so does an emoji.
 */
function unsaid(words: readonly string[], gap: Timing, msEach: number, before: PlacedWord[]): PlacedWord[] {
  const neededMs = msEach * weightOfAll(words);
  const last = before.at(-1);
  const [gapMs, leastMs] = [gap.endMs - gap.startMs, neededMs / mostHaste];
  const lentMs = last && gapMs < leastMs ? Math.min((last.endMs - last.startMs) / 2, leastMs - gapMs) : 0;
  const hasRoom = gapMs + lentMs >= leastMs || words.length < fewWords;
  if (!hasRoom && words.every(isSpoken)) return words.map(() => ({ startMs: gap.startMs, endMs: gap.startMs, how: "left_out" }));
  if (last) last.endMs -= lentMs;
  const lengthMs = Math.min(neededMs, gapMs + lentMs);
  const startMs = last ? gap.startMs - lentMs : gap.endMs - lengthMs;
  const room = [{ start: msToSamples(startMs), end: msToSamples(startMs + lengthMs) }];
  const isShown = words.map((word) => hasRoom || !isSpoken(word));
  const shares = shareTime(
    words.filter((_, i) => isShown[i]),
    room,
  );
  return isShown.map((shown) => ({
    ...((shown && shares.shift()) || { startMs, endMs: startMs }),
    how: shown ? "unsaid" : "left_out",
  }));
}

const weightOfAll = (words: readonly string[]) => words.reduce((sum, word) => sum + weightOf(word), 0);

/** How long this speaker takes for a letter. */
function msPerWeight(text: readonly string[], timings: readonly (Timing | null)[]): number {
  const found = timings.flatMap((timing, i) =>
    timing ? [{ ms: timing.endMs - timing.startMs, weight: weightOf(text[i]!) }] : [],
  );
  const [ms, weight] = [found.reduce((sum, one) => sum + one.ms, 0), found.reduce((sum, one) => sum + one.weight, 0)];
  return ms / weight;
}
