import assert from "node:assert/strict";
import { test } from "node:test";
import { layOut } from "@viralclaw/captions/layout";
import { styles } from "@viralclaw/captions/styles";
import { type Finding, Legibility } from "@viralclaw/contracts/report";
import type { Transcript, Word } from "@viralclaw/contracts/transcript";
import { legibilityOf } from "./legibility.ts";

const frame = { width: 1080, height: 1920 };
const style = styles.minimal;

function found(words: Word[], change: Partial<Transcript> = {}) {
  const transcript: Transcript = {
    ...{ version: 1, language: "en", engine: "local", model: "m", timing_source: "recognised", duration_ms: 20_000 },
    ...{ text: "", words, ...change },
  };
  const layout = layOut(words, { style, frame, language: "en", endMs: 20_000 });
  return Legibility.parse(legibilityOf(layout, style, transcript));
}
const word = (text: string, start_ms: number, end_ms: number, confidence = 1): Word => ({ text, start_ms, end_ms, confidence });
const kinds = ({ findings }: { findings: Finding[] }) => findings.map(({ kind, at_ms }) => `${kind} ${at_ms}`);

test("what is easily read is not remarked on, and lies in the safe zone", () => {
  const easy = found([word("Take", 1000, 1500), word("your", 1500, 2000), word("time.", 2000, 3000)]);
  assert.deepEqual(easy.findings, []);
  assert.ok((easy.closest_to_edge_px ?? -1) >= 0);
  assert.equal(easy.average_characters_per_second, 6);
});

test("a cue that is read too fast is named with its time and speed", () => {
  const fast = found([word("Extraordinarily", 1000, 1250), word("incomprehensible.", 1250, 1500), word("So.", 1900, 4000)]);
  assert.deepEqual(kinds(fast), ["reads_too_fast 1000"]);
  const [finding] = fast.findings;
  assert.ok(finding?.kind === "reads_too_fast");
  assert.deepEqual(
    [finding.until_ms, finding.text, finding.characters_per_second],
    [1900, "Extraordinarily incomprehensible.", 36.67],
  );
});

test("a cue under five sixths of a second is too short", () => {
  assert.deepEqual(kinds(found([word("No.", 1000, 1300), word("Go.", 1500, 4000)])), ["cue_too_short 1000"]);
});

test("a word hardly understood is named, if it was recognised", () => {
  const words = [word("Mumble", 1000, 1600, 0.31), word("clearly.", 1600, 3000)];
  assert.deepEqual(found(words).findings, [
    { kind: "low_confidence", at_ms: 1000, until_ms: 1600, text: "Mumble", confidence: 0.31 },
  ]);
  assert.deepEqual(found(words, { timing_source: "customer" }).findings, []);
});

test("words of the customer's that nobody was heard to say are named, whether they are shown or not", () => {
  const not_heard = [{ text: "[music]", at_ms: 1500, until_ms: 1600, shown: true }, { text: "cut from it", at_ms: 3000, until_ms: 3000, shown: false }]; // biome-ignore format: one line
  const words = [word("Take", 1000, 1500), word("[music]", 1500, 1600), word("time.", 1600, 3000)];
  assert.deepEqual(
    found(words, { timing_source: "aligned", not_heard }).findings,
    not_heard.map((words) => ({ kind: "not_heard", ...words })),
  );
});

test("what another font draws, and a word that had to shrink, are named while they are seen", () => {
  assert.deepEqual(kinds(found([word("שלום", 1000, 3000)])), ["other_font 1000"]);
  assert.deepEqual(kinds(found([word("W".repeat(80), 1000, 9000)])), ["drawn_smaller 1000"]);
});
