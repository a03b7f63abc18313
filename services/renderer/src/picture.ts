import type { Frame } from "@viralclaw/captions/frame";
import type { Matrix } from "@viralclaw/captions/matrix";
import type { MediaInfo } from "@viralclaw/media/probe";

/** What has to happen to a picture before and after the captions are drawn: decided from what is in the file, pure. */
export interface Picture {
  /** The output's size, which the captions are laid out for. */
  frame: Frame;
  /** ffmpeg filters before the captions, in order. */
  filters: string[];
  /** Those of them that a single frame needs. */
  frameFilters: string[];
  /** The matrix of its colours, and what the file calls it: "unknown" where a player has to guess, null where nothing need be done. */
  matrix: Matrix;
  matrixName: string | null;
  /** Those that follow where the last frame is part of it: they hold it for as long as there is sound. */
  hold: string[];
  /** Frames are made anew at a steady rate: the result's are not the source's, one by one. */
  isResampled: boolean;
  /** When each frame is shown, ms from the file's zero, with those added at the end. */
  frameTimesMs: number[];
  /** When the last frame is over. */
  endMs: number;
  /** How long the last frame is held because sound goes on after it, ms. */
  heldMs: number;
  toneMapped: boolean;
}

/**
 * Plans the picture: high dynamic range is mapped to bt709, pixels become square, colours 8-bit 4:2:0 in the limited range,
 * sides even, and the last frame stays as long as there is sound. Rotation is undone by ffmpeg itself, before all of this.
 */
export function pictureOf(media: MediaInfo): Picture {
  const { video, audio, anamorphic, videoEndMs } = media;
  const frame = { width: even(video.width), height: even(video.height) };
  const toneMapped = video.color_transfer !== null && highDynamicRange.has(video.color_transfer);
  const audioEndMs = audio ? audio.start_ms + audio.duration_ms : 0;
  const heldMs = audioEndMs - videoEndMs > longerByMs ? audioEndMs - videoEndMs : 0;
  const rate = heldMs > 0 ? holdingRate(media) : null;
  const isOdd = frame.width !== video.width || frame.height !== video.height;
  const frameFilters = [
    ...(toneMapped && video.color_transfer ? toneMap(video.color_transfer) : []),
    ...(anamorphic ? [`scale=${video.width}:${video.height}`, "setsar=1"] : []),
    // Also makes a full range (yuvj420p, as some phones film) limited: the captions' colours are drawn for that.
    "format=yuv420p",
    // From the top left: the default would move odd sizes by a pixel of chroma.
    ...(isOdd ? [`crop=${frame.width}:${frame.height}:0:0`] : []),
  ];
  return {
    frame,
    frameFilters,
    ...(toneMapped ? matrixOf("bt709", frame) : matrixOf(media.colorMatrix, frame)),
    toneMapped,
    heldMs,
    endMs: videoEndMs + heldMs,
    frameTimesMs: rate
      ? steadyFrames(media, heldMs, rate)
      : [...media.frameTimesMs, ...heldFrames(videoEndMs, heldMs, video.fps)],
    filters: [
      ...frameFilters,
      // Two frames closer together than a tick would be over before they began, and leave none to hold: the last one is passed on.
      ...(rate ? [`fps=${rate}:eof_action=pass`] : []),
    ],
    hold: heldMs > 0 ? [`tpad=stop_mode=clone:stop_duration=${heldMs / 1000}`] : [],
    isResampled: rate !== null,
  };
}

/** Without a name players take pictures of 720 rows and more for bt709, as HD television is, and others for bt601. */
function matrixOf(name: string | null, { height }: Frame): Pick<Picture, "matrix" | "matrixName"> {
  if (name === null) return { matrix: height >= 720 ? "bt709" : "bt601", matrixName: "unknown" };
  const matrix = matrices[name];
  // RGB, and what nobody films with, become bt601 as they become 4:2:0.
  return matrix ? { matrix, matrixName: name } : { matrix: "bt601", matrixName: null };
}

const matrices: Readonly<Record<string, Matrix>> = {
  ...{ bt709: "bt709", smpte170m: "bt601", bt470bg: "bt601", bt2020nc: "bt2020", bt2020c: "bt2020" },
};

/** x264 takes only even sides in 4:2:0. */
const even = (pixels: number) => Math.max(2, Math.floor(pixels / 2) * 2);

/** AAC frames are up to 46 ms long (1024 samples at 22,050 Hz): sound that ends this much later is only rounded up. */
const longerByMs = 100;

/** The most frames a second that a phone films. */
const fastestFps = 240;
/** What a screen shows. */
const steadyFps = 30;

/**
 * The steady rate that the picture must be brought to before its last frame can be held, or null where it can be as it is. The
 * frame is held by as many copies a second as ffmpeg takes the picture to have: two frames a microsecond apart, and five minutes
 * of sound, would be 300 million.
 */
function holdingRate({ video, assumedFps }: MediaInfo): number | null {
  return assumedFps > 0 && Math.max(assumedFps, video.fps) <= fastestFps ? null : steadyFps;
}

function steadyFrames({ video, videoEndMs }: MediaInfo, heldMs: number, fps: number): number[] {
  return heldFrames(video.start_ms, videoEndMs + heldMs - video.start_ms, fps);
}

function heldFrames(fromMs: number, heldMs: number, fps: number): number[] {
  return Array.from({ length: Math.ceil((heldMs * fps) / 1000) }, (_, k) => fromMs + (k * 1000) / fps);
}

/** HLG and PQ, as ffmpeg names them. */
const highDynamicRange: ReadonlySet<string> = new Set(["arib-std-b67", "smpte2084"]);

/**
 * To linear light, tone-mapped there, back to bt709 in 8 bits. HLG and PQ imply bt2020, and it is said outright: of a file
 * that leaves it out zscale finds "no path between colorspaces". mobius keeps what is inside of bt709 as it is and bends only
 * the highlights.
 */
function toneMap(transfer: string): string[] {
  return [
    `setparams=color_trc=${transfer}:color_primaries=bt2020:colorspace=bt2020nc`,
    `zscale=t=linear:npl=${nominalPeak}`,
    "format=gbrpf32le",
    "zscale=p=bt709",
    "tonemap=tonemap=mobius:desat=0",
    "zscale=t=bt709:m=bt709:r=limited",
  ];
}

/** The brightness, cd/m2, that becomes SDR's white. */
const nominalPeak = 100;
