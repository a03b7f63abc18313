import assert from "node:assert/strict";
import { copyFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { transcriptOf } from "@viralclaw/captions/testing";
import { makeClip, temporaryFolder } from "@viralclaw/media/testing";
import { scriptOf } from "./script.ts";
import { keepSources } from "./sources.ts";
import { captioned, said } from "./testing/captioned.ts";
import { picture, quickH264 } from "./testing/clips.ts";

test("words that no video shows yet are laid out as the render of them does, byte for byte", async () => {
  await using folder = await temporaryFolder();
  // Its times are not whole centiseconds: captions begin with the frame.
  const source = await makeClip(
    join(folder.dir, "in.mp4"),
    ...picture({ source: "testsrc2", rate: "24000/1001", seconds: 2 }),
    ...quickH264,
  );
  const words = said("STOP", 0.2, "POSTING", 0.71, 1.3);
  const storage = {
    downloadTo: (_: string, file: string) => copyFile(source, file),
    getText: async () => JSON.stringify(transcriptOf(words)),
  };
  await using sources = keepSources(storage, folder.dir);
  const asked = { source_key: "source", source_bytes: 1, transcript_key: "transcript", font_key: null };
  for (const [style, overrides] of [
    ["hormozi", null],
    ["cordel", { position: { vertical: 0.25 } }],
  ] as const) {
    const laidOut = await scriptOf({ ...asked, style, style_overrides: overrides }, { storage, sources, workDir: folder.dir });
    const { script } = await captioned(folder.dir, source, { words, style, overrides });
    assert.equal(laidOut.toString("utf8"), script);
  }
  assert.ok(!(await readdir(folder.dir)).some((name) => name.includes("-script-")));
});
