import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { crc32, deflateSync } from "node:zlib";
import { baseClip, ffmpegUnguarded, picture, tone } from "./base.ts";
import { u16, u32, withBox, withNumber } from "./boxes.ts";
import type { HostileFile } from "./file.ts";

/** Small files that become large: hours, gigapixels, hundreds of thousands of frames. */
export const bombs: HostileFile[] = [
  {
    name: "two hours at a frame every hundred seconds",
    make: (file) => ffmpegUnguarded(picture({ size: "16x16", rate: 0.01, seconds: 7200 }), x264, ["-f", "mp4", file]),
    ends: "video_too_long",
  },
  {
    name: "an mp4 of ten thousand edits that show the same second again and again",
    make: async (file) => writeFile(file, withEdits(await readFile(await baseClip("mp4")), 10_000, 1000)),
    ends: "video_too_long",
  },
  {
    name: "an mp4 of 210,000 edits: two seconds at a hundred thousand frames a second",
    make: async (file) => {
      const whole = await readFile(await baseClip("mp4"));
      const fast = withNumber(withNumber(whole, "moov/mvhd", 12, 100_000), "moov/trak:0/mdia/mdhd", 12, 100_000);
      await writeFile(file, withEdits(fast, 210_000, 1));
    },
    ends: "not_a_video",
  },
  {
    name: "two frames ten microseconds apart, then only sound",
    make: (file) => {
      const frames = picture({ rate: 100_000, seconds: 0.00002 });
      return ffmpegUnguarded(frames, silence(60), x264, "-video_track_timescale 100000 -c:a aac -b:a 8k", ["-f", "mp4", file]);
    },
    ends: "accepted",
  },
  {
    name: "nearly five minutes of sound, and a frame at the end of the file",
    make: (file) => ffmpegUnguarded(picture({ rate: 1 }), silence(290), x264, "-c:a flac", ["-f", "matroska", file]),
    ends: "not_a_video",
  },
  {
    name: "a minute that claims to be over in 60 ms",
    make: async (file, { folder }) => {
      const slow = join(folder, "minute.mkv");
      await ffmpegUnguarded(picture({ seconds: 60, size: "32x32" }), tone(60), x264, "-c:a flac", ["-f", "matroska", slow]);
      const bytes = await readFile(slow);
      // TimestampScale: 1000 ns a tick, no longer 1000000.
      bytes.write("0003e8", bytes.indexOf(Buffer.from("2ad7b1830f4240", "hex")) + 4, "hex");
      await writeFile(file, bytes);
    },
    ends: "accepted",
  },
  {
    name: "a picture of 30000x30000 that is JPEG",
    make: async (file) => {
      const bytes = await readFile(await baseClip("avi"));
      for (const at of placesOf(bytes, startOfFrame))
        Buffer.concat([u16(30_000), u16(30_000)]).copy(bytes, at + startOfFrame.length);
      // BITMAPINFOHEADER, behind the chunk's size: biWidth and biHeight.
      const header = bytes.indexOf("strf") + 8;
      bytes.writeInt32LE(30_000, header + 4);
      bytes.writeInt32LE(30_000, header + 8);
      await writeFile(file, bytes);
    },
    ends: "not_a_video",
  },
  {
    name: "a picture of 16000x16000 that is PNG, and really there",
    make: async (file, { folder }) => {
      const still = join(folder, "still.png");
      await writeFile(still, bigPng(16_000));
      await ffmpegUnguarded("-framerate 1 -i", [still], tone(), "-c:v copy -c:a flac", ["-f", "matroska", file]);
    },
    ends: "video_too_big_picture",
  },
  {
    name: "a small PNG that becomes one of 16000x16000 a second on, really there",
    make: async (file, { folder }) => {
      const stills = join(folder, "stills.png");
      await writeFile(stills, Buffer.concat([bigPng(64), bigPng(16_000), bigPng(64)]));
      await ffmpegUnguarded("-framerate 1 -f png_pipe -i", [stills], tone(3), "-c:v copy -c:a flac", ["-f", "matroska", file]);
    },
    ends: "accepted",
    renders: "not_a_video",
  },
  {
    name: "a small picture that grows to 16383x16383 half a second on",
    make: async (file) => {
      const bytes = await readFile(await baseClip("webm"));
      const [, second = 0] = placesOf(bytes, vp8Start);
      bytes.writeUInt16LE(16_383, second + vp8Start.length);
      bytes.writeUInt16LE(16_383, second + vp8Start.length + 2);
      await writeFile(file, bytes);
    },
    ends: "accepted",
  },
  {
    name: "a frame that comes a day after the others",
    make: (file) => {
      const late = "-vf setpts=PTS+if(gt(N\\,5)\\,86400/TB\\,0) -fps_mode passthrough";
      return ffmpegUnguarded(picture(), tone(), late, x264, "-c:a flac", ["-f", "matroska", file]);
    },
    ends: "video_too_long",
  },
  {
    name: "sound that comes a day after the picture",
    make: (file) => ffmpegUnguarded(picture(), "-itsoffset 86400", tone(), x264, "-c:a flac", ["-f", "matroska", file]),
    ends: "video_too_long",
  },
];

const x264 = "-c:v libx264 -preset ultrafast -pix_fmt yuv420p";
const silence = (seconds: number) => `-f lavfi -i anullsrc=r=8000:cl=mono:d=${seconds}`;

/** SOF0 of a picture in 8 bits (JPEG, B.2.2), before its height and width. */
const startOfFrame = Buffer.from("ffc0001108", "hex");
/** Of a key frame, before its width and height, 14 bits each, little-endian (RFC 6386, 9.1). */
const vp8Start = Buffer.from("9d012a", "hex");

function placesOf(bytes: Buffer, what: Buffer): number[] {
  const places: number[] = [];
  for (let at = bytes.indexOf(what); at >= 0; at = bytes.indexOf(what, at + 1)) places.push(at);
  return places;
}

/** The picture's track shows its first ticks of the movie's clock that many times over. */
function withEdits(bytes: Buffer, count: number, ticks: number): Buffer {
  const edits = Buffer.alloc(12 * count, Buffer.concat([u32(ticks), u32(0), u32(0x10000)]));
  return withBox(bytes, "moov/trak:0/edts/elst", () => Buffer.concat([u32(0), u32(count), edits]));
}

/** A black square in one bit a pixel: 32 MB in a few kilobytes. ffmpeg itself takes no picture of more than about 16250x16250. */
function bigPng(side: number): Buffer {
  const chunk = (type: string, content: Buffer) => {
    const named = Buffer.concat([Buffer.from(type), content]);
    return Buffer.concat([u32(content.length), named, u32(crc32(named))]);
  };
  const rows = deflateSync(Buffer.alloc(side * (1 + Math.ceil(side / 8))), { level: 1 });
  return Buffer.concat([
    Buffer.from("89504e470d0a1a0a", "hex"),
    chunk("IHDR", Buffer.concat([u32(side), u32(side), Buffer.from([1, 0, 0, 0, 0])])),
    chunk("IDAT", rows),
    chunk("IEND", Buffer.alloc(0)),
  ]);
}
