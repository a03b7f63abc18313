import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, it } from "node:test";
import { promisify } from "node:util";
import { safeArea } from "@viralclaw/captions/frame";
import { srtLine, writeSrt } from "@viralclaw/captions/srt";
import { subtitlesOf } from "@viralclaw/captions/subtitles";
import { writeVtt } from "@viralclaw/captions/vtt";
import { Transcript, type Word } from "@viralclaw/contracts/transcript";
import { makeClip, temporaryFolder } from "@viralclaw/media/testing";
import { captioned } from "./testing/captioned.ts";
import { picture, pixelsOf, places, quickH264 } from "./testing/clips.ts";

/**
 * Words that are commands to somebody: to libass, to ffmpeg's filters, to players that read SRT and WebVTT, to web pages. A
 * recogniser may answer anything. ffmpeg itself reads back what was written, as a player would.
 */
const hostileTexts = {
  "a drawing": "{\\p1}m 0 0 l 9999 0 9999 9999 0 9999{\\p0}",
  "a place and a size": "{\\an7\\pos(0,0)\\fs999\\fscx9999}big",
  "half a command": "{\\1c&H00FF00&",
  "the other half": "}{",
  "a font": "{\\fnEvil\\b900}font",
  "line breaks of ASS": "one\\Ntwo\\nthree\\hfour",
  "a new event": "x\nDialogue: 9,0:00:00.00,0:09:00.00,Active,,0,0,0,,y",
  "a new section": "x\r\n\r\n[Fonts]\r\nfontname: evil.ttf",
  "a filter": "',drawtext=textfile=/etc/passwd;[0:v]movie=/etc/passwd:s=1 %{metadata:x}",
  "a new cue": "x\n\n9\n00:00:00,000 --> 00:09:00,000\ny",
  "a cue's times": "00:00:00.000 --> 00:09:00.000",
  markup: "<script>alert(1)</script><v Evil><c.red>&lt;b&gt;",
  "bidi controls": "\u202eabc\u202c\u2066def\u2069\u200f",
  "nothing to be seen": "\u200b\u200d\ufeff\u00ad\u2060",
  "control characters": "\u0000\u0007\u001b[31mred\u0085\u2028\u2029",
  "half a character": "a\ud83d",
  "a tower of marks": `o${"\u0301\u0323".repeat(99)}`,
  "a font of its own and room for a picture": "{\\fnEvil}日本{\\p1}m 0 0 l 9 9{\\p0}🔥",
  "scripts mixed with commands": "مرحبا{\\pos(0,0)}שלום\\N🇧🇷{\\r}नमस्ते",
  "a very long word": "W".repeat(200),
};
const said = (texts: readonly string[], stepMs: number): Word[] =>
  texts.map((text, i) => ({
    text: text.slice(0, 200),
    start_ms: 100 + i * stepMs,
    end_ms: 90 + (i + 1) * stepMs,
    confidence: 1,
  }));

describe("burned-in captions", { concurrency: 2 }, () => {
  for (const style of ["hormozi", "tiktok", "marca-texto", "cordel"]) {
    it(`given hostile words in the style ${style}, then they are drawn as words, where words are drawn`, async () => {
      await using folder = await temporaryFolder();
      const source = await makeClip(join(folder.dir, "in.mp4"), ...picture({ seconds: 2.5, rate: "10" }), ...quickH264);

      const { video, script } = await captioned(folder.dir, source, { words: said(Object.values(hostileTexts), 100), style });

      const events = script.split("\n").filter((line) => line.startsWith("Dialogue:"));
      // One block of tags in front; behind it only a change of font, and room for a picture.
      const later = String.raw`\{(?:\\fn[\w ]+)?(?:\\fs[\d.]+)?\}|\{\\bord0\\p4\}m 0 0 l \d+ 0\{\\p0(?:\\bord[\d.]+)?\}`;
      const ours = new RegExp(String.raw`^Dialogue: \d,[\d:.]+,[\d:.]+,\w+,,0,0,0,,\{[^{}]*\}(?:[^{}\\]|${later})*$`);
      for (const event of events) assert.match(event, ours);
      assert.deepEqual(script.match(/^\[.*\]/gm), ["[Script Info]", "[V4+ Styles]", "[Events]"]);
      const size = { width: 180, height: 320 };
      const pixels = await pixelsOf(video, size);
      const { left, top, right, bottom } = safeArea(size);
      for (const frame of pixels.frames.keys()) {
        const drawn = places(pixels, frame, (rgb) => Math.max(...rgb) > 60);
        const outside = drawn.filter(([x, y]) => x < left - 1 || y < top - 1 || x > right || y > bottom);
        assert.deepEqual(outside, [], `frame ${frame}`);
      }
    });
  }
});

/** As a sentence of its own, so that a subtitle begins with it. */
const subtitlesWith = (text: string) =>
  subtitlesOf(
    Transcript.parse({
      ...{ version: 1, language: "en", engine: "groq", model: "any", timing_source: "recognised", duration_ms: 20_000, text: "" },
      words: said(["Before.", text, "After."], 5000),
    }),
  );

describe("subtitle files", { concurrency: 3 }, () => {
  for (const [name, text] of Object.entries(hostileTexts)) {
    it(`given ${name}, then a player of WebVTT shows it as text, in a cue of its own`, async () => {
      const subtitles = subtitlesWith(text);
      const cues = await readAsPlayer("vtt", writeVtt(subtitles));
      assert.deepEqual(
        cues,
        subtitles.map(({ lines }) => lines.join("\n")),
      );
    });
  }

  for (const [name, text] of Object.entries(hostileTexts)) {
    it(`given ${name}, then a player of SRT shows it as text, in a cue of its own`, async () => {
      const subtitles = subtitlesWith(text);
      const cues = await readAsPlayer("srt", writeSrt(subtitles));
      assert.deepEqual(
        cues,
        subtitles.map(({ lines }) => lines.map(srtLine).join("\n")),
      );
    });
  }
});

/** The texts of a subtitle file's cues as ffmpeg understands them: what it takes for markup is not among them, or is in braces. */
async function readAsPlayer(format: "srt" | "vtt", file: string): Promise<string[]> {
  await using folder = await temporaryFolder();
  const path = join(folder.dir, `in.${format}`);
  await writeFile(path, file);
  const { stdout } = await promisify(execFile)("ffmpeg", ["-v", "error", "-i", path, "-f", "ass", "-"]);
  return stdout.split(/\r?\n/).flatMap((line) => {
    const text = /^Dialogue: (?:[^,]*,){9}(.*)$/.exec(line)?.[1];
    return text === undefined
      ? []
      : text
          .replaceAll("\\N", "\n")
          .replace(/\\([{}])/g, "$1")
          .trim();
  });
}
