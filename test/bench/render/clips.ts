import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readFile, rename } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { cartoon, desktop, feed, handheld, type Recipe, realFootage } from "./recipes.ts";
import { cacheDir, unpacked } from "./sources.ts";

/**
 * The clips of the render bench, made on the machine and kept in .cache. No camera footage of 1080x1920 is to be had offline, so
 * "phone" and "wide" are real photographs before a hand-held camera with a sensor's noise, "hands" and "city" are real footage (OpenCV's and
 * Kivy's documentation) enlarged under such noise, and the screens are scrolling pages of a real browser.
 */
export interface Clip {
  name: string;
  shape: "vertical" | "wide";
  kind: "phone" | "animation" | "screen";
  /** Settings were chosen by looking at the training clips only; the judged ones are what the targets are measured on. */
  role: "training" | "judged";
  recipe: Recipe;
}

export const clips: readonly Clip[] = [
  {
    name: "training-phone",
    shape: "vertical",
    kind: "phone",
    role: "training",
    recipe: handheld(["Garden", "Aqua"], "vertical", 11),
  },
  { name: "training-hands", shape: "wide", kind: "phone", role: "training", recipe: realFootage("box", "wide", 13) },
  {
    name: "training-cartoon",
    shape: "vertical",
    kind: "animation",
    role: "training",
    recipe: cartoon(["moon", "potato-game"], "vertical"),
  },
  {
    name: "training-screen",
    shape: "vertical",
    kind: "screen",
    role: "training",
    recipe: feed("architecture.md", ["Dune", "Wood"]),
  },
  {
    name: "phone",
    shape: "vertical",
    kind: "phone",
    role: "judged",
    recipe: handheld(["FreshFlower", "TwoWings"], "vertical", 14),
  },
  { name: "hands", shape: "vertical", kind: "phone", role: "judged", recipe: realFootage("cup", "vertical", 10) },
  { name: "city", shape: "wide", kind: "phone", role: "judged", recipe: realFootage("city", "wide", 8) },
  { name: "cartoon", shape: "vertical", kind: "animation", role: "judged", recipe: cartoon(["robin-tux", "egypt"], "vertical") },
  {
    name: "cartoon-wide",
    shape: "wide",
    kind: "animation",
    role: "judged",
    recipe: cartoon(["train_valley", "pizzeria"], "wide"),
  },
  { name: "screen", shape: "vertical", kind: "screen", role: "judged", recipe: feed("errors.md", ["LadyBird", "Storm"]) },
  { name: "screen-wide", shape: "wide", kind: "screen", role: "judged", recipe: desktop("events.md", "measured.md") },
];

/**
 * The file of a clip, made if it is not there; a judged one is repeated until it is as long as people's shorts are. No encoder here looks
 * so far back that it could know what it saw 8 s ago. Needs Debian's packages and Chromium: says what is missing.
 */
export async function clipFile(clip: Clip): Promise<string> {
  const scene = await sceneFile(clip);
  if (clip.role === "training") return scene;
  const repeated = scene.replace(/\.mp4$/, `-${judgedSeconds}s.mp4`);
  return made(repeated, ["-stream_loop", "-1", "-i", scene, "-map", "0", "-c", "copy", "-t", `${judgedSeconds}`, "-f", "mp4"]);
}

async function sceneFile({ name, shape, recipe }: Clip): Promise<string> {
  await unpacked();
  const { inputs, graph, mbits } = await recipe();
  const args = [...sound, ...inputs, "-filter_complex", graph, "-map", "[out]", "-map", "0:a", ...encoding(mbits)];
  const version = createHash("sha256")
    .update(JSON.stringify([args.map((arg) => arg.replaceAll(cacheDir, "")), shape]))
    .digest("hex");
  return made(join(cacheDir, `${name}-${version.slice(0, 10)}.mp4`), args);
}

/** What ffmpeg makes of arguments, unless it is there already. */
async function made(file: string, args: readonly string[]): Promise<string> {
  if (existsSync(file)) return file;
  await mkdir(cacheDir, { recursive: true });
  await promisify(execFile)("ffmpeg", ["-nostdin", "-v", "error", "-y", ...args, `${file}.part`], { maxBuffer: 1e8 });
  await rename(`${file}.part`, file);
  return file;
}

/** s, of a scene and of what is judged; frames a second. */
const clipSeconds = 8;
const judgedSeconds = 30;
const clipFps = 30;

/** A quiet room. */
const sound = ["-f", "lavfi", "-i", "anoisesrc=amplitude=0.02:sample_rate=48000:seed=7"];

/** As phones' own encoders do it: no B frames, a key frame a second, a bit rate that hardly falls. */
function encoding(mbits: number): string[] {
  const rate = ["-b:v", `${mbits}M`, "-maxrate", `${mbits * 1.3}M`, "-bufsize", `${mbits}M`];
  const picture = ["-c:v", "libx264", "-preset", "veryfast", "-bf", "0", "-g", `${clipFps}`, "-pix_fmt", "yuv420p", ...rate];
  const tags = ["-colorspace", "bt709", "-color_primaries", "bt709", "-color_trc", "bt709"];
  return [...picture, ...tags, "-c:a", "aac", "-b:a", "128k", "-t", `${clipSeconds}`, "-f", "mp4"];
}

/** A name of a clip, or the path of a file of one's own. */
export async function clipOf(argument: string): Promise<{ name: string; file: string }> {
  const clip = clips.find(({ name }) => name === argument);
  if (clip) return { name: clip.name, file: await clipFile(clip) };
  await readFile(argument).catch(() => {
    throw new Error(`${argument} is neither a file nor one of the clips ${clips.map(({ name }) => name).join(", ")}`);
  });
  return { name: argument.replace(/^.*\//, ""), file: argument };
}
