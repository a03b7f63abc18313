import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { chooseEngine, type EnginePreference, type Engines } from "./choose.ts";
import type { SpeechEngine } from "./engine.ts";

const engine = (name: SpeechEngine["name"]): SpeechEngine => ({ name, model: "m", recognise: () => assert.fail("not asked") });
const groq = engine("groq");
const local = engine("local");

describe("the engine for a language", () => {
  const cases: [language: string, has: Engines, preference: EnginePreference, then: string][] = [
    ["pt", { groq, local }, "auto", "groq"],
    ["en", { groq, local }, "auto", "groq"],
    ["auto", { groq, local }, "auto", "groq"],
    ["en", { local }, "auto", "local"],
    ["auto", { local }, "auto", "local"],
    ["pt", { local }, "auto", "language_needs_groq"],
    ["en", { groq, local }, "local", "local"],
    ["pt", { groq, local }, "local", "language_needs_groq"],
    ["en", { local }, "groq", "speech_engine_misconfigured"],
    ["en", { groq }, "local", "speech_engine_misconfigured"],
    ["en", {}, "auto", "speech_engine_misconfigured"],
  ];
  for (const [language, has, preference, then] of cases) {
    const engines = Object.keys(has).join(" and ") || "nothing";
    it(`given ${engines} and preference ${preference}, when the language is ${language}, then it is ${then}`, () => {
      if (then === "groq" || then === "local") assert.equal(chooseEngine(language, has, preference).name, then);
      else assert.throws(() => chooseEngine(language, has, preference), { code: then });
    });
  }

  it("names the language in full", () => {
    assert.throws(() => chooseEngine("pt", { local }), { params: { language: "Portuguese" } });
  });
});
