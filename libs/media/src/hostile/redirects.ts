import { readFile, writeFile } from "node:fs/promises";
import { basename } from "node:path";
import { baseClip } from "./base.ts";
import { box, u16, u32, withBox } from "./boxes.ts";
import type { Canary } from "./canary.ts";
import type { HostileFile } from "./file.ts";

/** Files that make ffmpeg, or another program that it resembles, open other files or addresses. None is followed. */
export const redirects: HostileFile[] = [
  ...Object.entries(texts()).map(([name, write]) => ({
    name,
    make: (file: string, { canary }: { canary: Canary }) => writeFile(file, write(canary), "latin1"),
    ends: "not_a_video" as const,
  })),
  {
    name: "an mp4 whose samples lie in another file, by its address",
    make: (file, { canary }) => withReference(file, box("url ", u32(0), cString(`file://${canary.file}`))),
    ends: "accepted",
  },
  {
    name: "a mov whose samples lie in another file, by its path",
    make: (file, { canary }) => withReference(file, alias(canary.file)),
    ends: "not_a_video",
  },
  {
    name: "a mov that is only a reference to another movie",
    make: (file, { canary }) => writeFile(file, referenceMovie(canary)),
    ends: "not_a_video",
  },
  {
    name: "an AVI with a playlist for subtitles",
    make: (file, { canary }) => writeFile(file, aviWithSubtitles(playlist(canary))),
    ends: "not_a_video",
  },
  {
    name: "a transport stream that begins like a playlist",
    make: async (file, { canary }) =>
      writeFile(file, Buffer.concat([Buffer.from(playlist(canary)), await readFile(await baseClip("mpegts"))])),
    ends: "not_a_video",
  },
];

function playlist({ file, url }: Pick<Canary, "file" | "url">): string {
  return `#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\nfile://${file}\n#EXTINF:9,\n${url}/x.ts\n#EXT-X-ENDLIST\n`;
}

/** By what each is, as text. */
function texts(): Record<string, (canary: Pick<Canary, "file" | "url">) => string> {
  return {
    "an HLS playlist": playlist,
    "an HLS playlist behind a byte order mark and blank lines": (canary) => `\xef\xbb\xbf\n\n${playlist(canary)}`,
    "an HLS playlist with a key and a map": ({ file, url }) =>
      `#EXTM3U\n#EXT-X-KEY:METHOD=AES-128,URI="${url}/key"\n#EXT-X-MAP:URI="${file}"\n#EXTINF:1,\nconcat:${file}|subfile,,start,0,end,9,,:${file}\n`,
    "an HLS master playlist": ({ url }) => `#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\n${url}/low.m3u8\n`,
    "a concat script": ({ file }) => `ffconcat version 1.0\nfile '${file}'\n`,
    "a concat script without its first line": ({ file }) => `file '${file}'\nfile '${file}'\n`,
    "a DASH manifest": ({ file, url }) =>
      `<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static" mediaPresentationDuration="PT9S"><BaseURL>${url}/</BaseURL><Period><AdaptationSet mimeType="video/mp4"><Representation id="1" bandwidth="1"><BaseURL>file://${file}</BaseURL><SegmentBase indexRange="0-9"/></Representation></AdaptationSet></Period></MPD>`,
    "a Smooth Streaming manifest": ({ url }) =>
      `<?xml version="1.0"?><SmoothStreamingMedia MajorVersion="2" Duration="90"><StreamIndex Type="video" Url="${url}/{start time}"/></SmoothStreamingMedia>`,
    "an IMF composition": ({ file }) =>
      `<?xml version="1.0"?><CompositionPlaylist xmlns="http://www.smpte-ra.org/schemas/2067-3/2016"><Id>urn:uuid:1</Id><File>${file}</File></CompositionPlaylist>`,
    "a SMIL presentation": ({ file, url }) =>
      `<smil><body><video src="file://${file}"/><video src="${url}/a.mp4"/></body></smil>`,
    "a session description": ({ url }) => {
      const { hostname, port } = new URL(url);
      return `v=0\no=- 0 0 IN IP4 ${hostname}\ns=x\nc=IN IP4 ${hostname}\nt=0 0\na=control:rtsp://${hostname}:${port}/x\nm=video ${port} RTP/AVP 96\na=rtpmap:96 H264/90000\n`;
    },
    "an ASX playlist": ({ url }) => `<ASX version="3.0"><Entry><Ref href="${url}/a.wmv"/></Entry></ASX>`,
    "an old Windows Media reference": ({ url }) => `[Reference]\nRef1=${url}/a.asf\nRef2=${url}/b.asf\n`,
    "a QuickTime link": ({ url }) =>
      `<?xml version="1.0"?><?quicktime type="application/x-quicktime-media-link"?><embed src="${url}/a.mov"/>`,
    "an RTSP redirect": ({ url }) => `rtsptext\n${url.replace("http", "rtsp")}/a\n`,
    "a PLS playlist": ({ file }) => `[playlist]\nFile1=${file}\nNumberOfEntries=1\n`,
    "a VobSub index": ({ file }) =>
      `# VobSub index file, v7 (do not modify this line!)\nsize: 720x576\nid: ${basename(file)}, index: 0\ntimestamp: 00:00:01:000, filepos: 000000000\n`,
    "an AviSynth script": ({ file }) => `AVISource("${file}")\n`,
    "a VapourSynth script": ({ file }) =>
      `import vapoursynth as vs\nopen(r"${file}").read()\nvs.core.std.BlankClip().set_output()\n`,
    "a picture in SVG": ({ file }) =>
      `<svg xmlns="http://www.w3.org/2000/svg" width="64" height="64"><image href="file://${file}" width="9" height="9"/></svg>`,
    "text for a terminal": () => `\x1b[2J\x1b[31mred\x1b[0m ${"ANSI art ".repeat(200)}`,
    "an ffmpeg filter graph": ({ file }) => `movie=${file}[out0];amovie=${file}[out1]\n`,
    "an SRT file": () => "1\n00:00:00,000 --> 00:00:02,000\n{\\an8}<b>words</b>\n",
    "an ASS script": () =>
      "[Script Info]\nScriptType: v4.00+\n[Events]\nDialogue: 0,0:00:00.00,0:00:02.00,Default,,0,0,0,,{\\p1}m 0 0\n",
  };
}

