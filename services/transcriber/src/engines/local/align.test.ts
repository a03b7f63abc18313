import assert from "node:assert/strict";
import { before, describe, it } from "node:test";
import { type Aligner, loadAligner } from "./align.ts";
import { noise, noReading, reading, sound } from "./fixture.ts";

describe("the aligner", () => {
  let aligner: Aligner;
  before(async () => {
    aligner = await loadAligner();
  });
  const align = async (text: string, pcm = reading() ?? assert.fail()) => await aligner.align(pcm, text.split(" "));

  it("given what is said, when it is aligned, then each word has its time, in order", { skip: noReading }, async () => {
    const alignment = await align("He was not an ill-disposed young man.");
    const times = alignment?.timings.flatMap((timing) => (timing ? [timing.startMs, timing.endMs] : [])) ?? [];
    assert.equal(times.length, 14);
    assert.deepEqual(
      times,
      times.toSorted((a, b) => a - b),
    );
  });

  it("given a dash, when it is aligned, then it alone has no time", { skip: noReading }, async () => {
    const alignment = await align("He was not — an ill-disposed young man.");
    assert.deepEqual(
      alignment?.timings.map((timing) => timing === null),
      [false, false, false, true, false, false, false, false],
    );
  });

  it("given a name that no dictionary has, when it is aligned, then it has its time", { skip: noReading }, async () => {
    const [known, unknown] = [
      await align("He was not an ill-disposed young man."),
      await align("He was not an illdisposd young man."),
    ];
    const apart = Math.abs((known?.timings[4]?.endMs ?? 0) - (unknown?.timings[4]?.endMs ?? 1e9));
    assert.ok(apart < 100, `${apart} ms`);
  });

  it("given other words than were said, when they are aligned, then they fit worse", { skip: noReading }, async () => {
    const [said, invented] = [
      await align("He was not an ill-disposed young man."),
      await align("She will buy eleven green apples tomorrow."),
    ];
    assert.ok(said && (!invented || invented.misfit > 2 * said.misfit), `${said?.misfit} and ${invented?.misfit}`);
  });

  it("given words that cannot be said, or no sound to say them in, then there is no alignment", async () => {
    assert.equal(await align("— …", sound(1, noise(0.1))), null);
    assert.equal(await align("one two three four five six seven", sound(0.2, noise(0.1))), null);
    assert.equal(await align("one", new Float32Array(0)), null);
  });
});
