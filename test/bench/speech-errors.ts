/** How the words of a reference meet those that were recognised. One of the two is null: left out, or put in. */
export type Pair = { said: number | null; heard: number | null };

export type WordErrors = { said: number; wrong: number; missing: number; extra: number };

/** The share of errors in the words said: 0 is perfect, and much invention goes over 1. NaN where nothing was said. */
export function wordErrorRate({ said, wrong, missing, extra }: WordErrors): number {
  return (wrong + missing + extra) / said;
}

/** The errors of several texts together. */
export function addErrors(all: readonly WordErrors[]): WordErrors {
  return all.reduce(
    (sum, one) => ({
      said: sum.said + one.said,
      wrong: sum.wrong + one.wrong,
      missing: sum.missing + one.missing,
      extra: sum.extra + one.extra,
    }),
    { said: 0, wrong: 0, missing: 0, extra: 0 },
  );
}

/** Counts the errors with the fewest edits that turn what was said into what was heard (Levenshtein). */
export function countErrors(said: readonly string[], heard: readonly string[]): WordErrors {
  const pairs = pairWords(said, heard);
  return {
    said: said.length,
    wrong: pairs.filter((pair) => pair.said !== null && pair.heard !== null && said[pair.said] !== heard[pair.heard]).length,
    missing: pairs.filter((pair) => pair.heard === null).length,
    extra: pairs.filter((pair) => pair.said === null).length,
  };
}

/** Pairs the words by their numbers, in order, with the fewest edits. */
export function pairWords(said: readonly string[], heard: readonly string[]): Pair[] {
  const cost = editCosts(said, heard);
  const at = (i: number, j: number) => cost[i]?.[j] ?? Number.POSITIVE_INFINITY;
  const pairs: Pair[] = [];
  let [i, j] = [said.length, heard.length];
  while (i > 0 || j > 0) {
    if (at(i, j) === at(i - 1, j - 1) + (said[i - 1] === heard[j - 1] ? 0 : 1)) pairs.push({ said: --i, heard: --j });
    else if (at(i, j) === at(i - 1, j) + 1) pairs.push({ said: --i, heard: null });
    else pairs.push({ said: null, heard: --j });
  }
  return pairs.reverse();
}

/** The fewest edits from the first i words said to the first j heard. */
function editCosts(said: readonly string[], heard: readonly string[]): number[][] {
  const rows = [Array.from({ length: heard.length + 1 }, (_, j) => j)];
  for (const word of said) {
    const above = rows.at(-1) ?? [];
    const row = [rows.length];
    for (const [j, other] of heard.entries()) {
      const change = (above[j] ?? 0) + (word === other ? 0 : 1);
      row.push(Math.min(change, (above[j + 1] ?? 0) + 1, (row[j] ?? 0) + 1));
    }
    rows.push(row);
  }
  return rows;
}
