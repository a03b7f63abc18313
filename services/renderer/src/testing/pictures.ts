import type { Picture } from "../picture.ts";

/** A picture of these frames, of which nothing needs to be changed. */
export const picture = (frameTimesMs: number[], change: Partial<Picture> = {}): Picture => ({
  ...{
    frame: { width: 1080, height: 1920 },
    filters: [],
    frameFilters: [],
    matrix: "bt709",
    matrixName: null,
    hold: [],
    isResampled: false,
    heldMs: 0,
    toneMapped: false,
  },
  ...{ frameTimesMs, endMs: (frameTimesMs.at(-1) ?? 0) + 33, ...change },
});

/** When frames at a steady rate are shown, ms. */
export const steady = (frames: number, fps: number) => Array.from({ length: frames }, (_, k) => (k * 1000) / fps);
