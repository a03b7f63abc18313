import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { msToSamples } from "./audio.ts";
import type { HeardWord } from "./match.ts";
import { layScript } from "./script.ts";

/** "alpha bravo … hotel", 300 ms each and side by side from 1000 on, but for a pause of 2000 before "echo". */
const said = "alpha bravo charlie delta echo foxtrot golf hotel".split(" ");
const heard: HeardWord[] = said.map((text, i) => ({ text, startMs: startOf(i), endMs: startOf(i) + 300 }));
function startOf(i: number) {
  return 1000 + 300 * i + (i < 4 ? 0 : 2000);
}
const span = (startMs: number, endMs: number) => ({ start: msToSamples(startMs), end: msToSamples(endMs) });
const speech = [span(1000, 2200), span(4200, 5400)];
const lay = (text: string, { words = heard, spans = speech, endMs = 6000 } = {}) =>
  (layScript(text.split(" "), words, spans, endMs) ?? assert.fail("it does not fit")).map(({ startMs, endMs, how }, i) => ({
    text: text.split(" ")[i] ?? "",
    ...{ startMs: Math.round(startMs), endMs: Math.round(endMs), how },
  }));
type Laid = ReturnType<typeof lay>;
const howOf = (laid: Laid, text: string) => laid.find((word) => word.text === text) ?? assert.fail(text);

/** Those that were heard begin where they were heard. */
function assertUnmoved(laid: Laid) {
  for (const { text, startMs, how } of laid) if (how === "aligned") assert.equal(startMs, startOf(said.indexOf(text)), text);
}
/** What is shown is in order and apart. */
function assertApart(all: Laid) {
  const laid = all.filter(({ how }) => how !== "left_out");
  for (const [i, { startMs, endMs, text }] of laid.entries()) {
    assert.ok(startMs <= endMs + 0.1, text);
    // Rounded to whole samples, 16 to the millisecond.
    assert.ok(endMs <= (laid[i + 1]?.startMs ?? 6000) + 0.1, `${text} ends over the next`);
  }
}

describe("a text on what was heard", () => {
  it("given a title, then it is right before the first word, no longer than it takes to say it", () => {
    const laid = lay("Big News alpha bravo charlie delta echo foxtrot golf hotel");
    assert.deepEqual(laid.map(({ how }) => how).slice(0, 3), ["unsaid", "unsaid", "aligned"]);
    assert.equal(laid[1]?.endMs, 1000);
    assert.ok((laid[0]?.startMs ?? 0) > 400);
    assertUnmoved(laid);
  });

  it("given words at the end that nobody says, then they follow the last, as long as the video has room, else they are left out", () => {
    const laid = lay("alpha bravo charlie delta echo foxtrot golf hotel so subscribe now");
    assert.deepEqual([howOf(laid, "so").startMs, howOf(laid, "now").how], [5400, "unsaid"]);
    assert.ok(howOf(laid, "now").endMs <= 6000);
    const cut = lay("alpha bravo charlie delta echo foxtrot golf hotel so subscribe now", { endMs: 5450 });
    assert.deepEqual(cut.slice(8).map(({ how }) => how), ["left_out", "left_out", "left_out"]); // biome-ignore format: one line
  });

  it("given a stage direction amid speech, then it takes the end of the word before it, and moves none", () => {
    const laid = lay("alpha bravo [music] charlie delta echo foxtrot golf hotel");
    const [bravo, music] = [howOf(laid, "bravo"), howOf(laid, "[music]")];
    assert.deepEqual([music.how, music.startMs, music.endMs], ["unsaid", bravo.endMs, startOf(2)]);
    assert.ok(bravo.endMs >= startOf(1) + 150);
    assertUnmoved(laid);
  });

  it("given a paragraph that was cut, then it fills the pause where it stood, or is left out where there is none", () => {
    const paragraph = "this part of the script was left on the floor";
    const inPause = lay(`alpha bravo charlie delta ${paragraph} echo foxtrot golf hotel`);
    assert.ok(inPause.slice(4, -4).every(({ how, startMs, endMs }) => how === "unsaid" && startMs >= 2200 && endMs <= 4200));
    const amidSpeech = lay(`alpha bravo ${paragraph} charlie delta echo foxtrot golf hotel`);
    assert.ok(amidSpeech.slice(2, -6).every(({ how }) => how === "left_out"));
    assert.equal(howOf(amidSpeech, "bravo").endMs, startOf(2), "nothing is taken from the word before it");
    for (const laid of [inPause, amidSpeech]) assertUnmoved(laid);
  });

  it("given speech that the text leaves out, then no word is stretched over it", () => {
    const laid = lay("alpha bravo golf hotel");
    assertUnmoved(laid);
    assert.ok(laid.every(({ startMs, endMs }) => endMs - startMs <= 300));
  });

  it("given a name that was heard as two words, then it has the time of both", () => {
    const words = heard.map((word) => ({ ...word, text: { bravo: "viral", charlie: "claw" }[word.text] ?? word.text }));
    const name = lay("alpha ViralClaw delta echo foxtrot golf hotel", { words })[1];
    assert.deepEqual([name?.startMs, name?.endMs, name?.how], [1300, 1900, "aligned"]);
  });

  it("given speech that the recogniser missed, then the words between share it", () => {
    const words = heard.filter((_, i) => i < 3 || i > 5);
    const laid = lay("alpha bravo charlie delta echo foxtrot golf hotel", { words });
    const filled = laid.slice(3, 6);
    assert.ok(filled.every(({ how }) => how === "spread"));
    assert.deepEqual([filled[0]?.startMs, filled[2]?.endMs], [1900, 4800]);
    assertApart(laid);
  });

  it("given other words than were said, then they share that time, but are not said to be aligned", () => {
    const laid = lay("alpha bravo charlie delta seven wonders golf hotel");
    assert.deepEqual([laid[4]?.how, laid[4]?.startMs, laid[5]?.endMs], ["spread", 4200, 4800]);
  });

  it("given a script of which the video is a small part, then that part is where it is said", () => {
    const whole = Array.from({ length: 60 }, (_, i) => `word${"abcdefghij".charAt(i % 10)}${i}`).join(" ");
    const laid = lay(`${whole} ${said.join(" ")} ${whole}`);
    assert.equal(laid.filter(({ how }) => how === "aligned").length, 8);
    assertUnmoved(laid);
  });

  it("given another text, or one that shares but a short word with the speech, then it does not fit", () => {
    for (const text of ["one two three four five six seven eight", "buy the book today", "—"])
      assert.equal(layScript(text.split(" "), [...heard, { text: "the", startMs: 5400, endMs: 5500 }], speech, 6000), null);
    assert.equal(layScript(said, [], speech, 6000), null);
  });

  it("given any text, then no word is over another, and one that stands alone between two that were heard is not left out", () => {
    const word = fc.constantFrom(...said, "and", "[music]", "—", "🔥", "extraordinary", "a");
    fc.assert(
      fc.property(fc.array(word, { minLength: 1, maxLength: 30 }), (words) => {
        const laid = layScript(words, heard, speech, 6000);
        if (!laid) return;
        assert.equal(laid.length, words.length);
        const shown = laid.map((placed, i) => ({ ...placed, text: words[i] ?? "" }));
        assertApart(shown);
        for (const [i, { how }] of laid.entries())
          if (how === "left_out") assert.ok([laid[i - 1], laid[i + 1]].some((other) => other && other.how !== "aligned"));
      }),
      { numRuns: 500 },
    );
  });
});
