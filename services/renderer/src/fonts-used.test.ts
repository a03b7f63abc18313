import assert from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { assScript } from "@viralclaw/captions/ass";
import { openFont } from "@viralclaw/captions/fonts";
import { layOut } from "@viralclaw/captions/layout";
import { styles } from "@viralclaw/captions/styles";
import { DeclaredError } from "@viralclaw/contracts/errors";
import { probe } from "@viralclaw/media/probe";
import { makeClip, temporaryFolder } from "@viralclaw/media/testing";
import { burnIn } from "./burn-in.ts";
import { watchFonts } from "./fonts-used.ts";
import { pictureOf } from "./picture.ts";
import { captioned, said } from "./testing/captioned.ts";
import { picture, quickH264 } from "./testing/clips.ts";

const { signal } = new AbortController();
const font = openFont(styles.hormozi.font);

test("ffmpeg draws happily without the style's font; the render does not", async () => {
  await using folder = await temporaryFolder();
  const source = await makeClip(join(folder.dir, "in.mp4"), ...picture({ seconds: 1 }), ...quickH264);
  const media = await probe(source, { signal });
  const plan = pictureOf(media);
  const layout = layOut(said("STOP", 0.1, 0.9), { style: styles.hormozi, frame: plan.frame, language: "en", endMs: plan.endMs });
  await mkdir(join(folder.dir, "fonts"));
  await writeFile(join(folder.dir, "captions.ass"), assScript(layout, { style: styles.hormozi, snap: (ms) => ms / 10 }));
  const fonts = watchFonts([font]);

  const burn = { dir: folder.dir, source, media, picture: plan, encoder: { filters: [], arguments: quickH264 } };
  await burnIn(burn, join(folder.dir, "out.mp4"), { threads: 1, signal, fonts, onProgress: () => {} });

  assert.throws(
    () => fonts.check(),
    (error) => error instanceof DeclaredError && error.code === "font_missing" && error.params.font === "Montserrat Black",
  );
});

test("what the style's font lacks is drawn in a named one or as a picture, what nothing has is left out: the report says which, where and when", async () => {
  await using folder = await temporaryFolder();
  const source = await makeClip(join(folder.dir, "in.mp4"), ...picture({ seconds: 1 }), ...quickH264);

  const { report, script } = await captioned(folder.dir, source, {
    words: said("ΩMEGA", 0.1, "日本🔥", 0.3, "\u{12000}", 0.7, 0.9),
  });

  const { fonts, fallbacks, emoji, left_out, stray_fonts } = report.captions;
  assert.deepEqual(fonts, ["Montserrat Black", "Noto Sans SC Black"]);
  assert.deepEqual(fallbacks, [{ font: "Noto Sans SC Black", text: "日本", word: "日本🔥", at_ms: 300 }]);
  assert.deepEqual(emoji, [{ text: "🔥", at_ms: 300 }]);
  assert.deepEqual(left_out, [{ text: "\u{12000}", word: "\u{12000}", at_ms: 700, reason: "no_font" }]);
  assert.deepEqual(stray_fonts, []);
  assert.ok(!script.includes("\u{12000}"));
});

test("libass takes no font of its own for signs, numbers and emoji among letters that are read from right to left", async () => {
  await using folder = await temporaryFolder();
  const source = await makeClip(join(folder.dir, "in.mp4"), ...picture({ seconds: 2 }), ...quickH264);
  const words = said(
    "مرحبا",
    0.1,
    "50%",
    0.3,
    "(iPhone)",
    0.5,
    "🔥…",
    0.7,
    "?!",
    0.9,
    "ב-YouTube,",
    1.1,
    "❤️نعم🔥",
    1.3,
    "[15]",
    1.5,
    1.7,
  );

  for (const style of ["hormozi", "classic-subtitle"]) {
    const { report } = await captioned(folder.dir, source, { words, style });
    assert.deepEqual(report.captions.stray_fonts, [], style);
  }
});

test("the font is told by the PostScript name in libass's own words", () => {
  const line = (got: string) => `[Parsed_ass_1 @ 0x5592] [verbose] fontselect: (Montserrat Black, 400, 0) -> ${got}`;
  const found = watchFonts([font]);
  for (const got of ["Montserrat-Black, 0, Montserrat-Black", "/usr/share/fonts/a, b.ttf, 0, DejaVuSans"])
    found.onLogLine(line(got));
  assert.doesNotThrow(() => found.check());
  assert.deepEqual(found.strays(), ["DejaVuSans"]);

  const silent = watchFonts([font]);
  silent.onLogLine("[Parsed_ass_1 @ 0x5592] [verbose] fontselect: (Arial, 400, 0) -> Montserrat-Black, 0, Montserrat-Black");
  assert.throws(() => silent.check());
});

test("a fallback font that was asked for must have been found; one never drawn on a frame was not asked for", () => {
  const other = { fullName: "Noto Sans SC Black", postscriptName: "NotoSansSC-Black" };
  const line = (asked: string, got: string) => `[Parsed_ass_1 @ 0x5592] [verbose] fontselect: (${asked}, 400, 0) -> x, 0, ${got}`;
  const found = watchFonts([font, other]);
  found.onLogLine(line("Montserrat Black", "Montserrat-Black"));
  assert.doesNotThrow(() => found.check());
  found.onLogLine(line("Noto Sans SC Black", "DejaVuSans"));
  assert.throws(
    () => found.check(),
    (error) => error instanceof DeclaredError && error.params.font === "Noto Sans SC Black",
  );
});
