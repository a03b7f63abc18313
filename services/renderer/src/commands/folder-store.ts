import { copyFile, mkdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { RenderDeps } from "../render.ts";

/** A folder in place of the store: keys become names of files side by side. */
export async function folderStore(dir: string): Promise<RenderDeps["storage"] & { fileOf(key: string): string }> {
  await mkdir(dir, { recursive: true });
  const fileOf = (key: string) => join(dir, key.replaceAll("/", "_"));
  const orMissing =
    <T>(missing: T) =>
    (error: NodeJS.ErrnoException) => {
      if (error.code !== "ENOENT") throw error;
      return missing;
    };
  return {
    fileOf,
    downloadTo: (key, file) => copyFile(fileOf(key), file),
    downloadIfThere: (key, file) => copyFile(fileOf(key), file).then(() => true, orMissing(false)),
    getText: (key) => readFile(fileOf(key), "utf8").catch(orMissing(undefined)),
    putText: (key, text) => writeFile(fileOf(key), text),
    async uploadFrom(key, file) {
      await copyFile(file, fileOf(key));
      return { bytes: (await stat(file)).size };
    },
  };
}
