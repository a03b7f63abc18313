import assert from "node:assert/strict";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, it } from "node:test";
import { DeclaredError } from "@viralclaw/contracts/errors";
import { ffmpegUnguarded, picture, tone } from "./hostile/base.ts";
import { probe } from "./probe.ts";
import { temporaryFolder } from "./testing.ts";

/**
 * Files that are cut off anywhere. `npm run truncations` cuts at every tenth byte, which takes minutes; otherwise at so many that
 * every part of a file is met.
 */
const everyBytes = Number(process.env.TRUNCATE_EVERY_BYTES ?? 331);
/** As small as a video with sound can be. */
const tiny = {
  mp4: "-c:v libx264 -preset ultrafast -pix_fmt yuv420p -c:a aac -b:a 8k",
  "mp4, its index first": "-c:v libx264 -preset ultrafast -pix_fmt yuv420p -c:a aac -b:a 8k -movflags +faststart -f mp4",
  webm: "-c:v libvpx -deadline realtime -c:a libopus -b:a 8k",
};

describe("a file that is cut off ends in a declared error or is read as far as it goes", { concurrency: 3 }, () => {
  for (const [format, codecs] of Object.entries(tiny)) {
    it(`given ${format}, cut at every ${everyBytes}th byte`, async () => {
      await using folder = await temporaryFolder();
      const whole = join(folder.dir, "whole");
      const container = format.split(",")[0] ?? "";
      await ffmpegUnguarded(picture({ size: "16x16", seconds: 0.2 }), tone(0.2), codecs, ["-f", container, whole]);
      const bytes = await readFile(whole);
      const ends = new Set<string>();
      for (let length = 0; length < bytes.length; length += everyBytes) {
        await writeFile(join(folder.dir, "source"), bytes.subarray(0, length));
        const read = await probe(join(folder.dir, "source"), { signal: new AbortController().signal }).catch(
          (error: unknown) => error,
        );
        assert.ok(
          !(read instanceof Error) || read instanceof DeclaredError,
          `${length} of ${bytes.length}: ${(read as Error).stack}`,
        );
        ends.add(read instanceof DeclaredError ? read.code : "read");
      }
      assert.deepEqual(
        [...ends].filter((end) => !["read", "not_a_video", "no_audio"].includes(end)),
        [],
      );
      assert.deepEqual((await readdir(folder.dir)).sort(), ["source", "whole"]);
    });
  }
});
