import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer as createWebServer, type Server as WebServer } from "node:http";
import { type AddressInfo, createServer, type Server } from "node:net";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { DeclaredError, type ErrorCode } from "@viralclaw/contracts/errors";
import { download } from "./download.ts";
import { parseCidrs } from "./guard.ts";
import { temporaryFolder } from "./testing.ts";

/**
 * Addresses that lead inwards, however they are written, named outright and by a redirect. A socket listens on every address of this
 * machine: what reaches it, be it a connection without a byte, is a hole.
 */

/** By what each tries; `PORT` is the listening socket's. */
const hostileUrls: Record<string, readonly string[]> = {
  "a literal address": [
    "http://127.0.0.1:PORT/",
    "http://127.255.255.254:PORT/",
    "http://0.0.0.0:PORT/",
    "http://127.1:PORT/",
    "http://0:PORT/",
  ],
  "a decimal, hexadecimal or octal one": [
    "http://2130706433:PORT/",
    "http://0x7f000001:PORT/",
    "http://0x7f.1:PORT/",
    "http://017700000001:PORT/",
    "http://0177.0.0.1:PORT/",
    "http://127.0x0.0.01:PORT/",
  ],
  "an IPv6 one": [
    "http://[::1]:PORT/",
    "http://[::]:PORT/",
    "http://[0:0:0:0:0:0:0:1]:PORT/",
    "http://[fe80::1]:PORT/",
    "http://[fd00::1]:PORT/",
  ],
  "an IPv4 address in IPv6 dress": [
    "http://[::ffff:127.0.0.1]:PORT/",
    "http://[::ffff:7f00:1]:PORT/",
    "http://[::127.0.0.1]:PORT/",
    "http://[64:ff9b::7f00:1]:PORT/",
    "http://[2002:7f00:1::]:PORT/",
  ],
  "a name of this machine": ["http://localhost:PORT/", "http://LOCALHOST:PORT/", "http://ⓛocalhost:PORT/"],
  "digits of other scripts": ["http://①②⑦.⓪.⓪.①:PORT/", "http://127。0。0。1:PORT/", "http://１２７.０.０.１:PORT/"],
  "a user name before the host": [
    "http://example.com@127.0.0.1:PORT/",
    "http://a:b@127.0.0.1:PORT/",
    "http://127.0.0.1:PORT\\@example.com/",
    "http://example.com%40127.0.0.1:PORT@127.0.0.1:PORT/",
  ],
  "another scheme": [
    "file:///etc/passwd",
    "ftp://127.0.0.1:PORT/",
    "gopher://127.0.0.1:PORT/",
    "data:video/mp4,x",
    "unix:/run/x",
    "rtsp://127.0.0.1:PORT/",
  ],
  "a cloud's inside": [
    "http://169.254.169.254/latest/meta-data/",
    "http://[fd00:ec2::254]/",
    "http://100.100.100.200/",
    "http://168.63.129.16/",
  ],
};
const all = Object.values(hostileUrls).flat();
const refusals: readonly ErrorCode[] = ["host_not_public", "source_url_invalid"];

let inside: Server;
let outside: WebServer;
let connections = 0;
let location = "";
let port = 0;
let redirecting = "";

before(async () => {
  inside = createServer((socket) => {
    connections++;
    socket.destroy();
  });
  await once(inside.listen(0, "::"), "listening");
  port = (inside.address() as AddressInfo).port;
  outside = createWebServer((_, response) => response.writeHead(302, { location, connection: "close" }).end());
  await once(outside.listen(0, "127.0.0.2"), "listening");
  redirecting = `http://127.0.0.2:${(outside.address() as AddressInfo).port}/`;
});
after(() => {
  inside.close();
  outside.close();
});

/** How a download ends where only 127.0.0.2 counts as public. */
async function endOf(url: string, resolve?: (name: string) => Promise<string[]>): Promise<string> {
  await using folder = await temporaryFolder();
  const options = { signal: new AbortController().signal, maxBytes: 1000, allow: parseCidrs("127.0.0.2/32"), resolve };
  const error: unknown = await download(url, join(folder.dir, "source"), options).catch((thrown: unknown) => thrown);
  return error instanceof DeclaredError ? error.code : `not refused: ${error}`;
}

it("there are more than thirty of them", () => assert.ok(all.length > 30, String(all.length)));

for (const [what, urls] of Object.entries(hostileUrls)) {
  describe(what, () => {
    for (const written of urls) {
      it(`given ${written}, named outright and by a redirect, then it is refused, and nothing is connected to`, async () => {
        const url = written.replaceAll("PORT", String(port));
        const outright = await endOf(url);
        assert.ok(refusals.includes(outright as ErrorCode), outright);
        // In a header, what is no ASCII is sent as a browser would.
        location = URL.canParse(url) ? new URL(url).href : url;
        const redirected = await endOf(redirecting);
        assert.ok(refusals.includes(redirected as ErrorCode), redirected);
        assert.equal(connections, 0);
      });
    }
  });
}

describe("a name whose answer changes", () => {
  it("given one that is public when it is looked up, and turns inwards at every other look, then the inside is never connected to", async () => {
    let looks = 0;
    const turning = async () => [looks++ % 2 === 0 ? "127.0.0.2" : "127.0.0.1"];
    const ends: string[] = [];
    for (let i = 0; i < 10; i++) ends.push(await endOf(`http://turning.example:${port}/`, turning));
    // What was looked up is what is dialled: there is no second look between the two. 127.0.0.2 is the same machine, and counted.
    assert.equal(looks, 10);
    assert.deepEqual(
      ends,
      ends.map((_, i) => (i % 2 === 0 ? "source_unreachable" : "host_not_public")),
    );
    assert.equal(connections, 5);
    connections = 0;
  });

  it("given public and inner addresses in one answer, in any order, then none of them is dialled", async () => {
    for (const answer of [["127.0.0.2", "127.0.0.1"], ["127.0.0.1", "127.0.0.2"], ["127.0.0.2", "::1"], ["::ffff:127.0.0.1"]])
      assert.equal(await endOf(`http://mixed.example:${port}/`, async () => answer), "host_not_public", String(answer));
    assert.equal(connections, 0);
  });
});
