import { cleanText } from "@viralclaw/captions/clean";
import { limits } from "@viralclaw/contracts/limits";
import type { Word } from "@viralclaw/contracts/transcript";

/**
 * Lays recognised words on a video's clock: shifted by when its sound begins, within its duration, in order and without overlap.
 * Words that are wholly outside of the video are dropped; words that a recogniser gave the same time share it by their length.
 */
export function placeWords(words: readonly Word[], { startMs, durationMs }: { startMs: number; durationMs: number }): Word[] {
  const inside = (ms: number) => Math.min(Math.max(Math.round(ms), 0), durationMs);
  const placed = words
    .map((word) => ({ ...word, text: tidy(word.text), from: word.start_ms + startMs, to: word.end_ms + startMs }))
    .filter(({ text, from, to }) => text !== "" && from < durationMs && to > 0)
    .map(({ from, to, ...word }) => ({ ...word, start_ms: inside(from), end_ms: inside(Math.max(from, to)) }))
    .sort((a, b) => a.start_ms - b.start_ms);

  return groupsOf(placed).flatMap((group, i, groups) => {
    const next = groups[i + 1]?.[0]?.start_ms ?? durationMs;
    return share(group, next);
  });
}

/** Only a recogniser that stutters makes a longer word than there may be. */
const tidy = (text: string) => cleanText(cleanText(text).slice(0, limits.maxWordLength));

/** Words that begin at the same time, together. */
function groupsOf(words: readonly Word[]): Word[][] {
  const groups: Word[][] = [];
  for (const word of words) {
    const group = groups.at(-1);
    if (group?.[0]?.start_ms === word.start_ms) group.push(word);
    else groups.push([word]);
  }
  return groups;
}

/** A word under this long cannot be read: it is lent time up to the next one. */
const shortestWordMs = 60;

function share(group: readonly Word[], nextStartMs: number): Word[] {
  const start = group[0]?.start_ms ?? 0;
  const wantedEnd = Math.max(...group.map(({ end_ms }) => end_ms), start + shortestWordMs * group.length);
  const room = Math.min(wantedEnd, nextStartMs) - start;
  const letters = group.reduce((sum, { text }) => sum + text.length, 0);
  let before = 0;
  return group.map((word) => {
    const start_ms = start + Math.round((room * before) / letters);
    before += word.text.length;
    return { ...word, start_ms, end_ms: start + Math.round((room * before) / letters) };
  });
}
