import { safeArea } from "@viralclaw/captions/frame";
import type { Layout, PlacedCue } from "@viralclaw/captions/layout";
import { reachOf } from "@viralclaw/captions/reach";
import { spaceBetweenWords } from "@viralclaw/contracts/languages";
import { type Finding, type Legibility, legibilityLimits } from "@viralclaw/contracts/report";
import type { Style } from "@viralclaw/contracts/style";
import type { Transcript } from "@viralclaw/contracts/transcript";

/** What may be hard to read or wrong in captions as they were laid out, each with its time. Pure. */
export function legibilityOf(
  layout: Layout,
  style: Style,
  { words, language, timing_source, not_heard = [] }: Transcript,
): Legibility {
  const area = safeArea(layout.frame);
  const space = spaceBetweenWords(language);
  const cues = layout.cues.map((cue) => {
    const text = cue.words.map((word) => word.text).join(space);
    const reach = reachOf(cue, style);
    const room = Math.min(reach.left - area.left, area.right - reach.right, reach.top - area.top, area.bottom - reach.bottom);
    return { cue, text, characters: [...text].length, seconds: (cue.endMs - cue.startMs) / 1000, room };
  });
  const total = (of: "characters" | "seconds") => cues.reduce((sum, cue) => sum + cue[of], 0);
  const findings = [
    ...cues.flatMap(({ cue, text, characters, seconds, room }): Finding[] => {
      const seen = { ...whenOf(cue), text };
      const found: Finding[] = [];
      const speed = characters / seconds;
      if (speed > legibilityLimits.max_characters_per_second)
        found.push({ kind: "reads_too_fast", ...seen, characters_per_second: round(speed) });
      if (seconds * 1000 < legibilityLimits.min_cue_ms)
        found.push({ kind: "cue_too_short", ...seen, lasts_ms: Math.round(seconds * 1000) });
      // Half a pixel is rounding.
      if (room < -0.5) found.push({ kind: "outside_safe_zone", ...seen, by_px: round(-room) });
      if (cue.emPx < layout.emPx) found.push({ kind: "drawn_smaller", ...seen, scale: round(cue.emPx / layout.emPx) });
      return found;
    }),
    ...layout.found.fallbacks.map(
      ({ text, word, font, atMs }): Finding => ({ kind: "other_font", ...during(layout, atMs), text, word, font }),
    ),
    ...layout.found.leftOut.map(
      ({ text, word, reason, atMs }): Finding => ({ kind: "left_out", ...during(layout, atMs), text, word, reason }),
    ),
    ...words
      .filter(({ confidence }) => timing_source === "recognised" && confidence < legibilityLimits.min_confidence)
      .map(
        ({ text, start_ms, end_ms, confidence }): Finding => ({
          ...{ kind: "low_confidence", at_ms: start_ms, until_ms: end_ms },
          ...{ text, confidence: round(confidence) },
        }),
      ),
    ...not_heard.map((words): Finding => ({ kind: "not_heard", ...words })),
  ];
  return {
    limits: legibilityLimits,
    average_characters_per_second: round(total("characters") / (total("seconds") || 1)),
    safe_zone: { left: round(area.left), top: round(area.top), right: round(area.right), bottom: round(area.bottom) },
    closest_to_edge_px: cues.length > 0 ? round(Math.min(...cues.map(({ room }) => room))) : null,
    findings: findings.sort((a, b) => a.at_ms - b.at_ms),
  };
}

const whenOf = ({ startMs, endMs }: PlacedCue) => ({ at_ms: Math.round(startMs), until_ms: Math.round(endMs) });

/** While the cue that begins at or before that moment is shown. */
function during({ cues }: Layout, atMs: number) {
  const cue = cues.findLast(({ startMs }) => startMs <= atMs);
  return cue ? whenOf(cue) : { at_ms: Math.round(atMs), until_ms: Math.round(atMs) };
}

const round = (value: number) => Math.round(value * 100) / 100;
