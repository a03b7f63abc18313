import assert from "node:assert/strict";
import { open } from "node:fs/promises";
import { join } from "node:path";
import { describe, it } from "node:test";
import { DeclaredError } from "@viralclaw/contracts/errors";
import { ffmpeg, userInput } from "./ffmpeg.ts";
import { startCanary } from "./hostile/canary.ts";
import { redirects } from "./hostile/redirects.ts";
import { probe } from "./probe.ts";
import { ProcessFailed } from "./process.ts";
import { temporaryFolder } from "./testing.ts";

/**
 * What the list of formats and protocols alone keeps out: the canary lies in the job's own folder, where the sandbox would let
 * ffprobe and ffmpeg open it.
 */

const { signal } = new AbortController();

describe("a file that points elsewhere is not followed, even to where it might be", { concurrency: 3 }, () => {
  for (const { name, make } of redirects) {
    it(`given ${name}`, async () => {
      await using folder = await temporaryFolder();
      const file = join(folder.dir, "source");
      await using canary = await startCanary(folder.dir);
      await make(file, { folder: folder.dir, canary });
      await canary.touched();

      // A reference inside of a real video may be passed over: then there is an answer.
      await probe(file, { signal }).catch((error) => assert.ok(error instanceof DeclaredError, String(error)));
      const decoding = ffmpeg([...userInput(file), "-map", "0", "-f", "null", "-"], { signal, cwd: folder.dir });
      await decoding.catch((error) => assert.ok(error instanceof ProcessFailed, String(error)));

      assert.deepEqual(await canary.touched(), []);
    });
  }
});

describe("a canary", () => {
  it("tells of an opening and of a call", async () => {
    await using folder = await temporaryFolder();
    await using canary = await startCanary(folder.dir);
    assert.deepEqual(await canary.touched(), []);

    await (await open(canary.file)).close();
    await fetch(canary.url).catch(() => undefined);

    assert.deepEqual((await canary.touched()).sort(), ["called", "opened"]);
    assert.deepEqual(await canary.touched(), []);
  });
});
