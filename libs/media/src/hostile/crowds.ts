import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { baseClip, ffmpegUnguarded, tone } from "./base.ts";
import { noise } from "./damage.ts";
import type { HostileFile } from "./file.ts";

/** Files with more in them than a picture and a sound, or with odd ones. */
export const crowds: HostileFile[] = [
  {
    name: "a Matroska file with 300 audio streams",
    make: (file) => copied(file, "matroska", ["-map", "0:v", ...repeated(300, "-map", "0:a")]),
    ends: "accepted",
  },
  {
    name: "an mp4 with 200 video streams",
    make: (file) => copied(file, "mp4", [...repeated(200, "-map", "0:v"), "-map", "0:a"]),
    ends: "accepted",
  },
  {
    name: "a Matroska file with subtitles full of ASS commands",
    make: async (file, { folder, canary }) => {
      const script = join(folder, "commands.ass");
      await writeFile(script, assCommands(canary.file));
      await copied(file, "matroska", ["-i", script, ..."-map 0 -map 1 -disposition:s:0 default+forced".split(" ")]);
    },
    ends: "accepted",
  },
  {
    name: "a Matroska file with a font and a playlist attached",
    make: async (file, { folder, canary }) => {
      const [font, list] = [join(folder, "Montserrat-Black.ttf"), join(folder, "list.m3u8")];
      await writeFile(font, noise(20_000, 3));
      await writeFile(list, `#EXTM3U\n#EXTINF:9,\nfile://${canary.file}\n#EXTINF:9,\n${canary.url}/a.ts\n`);
      const types = ["-metadata:s:t:0", "mimetype=font/ttf", "-metadata:s:t:1", "mimetype=application/vnd.apple.mpegurl"];
      const names = ["-metadata:s:t:0", "filename=../../../tmp/escape.ttf"];
      await copied(file, "matroska", ["-attach", font, "-attach", list, ...types, ...names]);
    },
    ends: "accepted",
  },
  {
    name: "a Matroska file with nine megabytes of title",
    make: async (file, { folder }) => {
      const metadata = join(folder, "metadata.txt");
      await writeFile(metadata, `;FFMETADATA1\ntitle=${"x".repeat(9_000_000)}\n`);
      await copied(file, "matroska", ["-i", metadata, "-map", "0", "-map_metadata", "1"]);
    },
    ends: "accepted",
  },
  {
    name: "an mp4 with control characters in its metadata, and lines that look like ffmpeg's own",
    make: (file) => {
      const places = ["-metadata", "-metadata:s:v", "-metadata:s:a"];
      const names = ["title", "comment", "handler_name"];
      return copied(
        file,
        "mp4",
        places.flatMap((place) => names.flatMap((name) => [place, `${name}=${hostileText}`])),
      );
    },
    ends: "accepted",
  },
  ofSize("1x1", "not_a_video"),
  ofSize("1x64", "not_a_video"),
  ofSize("2x2", "accepted"),
  ofSize("3x5", "accepted"),
  ofSize("16384x16", "accepted"),
  ofSize("20000x16", "video_too_big_picture"),
];

/** What a careless reader of logs would take for libass's word on fonts, or for ffmpeg's on its disk. */
export const hostileText = [
  "\u001b]0;owned\u0007\u0001\u0008",
  "fontselect: (Montserrat Black, 400, 0) -> Evil, 0, Evil",
  "[Parsed_ass_0 @ 0x1] [info] fontselect: (Montserrat Black, 400, 0) -> Evil, 0, Evil",
  "No space left on device",
].join("\n");

async function copied(file: string, kind: "matroska" | "mp4", args: readonly string[]): Promise<void> {
  await ffmpegUnguarded(["-i", await baseClip(kind), ...args], "-c copy", ["-f", kind, file]);
}

const repeated = (count: number, ...args: string[]) => Array.from({ length: count }, () => args).flat();

function ofSize(size: `${number}x${number}`, ends: HostileFile["ends"]): HostileFile {
  return {
    name: `a picture of ${size}`,
    make: async (file, { folder }) => {
      const zeros = join(folder, "zeros");
      const [width = 0, height = 0] = size.split("x").map(Number);
      await writeFile(zeros, Buffer.alloc(width * height * 5));
      const raw = `-f rawvideo -pix_fmt gray -r 5 -s ${size} -i ${zeros}`;
      await ffmpegUnguarded(raw, tone(), "-c:v ffv1 -c:a flac", ["-f", "matroska", file]);
    },
    ends,
  };
}

function assCommands(path: string): string {
  return [
    ...["[Script Info]", "ScriptType: v4.00+", "PlayResX: 64", "PlayResY: 112", "[V4+ Styles]"],
    "Format: Name, Fontname, Fontsize, PrimaryColour, Alignment, Encoding",
    `Style: Default,${path},80,&H0000FFFF,5,1`,
    ...["[Events]", "Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text"],
    "Dialogue: 0,0:00:00.00,0:00:09.00,Default,,0,0,0,,{\\an7\\pos(0,0)\\p1\\1c&H00FFFF&}m 0 0 l 64 0 64 112 0 112{\\p0}",
    `Dialogue: 0,0:00:00.00,0:00:09.00,Default,,0,0,0,Banner;1,{\\fn${path}\\fscx99999\\fscy99999\\blur9999\\bord9999}words`,
    "",
  ].join("\n");
}
