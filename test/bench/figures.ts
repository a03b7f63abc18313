import { mkdirSync, writeFileSync } from "node:fs";
import { availableParallelism, cpus } from "node:os";
import { resolve } from "node:path";

/** Prints rows as a table, the numbers to the right. */
export function printTable(title: string, rows: readonly Record<string, string | number>[]): void {
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const cells = [columns, ...rows.map((row) => columns.map((column) => String(row[column] ?? "")))];
  const widths = columns.map((_, index) => Math.max(...cells.map((row) => row[index]?.length ?? 0)));
  const line = (row: string[], source?: Record<string, unknown>) =>
    row
      .map((cell, index) =>
        typeof source?.[columns[index] ?? ""] === "number" ? cell.padStart(widths[index] ?? 0) : cell.padEnd(widths[index] ?? 0),
      )
      .join("  ");
  console.log(`\n${title}\n`);
  console.log(line(columns));
  console.log(widths.map((width) => "-".repeat(width)).join("  "));
  for (const [index, row] of rows.entries()) console.log(line(cells[index + 1] ?? [], row));
}

/** Leaves the figures of a bench in out/bench/<name>.json, with the machine they were taken on. */
export function saveFigures(name: string, figures: unknown): void {
  const dir = resolve(import.meta.dirname, "../../out/bench");
  mkdirSync(dir, { recursive: true });
  const machine = { processor: cpus()[0]?.model, processors: availableParallelism(), node: process.version };
  writeFileSync(resolve(dir, `${name}.json`), `${JSON.stringify({ at: new Date().toISOString(), machine, figures }, null, 2)}\n`);
  console.log(`\nfigures: out/bench/${name}.json`);
}

/** The p-quantile of some values, p from 0 to 1: the nearest rank. */
export function quantile(values: readonly number[], p: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(p * sorted.length) - 1))] ?? Number.NaN;
}
