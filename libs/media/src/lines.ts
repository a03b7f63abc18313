import type { Readable } from "node:stream";

/** ffmpeg quotes metadata of the user's file; a longer line is cut. */
const maxLineLength = 4096;

/** Hands over whole lines without their end; a line that is too long is cut, so that no child can fill our memory with one. */
export function onLines(from: Readable | null, take: (line: string) => void): void {
  let rest = "";
  from?.setEncoding("utf8");
  from?.on("data", (chunk: string) => {
    const lines = (rest + chunk).split(/\r?\n|\r/);
    rest = (lines.pop() ?? "").slice(0, maxLineLength);
    for (const line of lines) if (line !== "") take(line.slice(0, maxLineLength));
  });
  from?.on("end", () => {
    if (rest !== "") take(rest);
  });
}
