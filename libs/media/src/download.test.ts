import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtemp, readdir, readFile, rm, symlink } from "node:fs/promises";
import { createServer, type RequestListener, type Server } from "node:http";
import { type AddressInfo, createServer as createTcpServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { gzipSync } from "node:zlib";
import { DeclaredError, explain } from "@viralclaw/contracts/errors";
import { type DownloadOptions, download } from "./download.ts";
import { parseCidrs } from "./guard.ts";

/** Loopback counts as public here, as in the demo; the tests with `closed` run as in production. */
const open = parseCidrs("127.0.0.0/8");
const closed: ReturnType<typeof parseCidrs> = [];
const video = Buffer.alloc(300_000, "v");

let dir: string;
before(async () => {
  dir = await mkdtemp(join(tmpdir(), "viralclaw-download-"));
});
after(() => rm(dir, { recursive: true }));

async function serve(answer: RequestListener, host = "127.0.0.1"): Promise<AsyncDisposable & { url: string; server: Server }> {
  const server = createServer(answer);
  await once(server.listen(0, host), "listening");
  const { port } = server.address() as AddressInfo;
  return {
    server,
    url: `http://${host}:${port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

const fetched = (url: string, options: Partial<DownloadOptions> = {}) =>
  download(url, join(dir, "source"), { signal: new AbortController().signal, maxBytes: 1_000_000, allow: open, ...options });

/** The code and the params of the declared error that a download ends with; the file must be gone. */
async function failureOf(url: string, options: Partial<DownloadOptions> = {}) {
  const error = await fetched(url, options).then(
    () => assert.fail("it was downloaded"),
    (error: unknown) => error,
  );
  assert.ok(error instanceof DeclaredError, String(error));
  assert.deepEqual(await readdir(dir), [], "nothing is left behind");
  return { code: error.code, ...error.params };
}

describe("download", () => {
  it("given a server with a video, when it is asked for, then the bytes lie in the file", async () => {
    await using server = await serve((request, response) => {
      assert.equal(request.headers["accept-encoding"], "identity");
      response.setHeader("content-type", "video/mp4").end(video);
    });
    const steps: number[] = [];
    const result = await fetched(`${server.url}/a.mp4`, { onProgress: (bytes) => steps.push(bytes) });
    assert.deepEqual(result, { bytes: video.length, contentType: "video/mp4", finalHost: "127.0.0.1" });
    assert.ok((await readFile(join(dir, "source"))).equals(video));
    assert.equal(steps.at(-1), video.length);
    await rm(join(dir, "source"));
  });

  it("given redirects, when they are at most five, then they are followed, relative ones too", async () => {
    await using server = await serve((request, response) => {
      const left = Number(request.url?.slice(1));
      if (left === 0) response.end(video);
      else response.writeHead([301, 302, 303, 307, 308][left % 5] ?? 302, { location: `/${left - 1}` }).end("moved");
    });
    assert.equal((await fetched(`${server.url}/5`)).bytes, video.length);
    await rm(join(dir, "source"));
    const failure = await failureOf(`${server.url}/6`);
    assert.deepEqual(failure, { code: "too_many_redirects", host: "127.0.0.1", max_redirects: 5 });
  });

  it("given a name, when it is dialled, then Host and the TLS server name are that name", async () => {
    let host: string | undefined;
    await using server = await serve((request, response) => {
      host = request.headers.host;
      response.end(video);
    });
    const port = new URL(server.url).port;
    const resolve = async () => ["127.0.0.1"];
    await fetched(`http://video.example:${port}/`, { resolve });
    assert.equal(host, `video.example:${port}`);
    await rm(join(dir, "source"));

    let hello = "";
    const tcp = createTcpServer((socket) => {
      socket
        .on("error", () => undefined)
        .once("data", (data) => {
          hello = data.toString("latin1");
          socket.destroy();
        });
    });
    await once(tcp.listen(0, "127.0.0.1"), "listening");
    const failure = await failureOf(`https://video.example:${(tcp.address() as AddressInfo).port}/`, { resolve });
    tcp.close();
    assert.equal(failure.code, "source_unreachable");
    assert.ok(hello.includes("video.example"), "the ClientHello names the host");
  });
});

