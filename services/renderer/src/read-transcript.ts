import { DeclaredError } from "@viralclaw/contracts/errors";
import { Transcript } from "@viralclaw/contracts/transcript";
import type { Storage } from "@viralclaw/storage/storage";

/** A job's stored transcript. Throws store_unavailable, also where there is none: the fact that names it was written after it. */
export async function readTranscript(
  storage: Pick<Storage, "getText">,
  key: string | null,
  signal?: AbortSignal,
): Promise<Transcript> {
  const text = key === null ? undefined : await storage.getText(key, { signal });
  if (text === undefined) throw new DeclaredError("store_unavailable", {}, { cause: new Error(`There is no ${key}.`) });
  return Transcript.parse(JSON.parse(text));
}
