import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { snapToFrames } from "./snap.ts";

const steady = (fps: number, count: number) => Array.from({ length: count }, (_, k) => (k * 1000) / fps);

/** What libass does: an event is shown on the frames from its start up to, not including, its end. */
const shownOn = (frameMs: number, fromCs: number, toCs: number) => {
  const ms = Math.floor(frameMs);
  return fromCs * 10 <= ms && ms < toCs * 10;
};

test("a word lights up on the frame nearest to it", () => {
  const frames = steady(30, 90);
  const snap = snapToFrames(frames, 3000);
  for (const timeMs of [0, 10, 200, 417, 1234, 2950]) {
    const nearest = Math.round((timeMs * 30) / 1000);
    assert.equal(
      frames.findIndex((frameMs) => shownOn(frameMs, snap(timeMs), 999)),
      nearest,
    );
  }
});

test("with steady frames it is floor(floor(1000 k / fps) / 10), save where that is a whole centisecond of its own", () => {
  for (const fps of [23.976, 24, 25, 29.97, 30, 50, 59.94, 60]) {
    const snap = snapToFrames(steady(fps, 500), 500_000 / fps);
    for (let k = 0; k < 500; k++) {
      const cs = Math.floor(Math.floor((1000 * k) / fps) / 10);
      const exact = (1000 * k) / fps - cs * 10 < 0.5;
      assert.equal(snap((k * 1000) / fps), exact ? Math.max(0, cs - 1) : cs);
    }
  }
});

test("what ends with the video ends after its last frame", () => {
  const frames = steady(30, 31);
  assert.ok(shownOn(frames[30] ?? 0, 0, snapToFrames(frames, 1033)(1033)));
});

test("at every change one word goes and the next one comes on the same frame, whatever the frames' times", () => {
  const gaps = fc.array(fc.double({ min: 10.5, max: 90, noNaN: true }), { minLength: 2, maxLength: 200 });
  const changes = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 3, maxLength: 30 });
  fc.assert(
    fc.property(gaps, changes, (gaps, changes) => {
      let at = 0;
      const frames = [0, ...gaps.map((gap) => (at += gap))];
      const endMs = (frames.at(-1) ?? 0) + 33;
      const snap = snapToFrames(frames, endMs);
      const boundaries = [0, ...changes.map((share) => share * endMs).sort((a, b) => a - b), endMs].map(snap);
      for (const frameMs of frames) {
        const shown = boundaries.slice(1).filter((to, index) => shownOn(frameMs, boundaries[index] ?? 0, to));
        assert.equal(shown.length, 1);
      }
    }),
  );
});
