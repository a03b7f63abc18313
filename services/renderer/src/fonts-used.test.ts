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
  const fonts = watchFonts(font);

  const burn = { dir: folder.dir, source, result: join(folder.dir, "out.mp4"), media, picture: plan };
  await burnIn(burn, { threads: 1, signal, fonts, onProgress: () => {} });

  assert.throws(
    () => fonts.check(),
    (error) => error instanceof DeclaredError && error.code === "font_missing" && error.params.font === "Montserrat Black",
  );
});

test("a character that the font lacks does not stop the render, and the report names it", async () => {
  await using folder = await temporaryFolder();
  const source = await makeClip(join(folder.dir, "in.mp4"), ...picture({ seconds: 1 }), ...quickH264);

  const { report } = await captioned(folder.dir, source, { words: said("ΩMEGA", 0.1, "ﷺ", 0.5, 0.9) });

  assert.deepEqual(report.captions.missing_characters, ["ﷺ"]);
});

test("the font is told by the PostScript name in libass's own words", () => {
  const line = (got: string) => `[Parsed_ass_1 @ 0x5592] [verbose] fontselect: (Montserrat Black, 400, 0) -> ${got}`;
  const found = watchFonts(font);
  for (const got of ["Montserrat-Black, 0, Montserrat-Black", "/usr/share/fonts/a, b.ttf, 0, DejaVuSans"])
    found.onLogLine(line(got));
  assert.doesNotThrow(() => found.check());
  assert.deepEqual(found.fallbacks(), ["DejaVuSans"]);

  const silent = watchFonts(font);
  silent.onLogLine("[Parsed_ass_1 @ 0x5592] [verbose] fontselect: (Arial, 400, 0) -> Montserrat-Black, 0, Montserrat-Black");
  assert.throws(() => silent.check());
});
