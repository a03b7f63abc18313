/** Turns a time in ms into the centiseconds that an ASS event must carry to begin on the right frame. */
export type Snap = (timeMs: number) => number;

/**
 * Times of ASS events are centiseconds, frames are not: rounded carelessly, a change of words leaves a frame blank or
 * shows two states at once. So each time goes to the nearest frame, and is written as the last centisecond that is not
 * after it: floor(frame / 10 ms). An event is shown from its start up to, not including, its end; two events that share a
 * boundary therefore share a frame boundary. With steady frames this is floor(floor(1000 k / fps) / 10), k = round(t fps);
 * taking the frames' own times makes it hold for variable frame rates too.
 *
 * `frameTimesMs` are in order; at `endMs` and after the last frame is over.
 */
export function snapToFrames(frameTimesMs: readonly number[], endMs: number): Snap {
  const endCs = Math.ceil(endMs / 10);
  return (timeMs) => {
    const next = firstAtOrAfter(frameTimesMs, timeMs);
    const [before, after] = [frameTimesMs[next - 1], frameTimesMs[next] ?? endMs];
    const nearest = before !== undefined && timeMs - before < after - timeMs ? before : after;
    return nearest >= endMs ? endCs : Math.min(Math.max(0, Math.floor((nearest - filterErrorMs) / 10)), endCs);
  };
}

/**
 * The ass filter computes a frame's time in floating point and cuts it to whole ms: 570 ms may become 569. Half a ms off
 * our side is on the safe side of it, and too little to reach the frame before.
 */
const filterErrorMs = 0.5;

/** The index of the first of `sorted` that is not below `value`; its length if there is none. */
function firstAtOrAfter(sorted: readonly number[], value: number): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle] ?? value) < value) low = middle + 1;
    else high = middle;
  }
  return low;
}
