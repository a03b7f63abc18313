import type { Layout } from "@viralclaw/captions/layout";
import type { Taken } from "@viralclaw/contracts/pipeline";
import type { Style } from "@viralclaw/contracts/style";
import type { Transcript } from "@viralclaw/contracts/transcript";
import type { MediaInfo } from "@viralclaw/media/probe";
import type { Encoded } from "./encode.ts";
import { legibilityOf } from "./legibility.ts";
import type { Picture } from "./picture.ts";

/** What the render knows at its end. */
export interface Findings {
  fact: Taken<"render">;
  executionId: string;
  source: MediaInfo;
  output: MediaInfo;
  bytes: number;
  picture: Picture;
  layout: Layout;
  style: Style;
  transcript: Transcript;
  /** Fonts that libass took on its own. */
  strayFonts: string[];
  encoded: Encoded;
  /** Wall time of the parts, ms. */
  tookMs: Record<string, number>;
}

/** The job's report: what was found, chosen and done, for whoever asks why a video looks as it does. */
export function reportOf({
  fact,
  executionId,
  source,
  output,
  bytes,
  picture,
  layout,
  style,
  transcript,
  encoded,
  strayFonts,
  tookMs,
}: Findings) {
  const { found } = layout;
  return {
    version: 1,
    job_id: fact.job_id,
    execution_id: executionId,
    style: fact.style,
    style_overrides: fact.style_overrides,
    language: fact.language,
    timing_source: transcript.timing_source,
    transcript_version: fact.transcript_version,
    source: {
      container: source.container,
      duration_ms: source.durationMs,
      video: source.video,
      audio: source.audio,
      frames: source.frameTimesMs.length,
      notes: source.notes,
    },
    output: {
      ...picture.frame,
      bytes,
      duration_ms: output.durationMs,
      frames: output.frameTimesMs.length,
      held_ms: picture.heldMs,
      tone_mapped: picture.toneMapped,
      audio: source.audio ? (source.audio.codec === "aac" ? "copied" : "encoded") : "none",
      notes: framesNote(source, output, picture),
    },
    encoder: { quality: fact.quality, max_bytes: fact.max_result_bytes, ...encoded.choice, ...encoded.encoder },
    pieces: encoded.pieces && { encoded: encoded.pieces.encoded.length, reused: encoded.pieces.reused.length },
    captions: {
      cues: layout.cues.length,
      words: layout.cues.reduce((sum, { words }) => sum + words.length, 0),
      em_px: round(layout.emPx),
      fonts: found.fonts.map(({ fullName }) => fullName),
      fallbacks: found.fallbacks.map(timed),
      emoji: found.emoji.map(timed),
      left_out: found.leftOut.map(timed),
      stray_fonts: strayFonts,
    },
    legibility: legibilityOf(layout, style, transcript),
    took_ms: tookMs,
  };
}

const timed = <T extends { atMs: number }>({ atMs, ...rest }: T) => ({ ...rest, at_ms: atMs });

/** A damaged frame is left out by the decoder: the video is delivered, and the report says so. */
function framesNote(source: MediaInfo, output: MediaInfo, { heldMs }: Picture): string[] {
  const [before, after] = [source.frameTimesMs.length, output.frameTimesMs.length];
  const isWhole = heldMs > 0 ? after > before : after === before;
  return isWhole ? [] : [`The source has ${before} frames, the result ${after}.`];
}

const round = (value: number) => Math.round(value * 100) / 100;
