import assert from "node:assert/strict";
import { test } from "node:test";
import { peakOf } from "@viralclaw/contracts/style";
import type { Word } from "@viralclaw/contracts/transcript";
import fc from "fast-check";
import { type Layout, layOut } from "./layout.ts";
import { anyOverrides } from "./overrides.fixture.ts";
import { reachOf } from "./reach.ts";
import { styleIds, styleOf, styles } from "./styles.ts";
import { reading, subtitlesOf } from "./subtitles.ts";
import { assertInside, transcriptOf } from "./testing.ts";
import { shownWords } from "./words.ts";

/** What holds whatever is said, in any style, on any frame. */

const wordText = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.constantFrom("so", "here", "is", "the", "ONE", "thing,", "nobody", "tells", "você", "coração.", "não?", "it's"),
  },
  { weight: 1, arbitrary: fc.stringMatching(/^[a-zA-Z]{20,60}$/) },
  { weight: 2, arbitrary: fc.string({ minLength: 1, maxLength: 12 }) },
);

/** Up to 40 words with any text, touching, apart or at the same time, within about a minute. */
const anyWords: fc.Arbitrary<Word[]> = fc
  .array(
    fc.record({ text: wordText, gapMs: fc.nat(1500), lengthMs: fc.nat(900), emoji: fc.constantFrom(undefined, undefined, "🔥") }),
    {
      maxLength: 40,
    },
  )
  .map((parts) => {
    let at = 0;
    return parts.map(({ text, gapMs, lengthMs, emoji }) => {
      const word = { ...{ text, emoji }, start_ms: at + gapMs, end_ms: at + gapMs + lengthMs, confidence: 1 };
      at = word.end_ms;
      return word;
    });
  });

/** Any style, half of the time with anything of it overridden. */
const anyStyle = fc.tuple(fc.constantFrom(...styleIds), fc.option(anyOverrides)).map(([id, overrides]) => styleOf(id, overrides));

const anyFrame = fc.record({ width: fc.integer({ min: 64, max: 4096 }), height: fc.integer({ min: 64, max: 4096 }) });

test("shown words are in order, do not overlap, are never empty and never outlive the video", () => {
  fc.assert(
    fc.property(anyWords, fc.integer({ min: 1, max: 70_000 }), fc.constantFrom("hormozi", "minimal"), (words, endMs, id) => {
      const shown = shownWords(words, { style: styles[id], language: "en", endMs });
      for (const [index, { text, startMs, endMs: ends }] of shown.entries()) {
        assert.notEqual(text, "");
        assert.doesNotMatch(text, /[{}\\\n\r]/);
        assert.ok(0 <= startMs && startMs < ends && ends <= (shown[index + 1]?.startMs ?? endMs), `${startMs} to ${ends}`);
      }
    }),
  );
});

test("on any frame, with any words, in any style however it is overridden: inside the frame, never two cues at once, never after the end, every word once", () => {
  fc.assert(
    fc.property(anyWords, anyFrame, anyStyle, fc.integer({ min: 500, max: 70_000 }), (words, frame, style, endMs) => {
      const layout = layOut(words, { style, frame, language: "en", endMs });
      for (const cue of layout.cues)
        assertInside(reachOf(cue, style), { left: 0, top: 0, right: frame.width, bottom: frame.height });
      assertOrdered(layout, endMs);
      const shown = shownWords(words, { style, language: "en", endMs }).map(({ text }) => text);
      assert.deepEqual(
        layout.cues.flatMap((cue) => cue.words.map(({ text }) => text)),
        shown,
      );
    }),
    { numRuns: 200 },
  );
});

test("a word that grows touches no other word", () => {
  fc.assert(
    fc.property(anyWords, anyFrame, anyStyle, (words, frame, style) => {
      const peak = peakOf(style);
      for (const { words: placed } of layOut(words, { style, frame, language: "en", endMs: 60_000 }).cues) {
        for (const [index, a] of placed.entries()) {
          const b = placed[index + 1];
          if (!b || b.footY !== a.footY) continue;
          const [left, right] = a.x < b.x ? [a, b] : [b, a];
          const grown = Math.max((left.width * peak) / 2 + right.width / 2, left.width / 2 + (right.width * peak) / 2);
          assert.ok(right.x - left.x > grown);
        }
      }
    }),
  );
});

test("with any words: in order, no overlap, inside the video, two lines at most, none too long that could be broken", () => {
  fc.assert(
    fc.property(anyWords, fc.integer({ min: 500, max: 70_000 }), (words, duration_ms) => {
      const subtitles = subtitlesOf(transcriptOf(words, { duration_ms }));
      for (const [index, { startMs, endMs, lines }] of subtitles.entries()) {
        assert.ok(Number.isInteger(startMs) && Number.isInteger(endMs));
        assert.ok(startMs <= endMs && endMs <= (subtitles[index + 1]?.startMs ?? duration_ms));
        assert.ok(lines.length >= 1 && lines.length <= reading.maxLines);
        for (const line of lines) assert.ok(line !== "" && (line.length <= reading.maxLineLength || !line.includes(" ")));
      }
    }),
  );
});

function assertOrdered({ cues }: Layout, endMs: number): void {
  for (const [index, cue] of cues.entries()) {
    assert.ok(0 <= cue.startMs && cue.startMs < cue.endMs && cue.endMs <= (cues[index + 1]?.startMs ?? endMs));
    assert.equal(cue.words[0]?.litFromMs, cue.startMs);
    assert.equal(cue.words.at(-1)?.litToMs, cue.endMs);
    for (const [i, { litFromMs, litToMs }] of cue.words.entries()) {
      assert.ok(litFromMs < litToMs);
      assert.equal(litToMs, cue.words[i + 1]?.litFromMs ?? cue.endMs);
    }
  }
}
