import assert from "node:assert/strict";
import { test } from "node:test";
import type { Word } from "@viralclaw/contracts/transcript";
import fc from "fast-check";
import { cleanText } from "./clean.ts";
import { CueFileError, type FileCue } from "./cue-file.ts";
import { parseSrt, srtLine, writeSrt } from "./srt.ts";
import { type Subtitle, subtitlesOf } from "./subtitles.ts";
import { endingByItself, transcriptOf } from "./testing.ts";
import { parseVtt, writeVtt } from "./vtt.ts";

const two: Subtitle[] = [
  { startMs: 0, endMs: 1500, lines: ["Então, você", "não precisa & <b> de sorte"] },
  { startMs: 3_723_004, endMs: 3_725_678, lines: ["--> end"] },
];

test("SRT is numbered, has a comma in its times, and shows as text what players would take for markup", () => {
  assert.equal(
    writeSrt(two),
    "1\n00:00:00,000 --> 00:00:01,500\nEntão, você\nnão precisa & ‹b› de sorte\n\n2\n01:02:03,004 --> 01:02:05,678\n--› end\n",
  );
});

test("WebVTT has a header, a point in its times and escapes markup", () => {
  assert.equal(
    writeVtt(two),
    "WEBVTT\n\n00:00:00.000 --> 00:00:01.500\nEntão, você\nnão precisa &amp; &lt;b&gt; de sorte\n\n01:02:03.004 --> 01:02:05.678\n--&gt; end\n",
  );
});

test("a word that reads like a cue's times, or like a whole cue, is text", () => {
  const hostile = ["00:00:00.000 --> 00:09:00.000", "x\n\n9\n00:00:00,000 --> 00:09:00,000\ny", "{\\an8}<i>a\\Nb</i>"];
  const given = hostile.map((line, i) => ({ startMs: i * 1000, endMs: i * 1000 + 900, lines: [line] }));
  assert.deepEqual(plain(parseSrt(writeSrt(given))), [
    { startMs: 0, endMs: 900, lines: ["00:00:00.000 --› 00:09:00.000"] },
    { startMs: 1000, endMs: 1900, lines: ["x 9 00:00:00,000 --› 00:09:00,000 y"] },
    { startMs: 2000, endMs: 2900, lines: ["(/an8)‹i›a/Nb‹/i›"] },
  ]);
  assert.deepEqual(
    plain(parseVtt(writeVtt(given))).map(({ lines }) => lines),
    [["00:00:00.000 --> 00:09:00.000"], ["x 9 00:00:00,000 --> 00:09:00,000 y"], ["(/an8)<i>a/Nb</i>"]],
  );
});

test("a word of which nothing can be seen makes no subtitle", () => {
  const words = ["\u200b\u2060", "\u202e", "a"].map((text, i) => ({
    ...{ text, confidence: 1 },
    ...{ start_ms: i * 2000, end_ms: i * 2000 + 900 },
  }));
  assert.deepEqual(
    subtitlesOf(transcriptOf(words)).map(({ startMs, lines }) => [startMs, lines]),
    [[4000, ["a"]]],
  );
});

test("SRT is read as people write it", () => {
  const file =
    "\ufeff1\r\n00:00:01,000 --> 00:00:02,000 X1:100\r\n<i>hello</i>\r\n{\\an8}there <3\r\n \r\n\r\n0:03.5 --> 0:04\nno number\n";
  assert.deepEqual(parseSrt(file), [
    { startMs: 1000, endMs: 2000, lines: ["hello", "there <3"], line: 2 },
    { startMs: 3500, endMs: 4000, lines: ["no number"], line: 7 },
  ]);
});

test("WebVTT is read without its notes, settings and markup", () => {
  const file =
    "WEBVTT - title\n\nNOTE nothing\n\nSTYLE\n::cue {}\n\nintro\n00:01.000 --> 00:02.000 align:start\n<v Ana>hi &amp; <i>bye</i>\n";
  assert.deepEqual(parseVtt(file), [{ startMs: 1000, endMs: 2000, lines: ["hi & bye"], line: 9 }]);
});

