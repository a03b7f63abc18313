import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { promisify } from "node:util";

/** Videos for tests, made by ffmpeg from generated pictures and real speech of a Debian package (LibriVox, public domain). */
const run = promisify(execFile);
const librivox = resolve(import.meta.dirname, "../.cache/sample/debs/usr/share/pocketsphinx/test/data/librivox");

/** A reading from Jane Austen's Sense and Sensibility, and what is said in it. */
export const reading = {
  file: resolve(librivox, "sense_and_sensibility_01_austen_64kb-0890.wav"),
  text: "unless to be rather cold hearted and rather selfish is to be ill disposed",
};

/** A font that no style may name: black, with serifs, and with Latin letters but no Greek ones. */
export const serifFile = resolve(
  import.meta.dirname,
  "../node_modules/@expo-google-fonts/noto-serif-tibetan/900Black/NotoSerifTibetan_900Black.ttf",
);

/** Runs ffmpeg quietly. */
export async function ffmpeg(...args: string[]): Promise<void> {
  await run("ffmpeg", ["-nostdin", "-v", "error", "-y", ...args]);
}

/** A video of moving stripes with that speech (or none), as short as the speech. */
export async function spokenVideo(
  file: string,
  { speech = reading.file as string | null, width = 360, height = 640, seconds = 6 } = {},
): Promise<string> {
  if (speech && !existsSync(speech)) throw new Error(`${speech} is missing: run npm run setup`);
  const picture = ["-f", "lavfi", "-i", `testsrc2=size=${width}x${height}:rate=30:duration=${seconds}`];
  const sound = speech
    ? ["-i", speech, "-map", "0:v", "-map", "1:a", "-af", `apad=whole_dur=${seconds}`, "-c:a", "aac"]
    : ["-an"];
  await ffmpeg(
    ...picture,
    ...sound,
    "-c:v",
    "libx264",
    "-preset",
    "ultrafast",
    "-pix_fmt",
    "yuv420p",
    "-t",
    String(seconds),
    file,
  );
  return file;
}

interface Stream {
  codec_type: string;
  codec_name: string;
  width?: number;
  height?: number;
  nb_read_packets?: string;
}

/** The streams of a file, with their packets counted. */
export async function streamsOf(file: string): Promise<Stream[]> {
  const { stdout } = await run("ffprobe", ["-v", "error", "-count_packets", "-show_streams", "-of", "json", file]);
  return (JSON.parse(stdout) as { streams: Stream[] }).streams;
}
