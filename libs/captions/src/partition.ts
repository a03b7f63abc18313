/**
 * Cuts the items `from` up to, not including, `to` into runs that cost least in all, and returns where each run starts.
 * `cost(start, end)` is asked for longer and longer runs, until it answers undefined: no run that long, or longer, may be.
 * A run of one item is always allowed; where it has no cost it costs nothing.
 */
export function cheapestRuns(from: number, to: number, cost: (start: number, end: number) => number | undefined): number[] {
  // From the end backwards: `best[start]` is the cheapest way to cut all that follows `start`.
  const best: { cost: number; end: number }[] = [];
  best[to] = { cost: 0, end: to };
  for (let start = to - 1; start >= from; start--) {
    const after = (end: number) => best[end]?.cost ?? 0;
    let cheapest = { cost: (cost(start, start + 1) ?? 0) + after(start + 1), end: start + 1 };
    for (let end = start + 2; end <= to; end++) {
      const own = cost(start, end);
      if (own === undefined) break;
      if (own + after(end) < cheapest.cost) cheapest = { cost: own + after(end), end };
    }
    best[start] = cheapest;
  }
  const starts: number[] = [];
  for (let start = from; start < to; start = best[start]?.end ?? to) starts.push(start);
  return starts;
}