const broken: [what: string, line: number, file: string, read: (file: string) => unknown][] = [
  ["no times", 5, "1\n00:00:01,000 --> 00:00:02,000\nhello\n\nnoise\n", parseSrt],
  ["times that are none", 2, "1\n00:00:61,000 --> 00:00:02,000\nhello\n", parseSrt],
  ["an end before the start", 2, "1\n00:00:03,000 --> 00:00:02,000\nhello\n", parseSrt],
  [
    "two cues without an empty line",
    5,
    "1\n00:00:01,000 --> 00:00:02,000\nhello\n2\n00:00:02,000 --> 00:00:03,000\nyou\n",
    parseSrt,
  ],
  ["another file than WebVTT", 1, "1\n00:00:01,000 --> 00:00:02,000\nan srt\n", parseVtt],
  ["no file at all", 1, "", parseVtt],
  ["a cue of WebVTT without times", 3, "WEBVTT\n\nhello\nyou\n", parseVtt],
];
for (const [what, line, file, read] of broken) {
  test(`a file with ${what} is refused by its line`, () => {
    assert.throws(
      () => read(file),
      (error) => error instanceof CueFileError && error.line === line,
    );
  });
}

/** Anything, and often what means something to a reader of these files. */
const hostileLine = fc.oneof(
  fc.string({ unit: "grapheme", maxLength: 40 }),
  fc.string({ unit: "binary", maxLength: 20 }),
  fc
    .array(
      fc.constantFrom(
        "\n",
        "\r",
        "\n\n",
        "-->",
        "00:00:01,000",
        "<b>",
        "{\\an8}",
        "&lt;",
        "NOTE",
        "WEBVTT",
        "1",
        " ",
        "x",
        "\ufeff",
      ),
      {
        maxLength: 8,
      },
    )
    .map((parts) => parts.join("")),
);
const subtitles = fc.array(
  fc
    .record({ startMs: fc.nat(99 * 3_600_000), lengthMs: fc.nat(10_000), lines: fc.array(hostileLine, { maxLength: 3 }) })
    .map(({ startMs, lengthMs, lines }): Subtitle => ({ startMs, endMs: startMs + lengthMs, lines })),
  { maxLength: 10 },
);
const plain = (cues: readonly FileCue[]): Subtitle[] => cues.map(({ line: _, ...subtitle }) => subtitle);
/** Subtitles with their lines as a writer shows them. */
const as = (line: (text: string) => string, given: readonly Subtitle[]) =>
  given
    .map((subtitle) => ({ ...subtitle, lines: subtitle.lines.map(line).filter((text) => text !== "") }))
    .filter(({ lines }) => lines.length > 0);

test("whatever is written as SRT is read as it was: as many cues, the same times, the same text in clean letters", () => {
  fc.assert(fc.property(subtitles, (given) => assert.deepEqual(plain(parseSrt(writeSrt(given))), as(srtLine, given))));
});

test("whatever is written as WebVTT is read as it was: as many cues, the same times, the same clean text", () => {
  fc.assert(fc.property(subtitles, (given) => assert.deepEqual(plain(parseVtt(writeVtt(given))), as(cleanText, given))));
});

test("the subtitles of any words are read from SRT and WebVTT as they were written", () => {
  const words = fc.array(fc.record({ text: hostileLine, gapMs: fc.nat(1500), lengthMs: fc.nat(900) }), { maxLength: 30 });
  fc.assert(
    fc.property(words, (parts) => {
      let at = 0;
      const said = parts.map(({ text, gapMs, lengthMs }): Word => {
        at += gapMs + lengthMs;
        return { text, start_ms: at - lengthMs, end_ms: at, confidence: 1 };
      });
      const given = subtitlesOf(transcriptOf(said));
      assert.deepEqual(plain(parseVtt(writeVtt(given))), given);
      assert.deepEqual(plain(parseSrt(writeSrt(given))), as(srtLine, given));
      assert.doesNotMatch(writeSrt(given), /[<{\\\u202a-\u202e\u2066-\u2069]/);
      assert.equal(writeSrt(given).match(/-->/g)?.length ?? 0, given.length);
    }),
  );
});

test("given as many signs that begin a tag as a request may have, and none that ends one, then they are text, and it ends", () => {
  const line = "<".repeat(600_000);
  const [cue] = endingByItself(() => parseVtt(`WEBVTT\n\n00:01.000 --> 00:02.000\n<b>Olá</b> ${line}`));
  assert.deepEqual(cue?.lines, [`Olá ${line}`]);
});
