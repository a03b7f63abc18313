import assert from "node:assert/strict";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, it } from "node:test";
import { DeclaredError, explain } from "@viralclaw/contracts/errors";
import { cheaply } from "@viralclaw/media/hostile/appetite";
import { baseClip } from "@viralclaw/media/hostile/base";
import { startCanary } from "@viralclaw/media/hostile/canary";
import { flipped } from "@viralclaw/media/hostile/damage";
import { hostileFiles } from "@viralclaw/media/hostile/files";
import { temporaryFolder } from "@viralclaw/media/testing";
import { type Captioned, captioned, said } from "./testing/captioned.ts";
import { pixelsOf, videoFields } from "./testing/clips.ts";

/** The hostile files that ingest has to accept: each is rendered into a video that is what it should be, or is refused in words of ours. */

const words = said("STOP", 0.1, "NOW", 0.4, 0.8);
/** The last frame of a source without lengths is given one. */
const longerByMs = 2000;

describe("a hostile file that is a video becomes one like any other", { concurrency: 2 }, () => {
  for (const { name, make, renders } of hostileFiles.filter(({ ends }) => ends === "accepted")) {
    it(`given ${name}, then it is ${renders ?? "rendered"}`, async () => {
      await using folder = await temporaryFolder();
      const place = join(folder.dir, "made-of");
      await mkdir(place);
      await using canary = await startCanary(place);
      const source = join(folder.dir, "source");
      await make(source, { folder: place, canary });
      await canary.touched();

      const rendering = cheaply(() => captioned(folder.dir, source, { words }));
      if (renders) await endsIn([renders], rendering);
      else await assertSound(await rendering);

      assert.deepEqual(await canary.touched(), []);
      assert.deepEqual(await readdir(join(folder.dir, "work")), []);
    });
  }
});

describe("a damaged file is rendered as far as it can be read, or refused", { concurrency: 2 }, () => {
  for (const kind of ["mp4", "webm"] as const) {
    it(`given ${kind} with bits turned over, six times`, async () => {
      await using folder = await temporaryFolder();
      const source = join(folder.dir, "source");
      for (let seed = 1; seed <= 6; seed++) {
        await writeFile(source, flipped(await readFile(await baseClip(kind)), seed));
        const rendered = await cheaply(() => captioned(folder.dir, source, { words })).catch((error: unknown) => error);
        if (rendered instanceof Error) await endsIn(["not_a_video", "render_failed"], Promise.reject(rendered));
        else await assertSound(rendered as Captioned);
        assert.deepEqual(await readdir(join(folder.dir, "work")), []);
      }
    });
  }
});

it("given subtitles with drawing commands in the file, then the pictures are those of the file without them", async () => {
  await using folder = await temporaryFolder();
  const source = join(folder.dir, "source");
  await using canary = await startCanary(folder.dir);
  await hostileFiles.find(({ name }) => /ASS commands/.test(name))?.make(source, { folder: folder.dir, canary });
  const framesOf = async (name: string, file: string) => {
    const dir = join(folder.dir, name);
    await mkdir(dir);
    const { video } = await captioned(dir, file, { words });
    return (await pixelsOf(video, { width: 64, height: 112 })).frames;
  };

  assert.deepEqual(await framesOf("with", source), await framesOf("without", await baseClip("matroska")));
});

/** The result plays everywhere, lasts as long as its source, was drawn in our font, and has none of the file's own words in it. */
async function assertSound({ video, report }: Captioned): Promise<void> {
  const { codec_name, pix_fmt, width, height, duration } = await videoFields(video);
  assert.deepEqual([codec_name, pix_fmt, Number(width) % 2, Number(height) % 2], ["h264", "yuv420p", 0, 0]);
  assert.ok(
    Number(duration) * 1000 <= report.source.duration_ms + longerByMs,
    `${duration} s of ${report.source.duration_ms} ms`,
  );
  assert.deepEqual(report.captions.stray_fonts, []);
  assert.doesNotMatch((await readFile(video)).toString("latin1"), /owned|Evil|xxxxxxxxx/);
}

async function endsIn(codes: readonly string[], attempt: Promise<unknown>): Promise<void> {
  await assert.rejects(attempt, (error) => {
    assert.ok(error instanceof DeclaredError, `not declared: ${(error as Error).stack}`);
    assert.ok(codes.includes(error.code), error.code);
    assert.doesNotMatch(explain(error.code, error.params).detail, /[{}]|\/tmp/);
    return true;
  });
}
