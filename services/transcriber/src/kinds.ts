import { open } from "node:fs/promises";
import { DeclaredError } from "@viralclaw/contracts/errors";

/**
 * Tells a customer what was sent in place of a video, where that is plain from its first bytes: ffprobe would only say that it
 * cannot read it. Throws `not_a_video` then; whatever else is not a video is found out by probing.
 */
export async function refuseOtherKinds(file: string): Promise<void> {
  await using handle = await open(file);
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(headBytes), 0, headBytes, 0);
  const kind = otherKind(buffer.subarray(0, bytesRead));
  if (kind) throw new DeclaredError("not_a_video", { reason: `it is ${kind}` });
}

/** What the first bytes of a file say it is, for kinds that are often mistaken for a video; undefined where they tell nothing. */
export function otherKind(head: Uint8Array): string | undefined {
  if (head.length === 0) return "an empty file";
  const text = Buffer.from(head.buffer, head.byteOffset, head.length).toString("latin1");
  const binary = signatures.find(([at, bytes]) => text.startsWith(bytes, at))?.[2];
  return binary ?? texts.find(([pattern]) => pattern.test(text.replace(byteOrderMark, "").trimStart()))?.[1];
}

const headBytes = 512;

const archive = "a compressed archive; unpack it first";
const picture = "a picture";
const sound = "a sound file without a picture";

/** As the file's specifications have them, in Latin-1. */
const signatures: [at: number, bytes: string, kind: string][] = [
  [0, "PK\x03\x04", archive],
  [0, "PK\x05\x06", archive],
  [0, "Rar!", archive],
  [0, "7z\xbc\xaf", archive],
  [0, "\x1f\x8b", archive],
  [0, "%PDF-", "a PDF document"],
  [0, "\x89PNG", picture],
  [0, "\xff\xd8\xff", picture],
  [0, "GIF8", picture],
  [8, "WEBP", picture],
  [4, "ftypavif", picture],
  [4, "ftypheic", picture],
  [4, "ftypheix", picture],
  [4, "ftypmif1", picture],
  [0, "ID3", sound],
  [0, "\xff\xfb", sound],
  [0, "\xff\xf3", sound],
  [0, "\xff\xf1", sound],
  [8, "WAVE", sound],
  [0, "fLaC", sound],
  [0, "#!AMR", sound],
  [4, "ftypM4A", sound],
];

const byteOrderMark = /^\xef\xbb\xbf/;

const texts: [begins: RegExp, kind: string][] = [
  [/^<(!doctype\s+html|html|head|body|script)\b/i, "a web page; give the address of the video file itself"],
  [/^<(\?xml|Error\b)/, "an XML document, often the error message of a file store"],
  [/^(\{\s*["}]|\[\s*[[{"\]])/, "JSON text"],
  [/^#EXTM3U/, "a playlist; give the address of the video file itself"],
];
