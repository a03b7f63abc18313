/**
 * Makes the demo's sample video: a reading of a paragraph of Sense and Sensibility over moving photographs, as upright as a
 * phone's. Nothing of it is kept in the repository: the reading (LibriVox, public domain) and the photographs (MATE's
 * backgrounds) are in two Debian packages, which scripts/setup.sh unpacks into .cache/sample.
 *
 *   node scripts/sample.ts [FILE]     .cache/sample/sample.mp4 by default
 */
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { copyFile, mkdir, rename, rm } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { promisify } from "node:util";

/**
 * Writes the sample video to `outFile`: 1080x1920, 30 fps, H.264 and AAC, 18.8 s. It is made once, in some 20 s, and copied
 * from .cache/sample after that, until something of the recipe below changes.
 *
 * @throws if what it is made of was not fetched, or ffmpeg fails: the message says what to do.
 */
export async function makeSample(outFile: string): Promise<void> {
  const made = join(cache, `made-${recipe()}.mp4`);
  if (!existsSync(made)) {
    const missing = inputs.find((file) => !existsSync(file));
    if (missing) throw new Error(`The sample video is made of files that are not here, such as ${missing}. ${howToGetThem}`);
    console.log("Making the sample video (once; it takes about 20 s)");
    const draft = join(cache, `draft-${process.pid}.mp4`);
    try {
      await promisify(execFile)("ffmpeg", [...ffmpegArguments(), draft]);
    } catch (error) {
      await rm(draft, { force: true });
      const { stderr = "", message } = error as { stderr?: string; message: string };
      throw new Error(`ffmpeg could not make the sample video: ${stderr.trim() || message}`, { cause: error });
    }
    await rename(draft, made);
  }
  if (resolve(outFile) === made) return;
  await mkdir(dirname(resolve(outFile)), { recursive: true });
  await copyFile(made, outFile);
}

const cache = resolve(import.meta.dirname, "../.cache/sample");
const speechDir = join(cache, "debs/usr/share/pocketsphinx/test/data/librivox");
const photoDir = join(cache, "debs/usr/share/backgrounds/mate/nature");
const howToGetThem =
  'Run "npm run setup": it fetches them on Debian. Elsewhere, give the demo a video of your own: npm run demo -- FILE';

const width = 1080;
const height = 1920;
const fps = 30;

/**
 * What is read, and the photograph for it. `frame` is the upright part of the photograph that is used, in its pixels, and
 * the camera moves inside it: `zoom` is how far it is in, and `at` where it stands between the left and the right, the top
 * and the bottom edge (0 to 1) that the zoom leaves, each from the scene's beginning to its end.
 */
const scenes: readonly Scene[] = [
  {
    text: "He was not an ill-disposed young man,",
    speech: "sense_and_sensibility_01_austen_64kb-0880.wav",
    seconds: 2.99,
    photo: "TwoWings.jpg",
    frame: { x: 1180, y: 0, height: 1600 },
    zoom: [1.02, 1.16],
    at: { x: [0.5, 0.6], y: [0.3, 0.45] },
  },
  {
    text: "unless to be rather cold-hearted and rather selfish is to be ill-disposed.",
    speech: "sense_and_sensibility_01_austen_64kb-0890.wav",
    seconds: 5.3,
    photo: "Aqua.jpg",
    frame: { x: 1240, y: 0, height: 1600 },
    zoom: [1.2, 1.04],
    at: { x: [0.2, 0.8], y: [0.6, 0.5] },
  },
  {
    text: "Had he married a more amiable woman, he might have been made still more respectable than he was:",
    speech: "sense_and_sensibility_01_austen_64kb-0920.wav",
    seconds: 6.05,
    photo: "Garden.jpg",
    frame: { x: 1300, y: 0, height: 1600 },
    zoom: [1.03, 1.2],
    at: { x: [0.2, 0.7], y: [0.2, 0.5] },
  },
  {
    text: "he might even have been made amiable himself.",
    speech: "sense_and_sensibility_01_austen_64kb-0930.wav",
    seconds: 3.29,
    photo: "LadyBird.jpg",
    frame: { x: 1340, y: 0, height: 1600 },
    zoom: [1.22, 1.06],
    at: { x: [0.3, 0.5], y: [0.5, 0.5] },
  },
];

interface Scene {
  text: string;
  speech: string;
  seconds: number;
  photo: string;
  frame: { x: number; y: number; height: number };
  zoom: readonly [from: number, to: number];
  at: { x: readonly [from: number, to: number]; y: readonly [from: number, to: number] };
}

/** A moment to arrive before the first word, and one to leave after the last. */
const leadSeconds = 0.3;
const tailSeconds = 0.87;
/** Each photograph fades into the next over the pause between two sentences. */
const fadeSeconds = 0.6;

const inputs = scenes.flatMap(({ photo, speech }) => [join(photoDir, photo), join(speechDir, speech)]);
const endSeconds = leadSeconds + scenes.reduce((sum, { seconds }) => sum + seconds, 0) + tailSeconds;