/** A data reference that is not to the file itself (flags 0), in place of the one of the first track. */
async function withReference(file: string, reference: Buffer): Promise<void> {
  const whole = await readFile(await baseClip("mov"));
  await writeFile(
    file,
    withBox(whole, "moov/trak/mdia/minf/dinf/dref", () => Buffer.concat([u32(0), u32(1), reference])),
  );
}

/** An alias of the old Mac OS, as far as ffmpeg reads one (mov.c, mov_read_dref): volume, file name, and the whole path as item 2. */
function alias(path: string): Buffer {
  const name = Buffer.from(basename(path)).subarray(0, 63);
  const whole = Buffer.from(path.length % 2 === 0 ? path : `${path}\0`);
  return box(
    "alis",
    ...[u32(0), Buffer.alloc(10), Buffer.from([0]), Buffer.alloc(27), Buffer.alloc(12)],
    ...[Buffer.from([name.length]), name, Buffer.alloc(63 - name.length), Buffer.alloc(16)],
    ...[u16(1), u16(1), Buffer.alloc(16), u16(2), u16(whole.length), whole, u16(0xffff), u16(0)],
  );
}

/** QuickTime File Format, "Reference Movies". */
function referenceMovie({ file, url }: Canary): Buffer {
  const to = (kind: string, address: string) =>
    box("rmda", box("rdrf", u32(0), Buffer.from(kind), u32(address.length + 1), cString(address)));
  return Buffer.concat([
    box("ftyp", Buffer.from("qt  "), u32(0), Buffer.from("qt  ")),
    box("moov", box("rmra", to("url ", `${url}/a.mov`), to("url ", `file://${file}`))),
  ]);
}

/** AVI files may carry a subtitle file in a packet marked GAB2, which players open as if it were a file of its own. */
function aviWithSubtitles(text: string): Buffer {
  const little = (value: number) => Buffer.from(u32(value)).reverse();
  const chunk = (id: string, ...content: Buffer[]) => {
    const payload = Buffer.concat(content);
    return Buffer.concat([Buffer.from(id), little(payload.length), payload, Buffer.alloc(payload.length % 2)]);
  };
  const list = (type: string, ...content: Buffer[]) => chunk("LIST", Buffer.from(type), ...content);
  const mark = Buffer.concat([Buffer.from("GAB2\0"), Buffer.from([2, 0]), little(0), Buffer.from([4, 0])]);
  const header = Buffer.concat([
    Buffer.from("txts"),
    Buffer.alloc(16),
    little(1),
    little(1),
    little(0),
    little(1),
    Buffer.alloc(20),
  ]);
  return chunk(
    "RIFF",
    Buffer.from("AVI "),
    list(
      "hdrl",
      chunk("avih", little(1), Buffer.alloc(20), little(1), Buffer.alloc(28)),
      list("strl", chunk("strh", header), chunk("strf", Buffer.alloc(40))),
    ),
    list("movi", chunk("00tx", mark, little(text.length), Buffer.from(text))),
  );
}

const cString = (text: string) => Buffer.from(`${text}\0`);
