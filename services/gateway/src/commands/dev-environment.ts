import { existsSync } from "node:fs";
import { resolve } from "node:path";

/** What scripts/dev.ts writes down while it runs. */
const file = resolve(import.meta.dirname, "../../../../.data/dev/env");

/** Takes from the npm run dev of this checkout, while it is running, where everything is; what the environment says goes first. */
export function loadDevEnvironment(): void {
  if (existsSync(file)) process.loadEnvFile(file);
}
