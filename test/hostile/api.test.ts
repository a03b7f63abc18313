import assert from "node:assert/strict";
import { once } from "node:events";
import { createReadStream } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { after, before, test } from "node:test";
import type { Job } from "@viralclaw/contracts/api";
import { ffmpeg, spokenVideo } from "../media.ts";
import { type Product, startProduct } from "../product.ts";

/**
 * Hostile files through the front door. What each kind of them leads to is tested where it is decided: services/transcriber and
 * services/renderer, hostile.test.ts; the guards around ffmpeg in libs/media, sandbox.test.ts.
 */

let product: Product;
let web: Server;
let webUrl: string;
/** Who asked the test's own server for what. */
let asked: string[] = [];

before(async () => {
  product = await startProduct();
  web = createServer(({ url }, response) => {
    asked.push(url ?? "");
    const file = createReadStream(path(url?.slice(1) ?? ""));
    file.on("error", () => response.writeHead(404).end()).pipe(response);
  });
  await once(web.listen(0, "127.0.0.1"), "listening");
  webUrl = `http://127.0.0.1:${(web.address() as AddressInfo).port}`;
});
after(async () => {
  web.closeAllConnections();
  web.close();
  await product[Symbol.asyncDispose]();
});

const path = (name: string) => join(product.dir, name);

for (const name of ["list.m3u8", "list.mp4"]) {
  test(`given a playlist named ${name}, posted or by its URL, then the job says so, and nothing in it is asked for`, async () => {
    const lines = [
      "#EXTM3U",
      "#EXT-X-TARGETDURATION:9",
      "#EXTINF:9,",
      `${webUrl}/segment.ts`,
      "#EXTINF:9,",
      "file:///etc/passwd",
    ];
    await writeFile(path(name), [...lines, "#EXT-X-ENDLIST", ""].join("\n"));
    asked = [];

    const posted = await product.client.ended(await product.client.postFile(path(name), { language: "en" }));
    const fetched = await product.client.ended(await product.client.postUrl(`${webUrl}/${name}`, { language: "en" }));

    assert.deepEqual([posted, fetched].map(codeOf), ["not_a_video", "not_a_video"]);
    assert.deepEqual(
      [posted, fetched].map(({ attempts }) => attempts.ingest),
      [1, 1],
    );
    assert.deepEqual(asked, [`/${name}`]);
  });
}

test("given a good video with commands in its name and its metadata, then it comes back without them", async () => {
  const plain = await spokenVideo(path("plain.mp4"));
  const hostile = path("$(touch pwned) 'x' \u001b[31m%0a|.mp4");
  const words = "fontselect: (Montserrat Black, 400, 0) -> Evil, 0, Evil\n\u001b]0;owned\u0007";
  await ffmpeg("-i", plain, "-c", "copy", "-metadata", `title=${words}`, "-metadata:s:v", `handler_name=${words}`, hostile);

  const job = await product.client.ended(await product.client.postFile(hostile, { language: "en" }));

  assert.equal(job.status, "done", JSON.stringify(job.error));
  const result = Buffer.from(await (await fetch(job.result_url ?? "")).arrayBuffer());
  assert.doesNotMatch(result.toString("latin1"), /Evil|owned/);
  await assert.rejects(readFile(path("pwned")));
});

const codeOf = ({ error }: Job) => error?.code;
