import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { parseSrt, writeSrt } from "./srt.ts";
import type { Subtitle } from "./subtitles.ts";
import { parseVtt, writeVtt } from "./vtt.ts";

const two: Subtitle[] = [
  { startMs: 0, endMs: 1500, lines: ["Então, você", "não precisa & <b> de sorte"] },
  { startMs: 3_723_004, endMs: 3_725_678, lines: ["--> end"] },
];

test("SRT is numbered, has a comma in its times and escapes nothing", () => {
  assert.equal(
    writeSrt(two),
    "1\n00:00:00,000 --> 00:00:01,500\nEntão, você\nnão precisa & <b> de sorte\n\n2\n01:02:03,004 --> 01:02:05,678\n--> end\n",
  );
});

test("WebVTT has a header, a point in its times and escapes markup", () => {
  assert.equal(
    writeVtt(two),
    "WEBVTT\n\n00:00:00.000 --> 00:00:01.500\nEntão, você\nnão precisa &amp; &lt;b&gt; de sorte\n\n01:02:03.004 --> 01:02:05.678\n--&gt; end\n",
  );
});

test("SRT is read as people write it", () => {
  assert.deepEqual(
    parseSrt(
      "\ufeff1\r\n00:00:01,000 --> 00:00:02,000\r\nhello\r\nthere\r\n\r\n\r\n00:00:03.000 --> 00:00:04.000\nno number\n\nnoise\n",
    ),
    [
      { startMs: 1000, endMs: 2000, lines: ["hello", "there"] },
      { startMs: 3000, endMs: 4000, lines: ["no number"] },
    ],
  );
});

test("WebVTT is read without its notes, settings and markup", () => {
  const file = "WEBVTT - title\n\nNOTE nothing\n\nintro\n00:01.000 --> 00:02.000 align:start\n<v Ana>hi &amp; <i>bye</i>\n";
  assert.deepEqual(parseVtt(file), [{ startMs: 1000, endMs: 2000, lines: ["hi & bye"] }]);
  assert.throws(() => parseVtt("1\n00:00:01,000 --> 00:00:02,000\nan srt\n"), /begins with WEBVTT/);
});

const line = fc
  .string({ minLength: 1, maxLength: 50, unit: "grapheme" })
  .filter((text) => text.trim() !== "" && !/[\r\n]/.test(text));
const time = fc.nat(99 * 3_600_000);
const subtitle = fc.record(
  { startMs: time, endMs: time, lines: fc.array(line, { minLength: 1, maxLength: 2 }) },
  { noNullPrototype: true },
);
const subtitles = fc.array(subtitle, { maxLength: 10 });

test("what is written as SRT is read as it was", () => {
  fc.assert(fc.property(subtitles, (given) => assert.deepEqual(parseSrt(writeSrt(given)), given)));
});

test("what is written as WebVTT is read as it was", () => {
  fc.assert(fc.property(subtitles, (given) => assert.deepEqual(parseVtt(writeVtt(given)), given)));
});
