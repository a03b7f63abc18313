import { mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import { styleOf } from "@viralclaw/captions/styles";
import type { ScriptRequest } from "@viralclaw/contracts/preview";
import { prepareCaptions } from "./captions.ts";
import { fontOf } from "./font-of.ts";
import { pictureOf } from "./picture.ts";
import type { PreviewDeps } from "./preview.ts";
import { readTranscript } from "./read-transcript.ts";

/**
 * Lays words out on a job's video as a render would, to the frame, and answers the ASS script of it, in UTF-8: for words that no video shows yet.
 * Throws DeclaredError style_not_found, font_missing, font_invalid, store_unavailable or not_a_video.
 */
export function scriptOf(asked: ScriptRequest, { storage, sources, workDir }: PreviewDeps): Promise<Buffer> {
  return sources.use(asked.source_key, asked.source_bytes, async ({ media }) => {
    const dir = await mkdtemp(join(workDir, `${process.pid}-script-`));
    try {
      const signal = AbortSignal.timeout(longestMs);
      const style = styleOf(asked.style, asked.style_overrides);
      const font = await fontOf(style, asked.font_key, dir, storage, signal);
      const { words, language, timing_source: timing } = await readTranscript(storage, asked.transcript_key, signal);
      const { script } = await prepareCaptions(dir, words, { style, font, language, timing, picture: pictureOf(media) });
      return Buffer.from(script);
    } finally {
      await rm(dir, { recursive: true });
    }
  });
}

/** Five minutes of words take a tenth of a second; the rest is the store's. */
const longestMs = 10_000;
