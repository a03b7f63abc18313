import { mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Frame } from "@viralclaw/captions/frame";
import { styleOf } from "@viralclaw/captions/styles";
import { DeclaredError } from "@viralclaw/contracts/errors";
import { limits } from "@viralclaw/contracts/limits";
import type { PreviewRequest } from "@viralclaw/contracts/preview";
import type { TimingSource, Word } from "@viralclaw/contracts/transcript";
import { ffmpeg } from "@viralclaw/media/ffmpeg";
import { ProcessFailed } from "@viralclaw/media/process";
import type { Storage } from "@viralclaw/storage/storage";
import { type CaptionOptions, captionFilters, prepareCaptions, shows } from "./captions.ts";
import { fontOf } from "./font-of.ts";
import { watchFonts } from "./fonts-used.ts";
import { frameOf } from "./frames.ts";
import { pictureOf } from "./picture.ts";
import { readTranscript } from "./read-transcript.ts";
import type { Sources } from "./sources.ts";

export interface PreviewDeps {
  storage: Pick<Storage, "getText" | "downloadTo">;
  sources: Sources;
  workDir: string;
}

/**
 * Draws one still in a style: on a plain ground or on a frame of a job, with a text or with the job's own words. It is what a video
 * in that style shows at that moment, drawn by the same filter, as a PNG.
 * Throws DeclaredError style_not_found, font_missing, font_invalid, store_unavailable, not_a_video or render_failed.
 */
export function drawPreview(asked: PreviewRequest, deps: PreviewDeps): Promise<Buffer> {
  const { on } = asked;
  if (on.type === "ground") return draw(onGround(on.shape, asked), asked, deps);
  return deps.sources.use(on.source_key, on.source_bytes, async (source) => {
    const { dir, media } = source;
    const picture = pictureOf(media);
    const { frameTimesMs } = picture;
    const timeMs = frameTimesMs.findLast((timeMs) => timeMs <= on.at_ms) ?? frameTimesMs[0] ?? 0;
    // After the end of the picture its last frame is held.
    const shownMs = media.frameTimesMs.findLast((frameMs) => frameMs <= timeMs) ?? 0;
    return draw(
      {
        input: ["-f", "nut", "-i", await frameOf(source, picture, shownMs)],
        reads: [dir],
        filters: [],
        picture,
        timeMs,
        ...(asked.text === null
          ? await readTranscript(deps.storage, on.transcript_key)
          : { words: spokenAround(asked.text, timeMs), language: asked.language, timing_source: "recognised" }),
      },
      asked,
      deps,
    );
  });
}

/** What is drawn on, and what is said. */
interface Scene {
  input: string[];
  /** Folders that it is read from. */
  reads: string[];
  filters: string[];
  picture: CaptionOptions["picture"];
  timeMs: number;
  words: readonly Word[];
  language: string;
  timing_source: TimingSource;
}

async function draw(
  scene: Scene,
  { style: id, style_overrides, font_key, size }: PreviewRequest,
  { storage, workDir }: PreviewDeps,
): Promise<Buffer> {
  const { picture, timeMs, words, language, timing_source: timing } = scene;
  const style = styleOf(id, style_overrides);
  const dir = await mkdtemp(join(workDir, `${process.pid}-still-`));
  try {
    const signal = AbortSignal.timeout(longestMs);
    const font = await fontOf(style, font_key, dir, storage, signal);
    const { layout } = await prepareCaptions(dir, words, { style, font, language, timing, picture });
    const fonts = watchFonts(layout.found.fonts);
    const filters = [
      ...scene.filters,
      // The captions of the moment that is asked for, whatever time the frame got by seeking.
      `setpts=round(${timeMs / 1000}/TB)`,
      ...captionFilters(picture),
      `scale=${scaled(picture.frame, size)}:in_color_matrix=${picture.matrix}:flags=bicubic+accurate_rnd+full_chroma_int`,
    ];
    const png = [
      "-frames:v",
      "1",
      "-pix_fmt",
      "rgb24",
      "-c:v",
      "png",
      "-compression_level",
      `${pngLevel}`,
      "-f",
      "image2pipe",
      "-",
    ];
    const bytes = await ffmpeg([...scene.input, "-vf", filters.join(","), ...png], {
      ...{ signal, cwd: dir, reads: [dir, ...scene.reads], stdout: "collect" },
      ...{ maxOutputBytes: mostPngBytes, logLevel: "verbose", onLogLine: fonts.onLogLine },
    });
    if (shows(layout, [timeMs])) fonts.check();
    if (bytes.length === 0) throw new DeclaredError("render_failed", { reason: "there is no picture at that time" });
    return bytes;
  } catch (error) {
    if (!(error instanceof ProcessFailed)) throw error;
    throw new DeclaredError("render_failed", { reason: "the picture could not be drawn" }, { cause: error });
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

const longestMs = 20_000;
/** Larger than any PNG of 1920 pixels at the longer side. */
const mostPngBytes = 16 * 1024 ** 2;
/** zlib's levels go from 0 to 9: more than this costs time and saves a few percent. */
const pngLevel = 3;

/** Never larger than the frame itself. */
function scaled({ width, height }: Frame, longerSide: number): string {
  const factor = Math.min(1, longerSide / Math.max(width, height));
  return `${Math.max(1, Math.round(width * factor))}:${Math.max(1, Math.round(height * factor))}`;
}

/** The longer side is 16 to the shorter one's 9, as phones film. */
const shapes = { vertical: [9, 16], square: [16, 16], wide: [16, 9] } as const;

function onGround(shape: keyof typeof shapes, { text, language, size }: PreviewRequest): Scene {
  const [width, height] = shapes[shape].map((part) => 2 * Math.round((part * size) / 32)) as [number, number];
  const words = spokenAround(text ?? samples[language] ?? samples.en ?? "", middleMs);
  const ground = `gradients=s=${width}x${height}:c0=0x5b6579:c1=0x2b303b:x0=0:y0=0:x1=${width}:y1=${height}:nb_colors=2:speed=0.00001:seed=1`;
  return {
    input: ["-f", "lavfi", "-i", ground],
    reads: [],
    filters: ["scale=out_color_matrix=bt709:out_range=tv,format=yuv420p"],
    picture: { frame: { width, height }, frameTimesMs: steadyFrames, endMs: 2 * middleMs, matrix: "bt709", matrixName: "bt709" },
    timeMs: middleMs,
    words,
    language,
    timing_source: "recognised",
  };
}

/** When the still of a text is taken: late enough for any text that may be asked for to have begun. */
const middleMs = 60_000;
const wordMs = 400;
/** 30 a second, of which one is at `middleMs`. */
const steadyFrames = Array.from({ length: (2 * middleMs * 30) / 1000 }, (_, k) => (k * 1000) / 30);

const samples: Record<string, string> = {
  en: "This is how your captions will look",
  es: "Así se van a ver tus subtítulos",
  pt: "É assim que a sua legenda vai ficar",
};

/** A text as if it were spoken without a pause, its middle word at `timeMs`, more than half of which has been said. */
function spokenAround(text: string, timeMs: number): Word[] {
  const texts = text.split(/\s+/u).filter((word) => word !== "");
  const middle = Math.floor((texts.length - 1) / 2);
  return texts.map((word, i) => {
    const start_ms = Math.max(0, Math.round(timeMs + (i - middle - 0.6) * wordMs));
    return { text: word.slice(0, limits.maxWordLength), start_ms, end_ms: start_ms + wordMs, confidence: 1 };
  });
}