function recipe(): string {
  return createHash("sha256")
    .update(JSON.stringify(ffmpegArguments().map((argument) => argument.replace(cache, ""))))
    .digest("hex")
    .slice(0, 12);
}

function ffmpegArguments(): string[] {
  const graph = [...scenes.map(moving), ...crossFades(), speech()].join(";");
  return [
    ...["-nostdin", "-v", "error", "-y"],
    ...inputs.flatMap((file) => ["-i", file]),
    ...["-filter_complex", graph, "-map", "[video]", "-map", "[audio]"],
    ...["-c:v", "libx264", "-preset", "veryfast", "-crf", "20", "-pix_fmt", "yuv420p", "-r", String(fps)],
    ...["-colorspace", "bt709", "-color_primaries", "bt709", "-color_trc", "bt709"],
    ...["-c:a", "aac", "-b:a", "128k", "-ar", "48000", "-ac", "2"],
    ...["-t", endSeconds.toFixed(3), "-movflags", "+faststart", "-f", "mp4"],
  ];
}

/** When a scene is first and last to be seen, its fades included. */
function span(index: number): { from: number; to: number } {
  const starts = leadSeconds + scenes.slice(0, index).reduce((sum, { seconds }) => sum + seconds, 0);
  const ends = starts + (scenes[index]?.seconds ?? 0);
  return {
    from: index === 0 ? 0 : starts - fadeSeconds / 2,
    to: index === scenes.length - 1 ? endSeconds : ends + fadeSeconds / 2,
  };
}

/**
 * The camera's way over one photograph. `perspective` maps a moving window onto the whole picture with fractions of a
 * pixel; `zoompan` and `crop` know whole pixels only, and a slow move trembles. The colours are set before the still is
 * repeated, so that it costs one picture: a little darker, and darker towards the edges, for white letters to stand out.
 */
function moving({ frame, zoom, at }: Scene, index: number): string {
  const { from, to } = span(index);
  const frames = Math.ceil((to - from) * fps) + 1;
  const way = ([begin, end]: readonly [number, number]) => `(${begin}+${(end - begin).toFixed(3)}*on/${frames})`;
  const [z, x, y] = [way(zoom), way(at.x), way(at.y)];
  const [left, top] = [`W*(1-1/${z})*${x}`, `H*(1-1/${z})*${y}`];
  const [right, bottom] = [`${left}+W/${z}`, `${top}+H/${z}`];
  const cropWidth = Math.round((frame.height * width) / height);
  return [
    `[${index * 2}:v]crop=${cropWidth}:${frame.height}:${frame.x}:${frame.y}`,
    `scale=${width}:${height}:flags=lanczos:out_color_matrix=bt709:out_range=tv`,
    "setsar=1,eq=brightness=-0.03:saturation=1.08,vignette=PI/5,format=yuv420p",
    `loop=loop=${frames}:size=1,setpts=N/${fps}/TB,fps=${fps}`,
    `perspective=${left}:${top}:${right}:${top}:${left}:${bottom}:${right}:${bottom}:interpolation=linear:eval=frame`,
    `trim=end_frame=${frames}`,
    ...(index === 0 ? [] : [`format=yuva420p,fade=t=in:alpha=1:d=${fadeSeconds}`]),
    `setpts=PTS+${from.toFixed(3)}/TB[scene${index}]`,
  ].join(",");
}

/** Lays the scenes over each other, each fading in over the one before it. (`xfade` works in 4:4:4 only, and twice as long.) */
function crossFades(): string[] {
  return scenes.map((_, index) => {
    const below =
      index === 0
        ? `color=black:s=${width}x${height}:r=${fps}:d=${endSeconds.toFixed(3)},format=yuv420p[below0];[below0]`
        : `[below${index}]`;
    const above = index === scenes.length - 1 ? "[video]" : `[below${index + 1}]`;
    return `${below}[scene${index}]overlay=eof_action=pass${above}`;
  });
}

/**
 * The sentences one after another: each recording begins and ends with a fifth of a second of the room, which makes the
 * pauses. Brought to the loudness that phones' players aim at, -16 LUFS.
 */
function speech(): string {
  const streams = scenes.map((_, index) => `[${index * 2 + 1}:a]`).join("");
  const fade = `afade=t=in:d=0.15,afade=t=out:st=${(endSeconds - leadSeconds - tailSeconds - 0.1).toFixed(3)}:d=0.1`;
  const delay = `adelay=${leadSeconds * 1000}:all=1`;
  return `${streams}concat=n=${scenes.length}:v=0:a=1,${fade},${delay},aresample=48000,loudnorm=I=-16:TP=-1.5:LRA=7,aresample=48000,apad[audio]`;
}

if (import.meta.main) {
  const outFile = resolve(process.argv[2] ?? join(cache, "sample.mp4"));
  await makeSample(outFile);
  console.log(outFile);
}
