import assert from "node:assert/strict";
import { test } from "node:test";
import { languageNames } from "@viralclaw/contracts/languages";
import { openFont } from "./fonts.ts";
import { measure } from "./measure.ts";
import { runsOf } from "./runs.ts";
import { families, hanOf } from "./scripts.ts";

const [heavy, light, tall] = [
  { family: "Montserrat", weight: 900 },
  { family: "Inter", weight: 400 },
  { family: "Anton", weight: 400 },
].map(openFont) as [ReturnType<typeof openFont>, ReturnType<typeof openFont>, ReturnType<typeof openFont>];

/** The runs of a word, as text and font or picture. */
const seen = (word: string, style = heavy, language = "en") =>
  runsOf(word, style, hanOf(language, word)).runs.map((run) => `${run.text} ${"font" in run ? run.font.fullName : run.emoji}`);

test("a word stays in the style's font where that has it all", () => {
  assert.deepEqual(seen("coração?"), ["coração? Montserrat Black"]);
  assert.deepEqual(seen("привет"), ["привет Montserrat Black"]);
});

test("other scripts are drawn in a font of their own, as heavy as the style's", () => {
  assert.deepEqual(seen("नमस्ते"), ["नमस्ते Noto Sans Devanagari Black"]);
  assert.deepEqual(seen("नमस्ते", light), ["नमस्ते Noto Sans Devanagari Regular"]);
  assert.deepEqual(seen("こんにちは", tall), ["こんにちは Noto Sans JP Black"]);
});

test("a word with one letter that the style lacks is drawn whole in the other font, not patched", () => {
  const [run, ...others] = seen("wa\u0273a", tall);
  assert.ok(run?.endsWith("Noto Sans Black") && others.length === 0, run);
});

test("punctuation and joiners stay with the letters beside them, digits with the style", () => {
  assert.deepEqual(seen("«مرحبا»؟"), ["«مرحبا»؟ Noto Sans Arabic Black"]);
  assert.deepEqual(seen("می\u200cخواهم."), ["می\u200cخواهم. Noto Sans Arabic Black"]);
  assert.deepEqual(seen("10年"), ["10 Montserrat Black", "年 Noto Sans SC Black"]);
  assert.deepEqual(seen("YouTubeの"), ["YouTube Montserrat Black", "の Noto Sans JP Black"]);
});

test("ideographs have the forms of the language, else of the kana or hangul beside them, else of their own standard", () => {
  const han = (language: string, text: string) => hanOf(language, text).slice(-2);
  assert.deepEqual(
    [
      han("ja", "直"),
      han("ko", "直"),
      han("zh", "让频道"),
      han("zh", "讓頻道"),
      han("yue", "直"),
      han("en", "直した"),
      han("en", "直"),
    ],
    ["JP", "KR", "SC", "TC", "TC", "JP", "SC"],
  );
});

test("emoji are pictures; signs are text unless no font has them", () => {
  assert.deepEqual(seen("go🔥🇧🇷"), ["go Montserrat Black", "🔥 1f525.svg", "🇧🇷 1f1e7-1f1f7.svg"]);
  assert.deepEqual(seen("™❤️"), ["™ Montserrat Black", "❤️ 2764.svg"]);
  assert.deepEqual(seen("♪→"), ["♪→ Noto Sans Symbols Black"]);
  assert.deepEqual(seen("☎\uFE0E"), ["☎ Noto Sans Symbols 2 Regular"]);
});

test("what no font has is left out and named, the rest of the word stays", () => {
  const { runs, missing } = runsOf("a\u{12000}b\u{E0FFF}", heavy, "Noto Sans SC");
  assert.deepEqual([runs.map(({ text }) => text), missing], [["ab"], ["\u{12000}"]]);
});

test("no glyph is missing in any run of any script, letter by letter", () => {
  for (const script of Object.keys(families)) {
    const letters = new RegExp(`^\\p{Script=${script}}$`, "u");
    let count = 0;
    for (let code = 0x21; code < 0x3100 && count < 60; code += 3) {
      const letter = String.fromCodePoint(code);
      if (!letters.test(letter) || !/\p{L}/u.test(letter)) continue;
      count++;
      for (const run of runsOf(letter, tall, "Noto Sans JP").runs)
        if ("font" in run) assert.ok(measure(run.font, run.text).missing.length === 0, letter);
    }
  }
});

test("every language that can be recognised has its script", () => {
  const missing = Object.keys(languageNames).filter((code) => {
    const { script = "" } = new Intl.Locale(code).maximize();
    const scripts = ({ Jpan: ["Hira", "Hani"], Kore: ["Hang"], Hans: ["Hani"], Hant: ["Hani"] } as Record<string, string[]>)[
      script
    ];
    return !(scripts ?? [script]).every((own) => own in families);
  });
  assert.deepEqual(missing, []);
});
