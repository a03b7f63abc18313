import type { Kind, Verdict } from "./judge.ts";

interface Seen extends Verdict {
  operation: string;
  kind: Kind;
  trick: string;
  index: number;
}

/** Faults that are printed in full; the others are counted. */
const shownFaults = 20;

/** Counts answers, by operation, kind and status and by what was done to the request. */
export function tally() {
  const seen: Seen[] = [];
  const faulty = () => seen.filter(({ fault }) => fault !== undefined);
  return {
    add(one: Seen): void {
      seen.push(one);
    },
    rows: () => grouped(seen, ({ operation, kind }) => `${operation}\t${kind}`, ["operation", "kind"]),
    tricks: () => grouped(seen, ({ trick }) => trick, ["trick"]),
    promises: () => {
      const kept = (promise: string, broken: Seen[]) => ({
        ...{ promise, measured: `${seen.length - broken.length} of ${seen.length}` },
        verdict: broken.length === 0 ? "kept" : "BROKEN",
      });
      const isOurs = ({ told }: Seen) => told.startsWith("5");
      return [
        kept("no answer is a 5xx", seen.filter(isOurs)),
        kept(
          "every request is answered, or cut where it never ends",
          seen.filter(({ told }) => told === "none"),
        ),
        kept(
          "every answer is as the document and RFC 9457 declare it",
          faulty().filter((one) => !isOurs(one) && one.told !== "none"),
        ),
      ];
    },
    printFaults(again: string): void {
      for (const { index, operation, trick, fault } of faulty().slice(0, shownFaults))
        console.log(`\n${operation}, ${trick}: ${fault}\n  ${again} ${index}`);
      if (faulty().length > shownFaults) console.log(`\nand ${faulty().length - shownFaults} faults more`);
    },
  };
}

function grouped(
  seen: readonly Seen[],
  keyOf: (one: Seen) => string,
  columns: readonly string[],
): Record<string, string | number>[] {
  return Object.entries(Object.groupBy(seen, keyOf))
    .sort(([a], [b]) => a.localeCompare(b))
    .map(([key, all = []]) => {
      const named = Object.fromEntries(columns.map((column, i) => [column, key.split("\t")[i] ?? ""]));
      const statuses = Object.entries(Object.groupBy(all, ({ told }) => told)).map(([told, some]) => `${told}×${some?.length}`);
      return { ...named, requests: all.length, statuses: statuses.join(" "), faults: all.filter(({ fault }) => fault).length };
    });
}
