import assert from "node:assert/strict";
import { test } from "node:test";
import type { Word } from "@viralclaw/contracts/transcript";
import { spellNames } from "./glossary.ts";
import { lexiconOf } from "./lexicon.ts";

/** Words of 300 ms each, 50 ms apart. */
const said = (text: string): Word[] =>
  text.split(" ").map((word, i) => ({ text: word, start_ms: i * 350, end_ms: i * 350 + 300, confidence: 0.9 - i / 100 }));

const glossary = [
  "ViralClaw",
  "OpenClaw",
  "ChatGPT",
  "Vercel",
  "Kubernetes",
  "Notion",
  "iPhone",
  "Nowhere",
  "San Francisco",
  "Claude",
  "Magalu",
];
const spelt = (text: string, language = "en") =>
  spellNames(said(text), glossary, lexiconOf(language))
    .map((word) => word.text)
    .join(" ");

const heardAs: [heard: string, spelt: string, language?: string][] = [
  ["I use viral claw every day", "I use ViralClaw every day"],
  ["Viral Claw, and open claw.", "ViralClaw, and OpenClaw."],
  ["(viral-claw) openclaw's best", "(ViralClaw) OpenClaw's best"],
  ["with vyral claw or viral clau", "with ViralClaw or ViralClaw"],
  ["ask chat g p t or Chat GPT now", "ask ChatGPT or ChatGPT now"],
  ["deploy on versel with cubernetes", "deploy on Vercel with Kubernetes"],
  ["my iphone in sanfrancisco", "my iPhone in San Francisco"],
  ["uso o viral claw e a magalu", "uso o ViralClaw e a Magalu", "pt"],
  ["gosto da Versel e do Kubernetis", "gosto da Vercel e do Kubernetes", "pt"],
];
for (const [heard, wanted, language] of heardAs)
  test(`"${heard}" is spelt "${wanted}"`, () => assert.equal(spelt(heard, language), wanted));

const left: [heard: string, language?: string][] = [
  ["the viral clause of an open clause"],
  ["a viral, claw shaped thing"],
  ["an open claim that goes viral"],
  ["the notion of it is now here"],
  ["a parcel in the cloud is vertical"],
  ["the viral claim and open call"],
  ["um parcel verbal na nuvem e o cloud", "pt"],
  ["Versel é bom", "pt"],
];
for (const [heard, language] of left) test(`"${heard}" stays as it is`, () => assert.equal(spelt(heard, language), heard));

test("words that become one name keep the time of both, and the doubt of the worse", () => {
  const [, , name, next] = spellNames(said("I use viral claw here"), ["ViralClaw"], lexiconOf("en"));
  assert.deepEqual(name, { text: "ViralClaw", start_ms: 700, end_ms: 1350, confidence: 0.87 });
  assert.equal(next?.start_ms, 1400);
});

test("a word that becomes several shares its time among them by their length", () => {
  const [, city, second] = spellNames(said("in sanfrancisco"), ["San Francisco"], lexiconOf("en"));
  assert.deepEqual([city?.start_ms, city?.end_ms, second?.start_ms, second?.end_ms], [350, 425, 425, 650]);
});

test("a silence parts what would be a name", () => {
  const words = said("viral claw").map((word, i) => ({
    ...word,
    start_ms: word.start_ms + i * 900,
    end_ms: word.end_ms + i * 900,
  }));
  assert.deepEqual(
    spellNames(words, ["ViralClaw"], lexiconOf("en")).map(({ text }) => text),
    ["viral", "claw"],
  );
});

test("of a thousand ordinary sentences' words none becomes a name", () => {
  const ordinary =
    "stop posting every single day and start making videos that people actually want to finish because attention is the most valuable asset of the century and clear communication together with quick action is how it is earned so open the door call the cloud a vertical parcel cleaner glue iron phone a friend in a clever vessel cuban nets never claw the rival";
  assert.equal(spelt(ordinary), ordinary);
});