describe("a download from a place that is not public", () => {
  it("given a page that redirects inwards, when it is followed, then the server there gets no connection", async () => {
    let connections = 0;
    await using inside = await serve((_, response) => response.end("secret"), "127.0.0.1");
    inside.server.on("connection", () => connections++);
    const port = new URL(inside.url).port;
    let location = "";
    await using outside = await serve((_, response) => response.writeHead(302, { location }).end(), "127.0.0.2");
    const onlyOutside = parseCidrs("127.0.0.2/32");

    const inwards = ["127.0.0.1", "[::1]", "[::ffff:127.0.0.1]", "2130706433", "0x7f.1", "017700000001", "localhost", "0.0.0.0"];
    for (const host of inwards) {
      location = `http://${host}:${port}/`;
      assert.equal((await failureOf(outside.url, { allow: onlyOutside })).code, "host_not_public", location);
    }
    for (location of ["file:///etc/passwd", "ftp://127.0.0.1/", `gopher://127.0.0.1:${port}/`]) {
      assert.equal((await failureOf(outside.url, { allow: onlyOutside })).code, "host_not_public", location);
    }
    for (location of [`http://example.com@127.0.0.1:${port}/`, `http://a:b@127.0.0.2:${port}/`]) {
      assert.equal((await failureOf(outside.url, { allow: onlyOutside })).code, "source_url_invalid", location);
    }
    location = `//127.0.0.1:${port}\\@example.com/`;
    assert.equal((await failureOf(outside.url, { allow: onlyOutside })).code, "host_not_public");
    assert.equal(connections, 0);
  });

  it("given no allowed block, when loopback is named outright, then it gets no connection", async () => {
    let connections = 0;
    await using server = await serve((_, response) => response.end(video));
    server.server.on("connection", () => connections++);
    for (const host of ["127.0.0.1", "localhost", "[::ffff:127.0.0.1]", "2130706433"]) {
      const failure = await failureOf(`http://${host}:${new URL(server.url).port}/`, { allow: closed });
      assert.equal(failure.code, "host_not_public", host);
    }
    assert.equal(connections, 0);
  });

  it("given a name whose answer changes, when it turns inwards between two requests, then the second is not made", async () => {
    let connections = 0;
    const answers = [["127.0.0.2"], ["127.0.0.1"]];
    const resolve = async () => answers.shift() ?? [];
    await using outside = await serve((_, response) => {
      response.writeHead(302, { location: "/again", connection: "close" }).end();
    }, "127.0.0.2");
    const { port } = new URL(outside.url);
    const inside = createTcpServer((socket) => {
      connections++;
      socket.destroy();
    });
    await once(inside.listen(Number(port), "127.0.0.1"), "listening");
    const failure = await failureOf(`http://rebind.example:${port}/`, { allow: parseCidrs("127.0.0.2/32"), resolve });
    await new Promise((closed) => inside.close(closed));
    assert.deepEqual(failure, { code: "host_not_public", host: "rebind.example" });
    assert.equal(answers.length, 0, "the name was looked up for each of the two requests");
    assert.equal(connections, 0);
  });
});

