import { link } from "node:fs/promises";
import { join } from "node:path";
import type { StageContext } from "@viralclaw/bus/work";
import { styleOf } from "@viralclaw/captions/styles";
import { DeclaredError } from "@viralclaw/contracts/errors";
import { jobFolder } from "@viralclaw/contracts/ids";
import type { Given, Taken } from "@viralclaw/contracts/pipeline";
import { type MediaInfo, probe } from "@viralclaw/media/probe";
import { openWorkspace } from "@viralclaw/media/workspace";
import type { Storage } from "@viralclaw/storage/storage";
import { prepareCaptions, shows } from "./captions.ts";
import { type Encoded, encode } from "./encode.ts";
import { fontOf } from "./font-of.ts";
import { watchFonts } from "./fonts-used.ts";
import { pictureOf } from "./picture.ts";
import type { Piece } from "./pieces/cut.ts";
import { digest, digestOfFile } from "./pieces/key.ts";
import { readTranscript } from "./read-transcript.ts";
import { reportOf } from "./report.ts";
import type { Source, Sources } from "./sources.ts";

export interface RenderDeps {
  storage: Pick<Storage, "downloadTo" | "downloadIfThere" | "uploadFrom" | "putText" | "getText">;
  sources: Sources;
  /** On the disk of `sources`, whose files are linked. */
  workDir: string;
  /** Threads that ffmpeg may use. */
  threads: number;
}

/**
 * Takes a stored video and its transcript; gives the video with captions burned in, the ASS script and a report, under keys
 * of this execution: run twice, it writes twice, and the row decides whose result counts.
 * Fails with style_not_found, font_missing, font_invalid, disk_full, store_unavailable, not_a_video or render_failed.
 */
export async function render(fact: Taken<"render">, context: StageContext, deps: RenderDeps): Promise<Given<"render">> {
  const { signal, executionId } = context;
  const { storage, sources, workDir, threads } = deps;
  const style = styleOf(fact.style, fact.style_overrides);
  const lap = stopwatch();

  await using workspace = await openWorkspace(workDir, executionId, { roomBytes: roomFor(fact.source_bytes) });
  const [source, result] = [join(workspace.dir, "source"), join(workspace.dir, "captioned.mp4")];
  const linked = async ({ file, media, digest }: Source) => {
    await link(file, source);
    return { media, sourceDigest: await digest() };
  };
  const [transcript, font, { media, sourceDigest }] = await Promise.all([
    readTranscript(storage, fact.transcript_key, signal),
    fontOf(style, fact.font_key, workspace.dir, storage, signal),
    sources.use(fact.source_key, fact.source_bytes, linked, signal),
  ]);
  const picture = pictureOf(media);
  lap("fetch");

  const { words, language, timing_source: timing } = transcript;
  const { layout, script } = await prepareCaptions(workspace.dir, words, { style, font, language, timing, picture });
  lap("layout");

  const fonts = watchFonts(layout.found.fonts);
  const encoded = await encode(
    {
      ...{
        dir: workspace.dir,
        source,
        sourceDigest,
        media,
        picture,
        script,
        fontsDigest: await digestOfFiles(layout.found.fonts),
      },
      ...{ customerId: fact.customer_id, quality: fact.quality, maxBytes: fact.max_result_bytes },
      mayKeep: (piece) =>
        fonts.strays().length === 0 && (fonts.isRight() || !shows(layout, picture.frameTimesMs.slice(piece.from, piece.to))),
    },
    result,
    { storage, log: context.log, threads, signal, fonts, onProgress: context.progress },
  );
  lap("burn_in");

  const output = await verified(result, picture.endMs, signal);
  if (shows(layout, drawnFrames(output, encoded))) fonts.check();
  else if (!shows(layout, output.frameTimesMs) && shows(layout, picture.frameTimesMs))
    throw new DeclaredError("not_a_video", { reason: "its picture is damaged" });
  const folder = jobFolder(fact.job_id, "render", executionId);
  const { bytes } = await storage.uploadFrom(`${folder}/captioned.mp4`, result, "video/mp4", { signal });
  await storage.putText(`${folder}/captions.ass`, script, "text/x-ssa; charset=utf-8", { signal });
  lap("upload");

  const report = reportOf({
    fact,
    executionId,
    source: media,
    output,
    bytes,
    picture,
    layout,
    style,
    transcript,
    strayFonts: fonts.strays(),
    encoded,
    tookMs: lap.all,
  });
  await storage.putText(`${folder}/report.json`, JSON.stringify(report, null, 2), "application/json", { signal });
  context.log.info({ cues: layout.cues.length, frames: report.output.frames, took_ms: lap.all }, "rendered");
  return {
    result_key: `${folder}/captioned.mp4`,
    result_bytes: bytes,
    ass_key: `${folder}/captions.ass`,
    report_key: `${folder}/report.json`,
  };
}

/** A result that a fast preset may make several times as large as an HEVC source, and as much again in pieces. */
const roomFor = (sourceBytes: number) => 5 * sourceBytes + 200_000_000;

/** The frames that this render drew itself: whether the font was right for the others was known when they were stored. */
function drawnFrames({ frameTimesMs }: MediaInfo, { pieces }: Encoded): readonly number[] {
  return pieces ? frameTimesMs.filter((timeMs) => pieces.encoded.some((piece) => isIn(piece, timeMs))) : frameTimesMs;
}

const isIn = ({ startMs, endMs }: Piece, timeMs: number) => startMs - nearMs <= timeMs && timeMs < endMs - nearMs;

/** A container's clock may round a frame's time by half a ms. */
const nearMs = 0.6;

/** Of the fonts' files, in their order. */
const digestOfFiles = async (fonts: readonly { path: string }[]) =>
  digest((await Promise.all(fonts.map(({ path }) => digestOfFile(path)))).join());

/** What ffmpeg calls a success is a file that can be read, has pictures and ends when the source does, or it is none. */
async function verified(result: string, endMs: number, signal: AbortSignal): Promise<MediaInfo> {
  const output = await readBack(result, signal);
  if (output.durationMs <= endMs + longerByMs) return output;
  throw new DeclaredError("not_a_video", { reason: "its times contradict each other" });
}

/** The last frame may be given a second or two; a lying clock gives it a quarter of an hour. */
const longerByMs = 2000;

async function readBack(result: string, signal: AbortSignal): Promise<MediaInfo> {
  try {
    return await probe(result, { signal });
  } catch (error) {
    if (!(error instanceof DeclaredError)) throw error;
    throw new DeclaredError("render_failed", { reason: "the result could not be read back" }, { cause: error });
  }
}

/** Takes down how long each part took, ms; the parts follow one another. */
function stopwatch(): ((part: string) => void) & { all: Record<string, number> } {
  const all: Record<string, number> = {};
  let since = performance.now();
  const lap = (part: string) => {
    const now = performance.now();
    all[part] = Math.round(now - since);
    since = now;
  };
  return Object.assign(lap, { all });
}
