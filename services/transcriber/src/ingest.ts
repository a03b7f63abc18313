import { stat } from "node:fs/promises";
import { join } from "node:path";
import type { StageContext } from "@viralclaw/bus/work";
import { DeclaredError } from "@viralclaw/contracts/errors";
import type { AudioInfo } from "@viralclaw/contracts/facts";
import { jobFolder } from "@viralclaw/contracts/ids";
import { limits, type Tier, tierOf } from "@viralclaw/contracts/limits";
import type { Given, Taken } from "@viralclaw/contracts/pipeline";
import { type DownloadLimits, download } from "@viralclaw/media/download";
import type { Cidr } from "@viralclaw/media/guard";
import { type MediaInfo, probe, unknownCodec } from "@viralclaw/media/probe";
import { openWorkspace } from "@viralclaw/media/workspace";
import type { Storage } from "@viralclaw/storage/storage";
import { refuseOtherKinds } from "./kinds.ts";

export interface IngestDeps {
  storage: Pick<Storage, "downloadTo" | "uploadFrom">;
  /** Where runs keep their files. */
  workDir: string;
  /** Blocks of addresses that may be downloaded from although they are not public: for the demo and tests. */
  downloadAllow: readonly Cidr[];
  downloadLimits?: Partial<DownloadLimits>;
}

/**
 * Brings the customer's video in: downloads it once (or takes what was uploaded), finds out what it is, refuses early what could
 * not be captioned or would cost more than was agreed, stores it and names its price tier.
 * Throws the errors of the download (libs/media/src/download.ts) and not_a_video, no_audio, video_too_long, video_too_large,
 * video_too_big_picture, disk_full, store_unavailable.
 * Each run stores under its own execution id, so two runs of one fact do not meet; an upload stays where it is.
 */
export async function ingest(fact: Taken<"ingest">, context: StageContext, deps: IngestDeps): Promise<Given<"ingest">> {
  const { signal } = context;
  const roomBytes = fact.max_bytes + airBytes;
  await using workspace = await openWorkspace(deps.workDir, context.executionId, { roomBytes });
  const file = join(workspace.dir, "source");

  const bytes = await fetchSource(fact, file, context, deps);
  await refuseOtherKinds(file);
  const media = await probe(file, { signal });
  context.progress(shares.probed);
  if (media.notes.length > 0) context.log.info({ notes: media.notes }, "about the video");
  const { audio, tier } = accept(media, fact);

  let key = `${jobFolder(context.jobId, "ingest", context.executionId)}/source`;
  if (fact.source.type === "upload") key = fact.source.key;
  else await deps.storage.uploadFrom(key, file, "application/octet-stream", { signal });
  context.progress(1);
  return { source_key: key, source_bytes: bytes, duration_ms: media.durationMs, tier, video: media.video, audio };
}

/** What the file system itself needs beside the video. */
const airBytes = 50_000_000;
/** How far the run is after each step: most of it is the download. */
const shares = { fetched: 0.7, probed: 0.8 };

async function fetchSource({ source, max_bytes }: Taken<"ingest">, file: string, context: StageContext, deps: IngestDeps) {
  const { signal } = context;
  if (source.type === "url") {
    const { bytes } = await download(source.url, file, {
      signal,
      maxBytes: max_bytes,
      allow: deps.downloadAllow,
      limits: deps.downloadLimits,
      onProgress: (soFar, total = max_bytes) => context.progress(Math.min(soFar / total, 1) * shares.fetched),
    });
    return bytes;
  }
  if (source.bytes > max_bytes) throw new DeclaredError("video_too_large", { max_bytes });
  await deps.storage.downloadTo(source.key, file, { signal });
  context.progress(shares.fetched);
  return (await stat(file)).size;
}

/** Pixels: x264 takes no more in either direction, and no less in 4:2:0. */
const longestSide = 16_384;
const shortestSide = 2;

/** Refuses what cannot be captioned, the cheapest remedy for the customer last. */
function accept(media: MediaInfo, { max_duration_ms, wording }: Taken<"ingest">): { audio: AudioInfo | null; tier: Tier } {
  const { durationMs, audio, video } = media;
  if (durationMs <= 0) throw new DeclaredError("not_a_video", { reason: "it is over before it begins" });
  const pixels = Math.max(video.width * video.height, media.storedPixels);
  if (pixels > limits.maxVideoPixels || Math.max(video.width, video.height) > longestSide) {
    throw new DeclaredError("video_too_big_picture", { width: video.width, height: video.height });
  }
  if (Math.min(video.width, video.height) < shortestSide)
    throw new DeclaredError("not_a_video", { reason: `its picture of ${video.width}x${video.height} is too small to be seen` });
  const tier = durationMs <= max_duration_ms + limits.durationToleranceMs ? tierOf(durationMs) : undefined;
  if (!tier) {
    const maxMs = Math.min(max_duration_ms, limits.maxVideoMs);
    throw new DeclaredError("video_too_long", { duration_s: Math.ceil(durationMs / 1000), max_s: Math.floor(maxMs / 1000) });
  }
  if (media.frames > media.frameTimesMs.length)
    throw new DeclaredError("not_a_video", { reason: "it has far more frames than a camera films in that time" });
  if (!audio || audio.duration_ms === 0) {
    // Words that are the customer's own need not be heard.
    if (wording?.has_words) return { audio: null, tier };
    throw new DeclaredError("no_audio");
  }
  if (audio.codec === unknownCodec)
    throw new DeclaredError("not_a_video", { reason: "its sound is in a format that cannot be read" });
  return { audio, tier };
}
