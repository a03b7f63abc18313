import { bombs } from "./bombs.ts";
import { crowds } from "./crowds.ts";
import type { HostileFile } from "./file.ts";
import { lies } from "./lies.ts";
import { redirects } from "./redirects.ts";

/** Every hostile file there is. */
export const hostileFiles: readonly HostileFile[] = [...redirects, ...lies, ...bombs, ...crowds];
