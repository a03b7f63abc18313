/**
 * Checks that imports run downward only: services -> libs -> libs/contracts, no service or library another of its kind, and
 * that each package declares what it imports. Prints every breach and exits with 1 where there is one.
 */
import { globSync, readFileSync } from "node:fs";
import { builtinModules } from "node:module";
import { dirname, normalize } from "node:path";

const libraries = ["contracts", "runtime", "bus", "db", "storage", "media", "captions"];

/** What a file may import of ours, by where it lies; the first line that fits counts. */
const rules: { files: RegExp; may: string[] }[] = [
  { files: /^libs\/contracts\//, may: [] },
  { files: /^libs\/embedded\//, may: ["contracts"] },
  { files: /^libs\/[^/]+\/.*\.(test|fixture)\.ts$/, may: ["contracts", "embedded"] },
  { files: /^libs\//, may: ["contracts"] },
  { files: /^services\/[^/]+\/.*\.(test|fixture)\.ts$/, may: [...libraries, "embedded"] },
  { files: /^services\//, may: libraries },
  { files: /^scripts\/generate\.ts$/, may: ["contracts", "runtime", "gateway", "transcriber", "renderer"] },
  { files: /^scripts\//, may: ["captions", "contracts", "embedded", "media"] },
  { files: /^test\//, may: ["contracts", "embedded"] },
];

const importOf = /(?:^|\n)\s*(?:import|export)\s(?:[^"';]*?\sfrom\s)?["']([^"']+)["']|import\(\s*["']([^"']+)["']\s*\)/g;
const breaches: string[] = [];

for (const file of globSync("{libs,services,test,scripts}/**/*.ts", { exclude: (path) => path.includes("node_modules") })) {
  const home = /^(?:libs|services)\/[^/]+|^test|^scripts/.exec(file)?.[0] ?? "";
  const may = rules.find(({ files }) => files.test(file))?.may ?? [];
  for (const [, fixed, dynamic] of readFileSync(file, "utf8").matchAll(importOf)) {
    const wanted = fixed ?? dynamic ?? "";
    const fault = faultOf(wanted, { file, home, may });
    if (fault) breaches.push(`${file}: ${wanted}: ${fault}`);
  }
}

function faultOf(wanted: string, { file, home, may }: { file: string; home: string; may: string[] }): string | undefined {
  if (wanted.startsWith("."))
    return normalize(`${dirname(file)}/${wanted}`).startsWith(`${home}/`) ? undefined : "leaves its package";
  if (wanted.startsWith("node:")) return undefined;
  if (builtinModules.includes(wanted)) return "wants node: before it";
  const name = wanted
    .split("/")
    .slice(0, wanted.startsWith("@") ? 2 : 1)
    .join("/");
  const ours = /^@viralclaw\/(.+)$/.exec(name)?.[1];
  if (ours && ours !== home.split("/").at(-1) && !may.includes(ours))
    return `not allowed here; only ${may.join(", ") || "nothing of ours"}`;
  return declares(home, name) || (/\.(test|fixture)\.ts$/.test(file) && declares(".", name))
    ? undefined
    : "is not in the package.json of its package";
}

function declares(home: string, name: string): boolean {
  const own = JSON.parse(readFileSync(`${home === "scripts" ? "." : home}/package.json`, "utf8"));
  return (
    own.name === name ||
    [own.dependencies, own.devDependencies].some((list) => list && name in list) ||
    (home === "scripts" && name.startsWith("@viralclaw/"))
  );
}

for (const breach of breaches) console.error(breach);
console.log(`imports: ${breaches.length === 0 ? "all run downward" : `${breaches.length} breaches`}`);
process.exitCode = breaches.length === 0 ? 0 : 1;