describe("a download that fails", () => {
  const statuses: Record<string, number[]> = {
    source_gone: [404, 410],
    source_refused: [400, 401, 402, 403, 405, 407, 451],
    source_unreachable: [204, 304, 408, 425, 429, 500, 502, 503],
  };
  for (const [code, answers] of Object.entries(statuses)) {
    it(`given a server that answers ${answers.join(", ")}, then it is ${code}`, async () => {
      let status = 0;
      await using server = await serve((_, response) => response.writeHead(status).end());
      for (status of answers) {
        const failure = await failureOf(`${server.url}/path?signature=secret`);
        assert.equal(failure.code, code, String(status));
        assert.doesNotMatch(JSON.stringify(failure), /path|secret/);
        assert.doesNotMatch(explain(failure.code, failure).detail, /[{}]/);
      }
    });
  }

  it("given nobody who listens, an unknown name, or a server that cuts or babbles, then it is source_unreachable", async () => {
    const tcp = createTcpServer((socket) => socket.on("error", () => undefined).once("data", () => socket.end("SSH-2.0-x\r\n")));
    await once(tcp.listen(0, "127.0.0.1"), "listening");
    const { port } = tcp.address() as AddressInfo;
    const babble = await failureOf(`http://127.0.0.1:${port}/`);
    assert.deepEqual(babble, { code: "source_unreachable", host: "127.0.0.1", reason: "it does not speak HTTP properly" });
    const secure = await failureOf(`https://127.0.0.1:${port}/`);
    assert.equal(secure.code, "source_unreachable");
    await new Promise((resolve) => tcp.close(resolve));

    const refused = await failureOf(`http://127.0.0.1:${port}/`);
    assert.deepEqual(refused, { code: "source_unreachable", host: "127.0.0.1", reason: "it refused the connection" });
    const unknown = async () => Promise.reject(Object.assign(new Error("getaddrinfo"), { code: "ENOTFOUND" }));
    const nobody = await failureOf("http://nobody.example/", { resolve: unknown });
    assert.deepEqual(nobody, { code: "host_not_found", host: "nobody.example" });

    await using cutting = await serve((_, response) => {
      response.setHeader("content-length", video.length).write(video.subarray(0, 1000), () => response.destroy());
    });
    const cut = await failureOf(cutting.url);
    assert.deepEqual(cut, { code: "source_unreachable", host: "127.0.0.1", reason: "it broke off the connection" });
  });

  it("given more bytes than allowed, announced or not, then it is video_too_large", async () => {
    await using server = await serve((request, response) => {
      if (request.url === "/announced") response.setHeader("content-length", video.length);
      response.end(video);
    });
    for (const path of ["/announced", "/streamed"]) {
      const failure = await failureOf(server.url + path, { maxBytes: 100_000 });
      assert.deepEqual(failure, { code: "video_too_large", max_bytes: 100_000 });
    }
  });

  it("given a server that compresses unasked, then its bomb is not unpacked", async () => {
    await using server = await serve((_, response) => {
      response.setHeader("content-encoding", "gzip").end(gzipSync(Buffer.alloc(10_000_000)));
    });
    assert.equal((await failureOf(server.url)).code, "source_unreachable");
  });

  it("given a trickle, then it is download_too_slow", async () => {
    await using server = await serve((_, response) => {
      const timer = setInterval(() => response.write("x"), 10);
      response.on("close", () => clearInterval(timer));
    });
    const failure = await failureOf(server.url, { limits: { speedWindowMs: 200, minBytesPerSecond: 10_000 } });
    assert.deepEqual(failure, { code: "download_too_slow", host: "127.0.0.1", min_bytes_per_second: 10_000, max_seconds: 300 });
  });

  it("given a server that is fast and never ends, or never answers, then its time runs out", async () => {
    await using server = await serve((request, response) => {
      if (request.url === "/silent") return;
      const timer = setInterval(() => response.write(Buffer.alloc(10)), 5);
      response.on("close", () => clearInterval(timer));
    });
    for (const path of ["/endless", "/silent"]) {
      const failure = await failureOf(server.url + path, { limits: { maxSeconds: 0.3, minBytesPerSecond: 1 } });
      assert.equal(failure.code, "download_too_slow", path);
    }
  });

  it("given a full disk, then it is disk_full", async () => {
    await using server = await serve((_, response) => response.end(video));
    await symlink("/dev/full", join(dir, "source"));
    assert.equal((await failureOf(server.url)).code, "disk_full");
  });

  it("given an abort, then it is the abort's own reason, and nothing is left behind", async () => {
    await using server = await serve((_, response) => void response.write("begun"));
    const stop = new AbortController();
    const reason = new Error("cancelled");
    const running = fetched(server.url, { signal: stop.signal, onProgress: () => stop.abort(reason) });
    await assert.rejects(running, (error) => error === reason);
    assert.deepEqual(await readdir(dir), []);
  });
});
