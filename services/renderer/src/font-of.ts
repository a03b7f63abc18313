import { join } from "node:path";
import { type Font, openFont, openFontFile } from "@viralclaw/captions/fonts";
import type { Style } from "@viralclaw/contracts/style";
import type { Storage } from "@viralclaw/storage/storage";

/** The font that a style is drawn in: one on offer, or the customer's own, which is fetched into a folder. Throws store_unavailable. */
export async function fontOf(
  { font }: Style,
  key: string | null,
  dir: string,
  storage: Pick<Storage, "downloadTo">,
  signal: AbortSignal,
): Promise<Font> {
  if (key === null) return openFont(font);
  const file = join(dir, "own-font");
  await storage.downloadTo(key, file, { signal });
  return openFontFile(file);
}
