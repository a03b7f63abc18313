import assert from "node:assert/strict";
import { connect } from "node:net";
import { after, before, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import type { Problem } from "@viralclaw/contracts/api";
import { limits } from "@viralclaw/contracts/limits";
import { type Exchanged, type ExchangeOptions, exchange } from "@viralclaw/embedded/wire";
import { type Gateway, startGateway } from "./gateway.fixture.ts";

/** What a request may be and how long it may take, tried on a socket. Whatever is refused is told why, as a problem detail. */

/** Far below the real ones, and far enough apart to be told from each other. */
const timeouts = { headersMs: 600, requestMs: 2_000 };
/** Node looks every so often for connections that are over their time. */
const patienceMs = 10_000;

let gateway: Gateway;
let host: string;
before(async () => {
  gateway = await startGateway({ timeouts });
  host = new URL(gateway.url).host;
});
after(() => gateway[Symbol.asyncDispose]());

type Pieces = Iterable<string> | AsyncIterable<string>;

const send = (pieces: Pieces, options: Partial<ExchangeOptions> = {}) =>
  exchange(gateway.url, pieces, { withinMs: patienceMs, ...options });

/** The head of a request, without the blank line behind it. */
const head = (requestLine: string, headers: Record<string, string> = {}) =>
  [`${requestLine} HTTP/1.1`, ...Object.entries({ host, ...headers }).map(([name, value]) => `${name}: ${value}`), ""].join(
    "\r\n",
  );

const withKey = () => ({ "x-api-key": gateway.owner.key });
const asJson = () => ({ ...withKey(), "content-type": "application/json" });
const post = (headers: Record<string, string>, body: string) => [
  `${head("POST /api/add-captions", { ...headers, "content-length": String(Buffer.byteLength(body)), connection: "close" })}\r\n${body}`,
];

/** The one answer is a whole problem detail of that status and code, and the server ends the connection. */
function assertRefused({ answers, endedBy }: Exchanged, status: number, code: string): void {
  assert.deepEqual([answers.length, endedBy], [1, "server"]);
  const [answer] = answers;
  const problem = JSON.parse(answer?.body.toString("utf8") || "{}") as Problem;
  assert.deepEqual([answer?.status, problem.status, problem.code], [status, status, code], answer?.body.toString("utf8"));
  assert.match(answer?.headers["content-type"] ?? "", /^application\/problem\+json/);
  assert.equal(problem.type, `/errors#${code}`);
  assert.ok(problem.title && problem.detail && problem.fix);
  assert.doesNotMatch(JSON.stringify(problem), /\{\w+\}|HPE_|node:/);
}

async function* slowly(text: string, everyMs: number): AsyncGenerator<string> {
  for (const character of text) {
    yield character;
    await sleep(everyMs);
  }
}

describe("a request that is too large", () => {
  const big = "x".repeat(limits.maxHeaderBytes);
  it("given headers over the limit, one or many, or such an address, then it is 431", async () => {
    assertRefused(await send([`${head("GET /health", { big })}\r\n`]), 431, "headers_too_large");
    const many = Object.fromEntries(Array.from({ length: 3000 }, (_, i) => [`x-${i}`, "y"]));
    assertRefused(await send([`${head("GET /health", many)}\r\n`]), 431, "headers_too_large");
    assertRefused(await send([`${head(`GET /health?q=${big}`)}\r\n`]), 431, "headers_too_large");
  });

  it("given a JSON body over the limit, with its length told or in chunks, then it is 413", async () => {
    const body = JSON.stringify({ video_url: "https://example.com/v.mp4", metadata: { a: "x".repeat(limits.maxWordsBytes) } });
    assertRefused(await send(post(asJson(), body)), 413, "body_too_large");
    const chunked = head("POST /api/add-captions", { ...asJson(), "transfer-encoding": "chunked" });
    const chunks = [`${chunked}\r\n`, `${body.length.toString(16)}\r\n${body}\r\n`, "0\r\n\r\n"];
    assertRefused(await send(chunks), 413, "body_too_large");
  });

  it("given a client that reads only when it has sent all of a body that is far too long, then it still gets its answer", async () => {
    const socket = connect(Number(new URL(gateway.url).port), "127.0.0.1").pause();
    const [whole = ""] = post(asJson(), "x".repeat(20 * limits.maxWordsBytes));
    await new Promise<void>((resolve, reject) => socket.on("error", reject).write(whole, () => resolve()));
    assert.match(Buffer.concat(await socket.toArray()).toString("utf8"), /^HTTP\/1.1 413 .*"code":"body_too_large"/s);
  });

  it("given a length over that of the largest video, then it is refused before it is sent", async () => {
    const headers = { ...withKey(), "content-type": "multipart/form-data; boundary=b", expect: "100-continue" };
    const length = String(limits.maxVideoBytes * 2);
    assertRefused(
      await send([`${head("POST /api/add-captions", { ...headers, "content-length": length })}\r\n`]),
      413,
      "body_too_large",
    );
    assert.equal(await gateway.objectCount(), 0);
  });

  it("given a form of too many parts, of two videos, or with a field over the limit, then it is refused", async () => {
    const form = (parts: string) =>
      post({ ...withKey(), "content-type": "multipart/form-data; boundary=b" }, `${parts}--b--\r\n`);
    const field = (name: string, value: string, more = "") =>
      `--b\r\ncontent-disposition: form-data; name="${name}"\r\n${more}\r\n${value}\r\n`;
    const video = `--b\r\ncontent-disposition: form-data; name="file"; filename="v.mp4"\r\n\r\nvideo\r\n`;
    assertRefused(await send(form(field("style", "hormozi").repeat(50))), 400, "malformed_body");
    assertRefused(await send(form(video.repeat(2))), 400, "invalid_request");
    assertRefused(await send(form(field("metadata", "x".repeat(limits.maxJsonBodyBytes + 1)) + video)), 413, "body_too_large");
    assert.equal(await gateway.objectCount(), 0);
  });

  it("given metadata deeper than any stack, then it is refused, and nothing breaks", async () => {
    const depth = 9_000;
    const body = `{"video_url":"https://example.com/v.mp4","metadata":{"a":${"[".repeat(depth)}1${"]".repeat(depth)}}}`;
    assertRefused(await send(post(asJson(), body)), 400, "invalid_request");
  });
});

describe("a request that is no HTTP", () => {
  const cases: Record<string, () => string[]> = {
    "another protocol": () => ["SSH-2.0-OpenSSH_9.2\r\n\r\n"],
    "a TLS greeting": () => ["\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n"],
    "no host": () => [`GET /health HTTP/1.1\r\nconnection: close\r\n\r\n`],
    "two lengths": () => [`${head("POST /api/add-captions", asJson())}content-length: 5\r\ncontent-length: 6\r\n\r\nhello`],
    "a length and chunks": () => [
      `${head("POST /api/add-captions", { ...asJson(), "content-length": "3", "transfer-encoding": "chunked" })}\r\n0\r\n\r\n`,
    ],
    "a chunk whose size is no number": () => [
      `${head("POST /api/add-captions", { ...asJson(), "transfer-encoding": "chunked" })}\r\nzz\r\n\r\n`,
    ],
    "a header with a line break of the wrong kind": () => [`${head("GET /health")}a: b\nc: d\r\n\r\n`],
    "a method that there is not": () => [`${head("FOO /health")}\r\n`],
    "a tunnel": () => [`${head("CONNECT example.com:443")}\r\n`],
  };
  for (const [name, pieces] of Object.entries(cases)) {
    it(`given ${name}, then it is malformed_request`, async () => assertRefused(await send(pieces()), 400, "malformed_request"));
  }

  it("given a method that no address takes, then the answer is a problem detail", async () => {
    assertRefused(
      await send([`${head("QUERY /api/jobs", { ...withKey(), connection: "close" })}\r\n`]),
      415,
      "unsupported_content_type",
    );
  });

  it("given an expectation that nobody can meet, then it is passed over", async () => {
    const { answers } = await send([`${head("GET /health", { expect: "200-ok", connection: "close" })}\r\n`]);
    assert.deepEqual(
      answers.map(({ status }) => status),
      [200],
    );
  });

  it("given a body that breaks off, then it is told so, and no job is there", async () => {
    const [whole = ""] = post(asJson(), JSON.stringify({ video_url: "https://example.com/v.mp4" }));
    assertRefused(await send([whole.slice(0, -5)], { halfClose: true }), 400, "malformed_request");
    assert.deepEqual(((await (await gateway.get("/api/jobs")).json()) as { jobs: unknown[] }).jobs, []);
  });
});

describe("a form that is cut off within its file", () => {
  it("given an end of the body, then it is malformed_body, and nothing of it is kept", async () => {
    const form = `--b\r\ncontent-disposition: form-data; name="file"; filename="v.mp4"\r\n\r\n${"video".repeat(100)}`;
    const type = { ...withKey(), "content-type": "multipart/form-data; boundary=b" };
    assertRefused(await send(post(type, form)), 400, "malformed_body");
    assert.equal(await gateway.objectCount(), 0);
  });
});

describe("a client that is slow", () => {
  it("given a connection on which nothing is said, then it is cut", async () => {
    const { endedBy } = await send([]);
    assert.equal(endedBy, "server");
  });

  it("given headers a byte at a time, then it is 408 after the time for headers", async () => {
    const begun = head("GET /health", { slow: "x".repeat(1000) });
    assertRefused(await send(slowly(begun, 50)), 408, "request_timeout");
  });

  it("given a body a byte at a time, then it is 408 after the time for the whole, and no job is there", async () => {
    const [whole = ""] = post(asJson(), JSON.stringify({ video_url: `https://example.com/${"x".repeat(1000)}` }));
    const bodyAt = whole.indexOf("\r\n\r\n") + 4;
    async function* pieces() {
      yield whole.slice(0, bodyAt);
      yield* slowly(whole.slice(bodyAt), 50);
    }
    assertRefused(await send(pieces()), 408, "request_timeout");
    assert.deepEqual(((await (await gateway.get("/api/jobs")).json()) as { jobs: unknown[] }).jobs, []);
  });

  it("given a posted file a byte at a time, then it is 408, and nothing of it is kept", async () => {
    const type = { ...withKey(), "content-type": "multipart/form-data; boundary=b", "content-length": "100000" };
    async function* pieces() {
      yield `${head("POST /api/add-captions", type)}\r\n--b\r\ncontent-disposition: form-data; name="file"; filename="v"\r\n\r\n`;
      yield* slowly("x".repeat(1000), 50);
    }
    assertRefused(await send(pieces()), 408, "request_timeout");
    while ((await gateway.objectCount()) > 0) await sleep(20);
  });
});

describe("several requests on one connection", () => {
  it("given three sent at once, then each has its answer, in their order", async () => {
    const lines = ["GET /health", "GET /nothing", "GET /api/jobs"].map((line) => `${head(line)}\r\n`);
    const { answers } = await send([lines.join("")], { enough: 3 });
    assert.deepEqual(
      answers.map(({ status }) => status),
      [200, 404, 401],
    );
  });

  it("given a good one and then rubbish, then the good one has its answer whole, and the rubbish its own", async () => {
    const { answers } = await send([`${head("GET /health")}\r\n`, "rubbish\r\n\r\n"]);
    assert.deepEqual(
      answers.map(({ status }) => status),
      [200, 400],
    );
  });

  it("given the client's end closed behind a whole request, then it still gets its answer", async () => {
    const { answers } = await send([`${head("GET /health")}\r\n`], { halfClose: true });
    assert.deepEqual(
      answers.map(({ status }) => status),
      [200],
    );
  });
});
