import assert from "node:assert/strict";
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { after, before, describe, it } from "node:test";
import type { DeclaredError } from "@viralclaw/contracts/errors";
import fc from "fast-check";
import { Agent, request } from "undici";
import { guardedConnector, isPublicAddress, parseCidrs, readPublicUrl } from "./guard.ts";

describe("a public address", () => {
  const notPublic = {
    "this network": ["0.0.0.0", "0.1.2.3", "::"],
    loopback: ["127.0.0.1", "127.255.255.254", "::1"],
    "private networks": ["10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.0.1", "fd00::1"],
    "a provider's inside": ["100.64.0.1", "100.100.100.200"],
    "link-local, where clouds keep their secrets": ["169.254.169.254", "fe80::1", "fec0::1"],
    "Azure's wire server, in a public range": ["168.63.129.16"],
    "documentation and tests": ["192.0.2.1", "198.18.0.1", "198.51.100.1", "203.0.113.1", "2001:db8::1", "3fff::1"],
    "multicast, broadcast and reserved": ["224.0.0.1", "240.0.0.1", "255.255.255.255", "ff02::1", "4000::1", "100::1"],
    "an IPv4 address in IPv6 dress": ["::ffff:127.0.0.1", "::ffff:7f00:1", "::127.0.0.1", "64:ff9b::7f00:1", "64:ff9b::10.0.0.1"],
    "a tunnel to an IPv4 address": ["2002:7f00:1::", "2001:0:1::7f00:1", "64:ff9b:1::7f00:1", "::ffff:0:127.0.0.1"],
    "no address at all": ["", "localhost", "example.com", "1.2.3.4.5"],
  };
  for (const [what, addresses] of Object.entries(notPublic)) {
    it(`is not ${what}`, () => {
      for (const address of addresses) assert.equal(isPublicAddress(address), false, address);
    });
  }

  it("is any other, also through NAT64 or written as an IPv4-mapped one", () => {
    for (const address of ["8.8.8.8", "172.32.0.1", "2606:4700::1111", "64:ff9b::8.8.8.8", "::ffff:8.8.8.8"]) {
      assert.equal(isPublicAddress(address), true, address);
    }
  });

  it("is also one that is allowed, and no other of its range", () => {
    const allow = parseCidrs("127.0.0.2/32, ::1/128");
    for (const address of ["127.0.0.2", "::ffff:127.0.0.2", "::1"]) assert.equal(isPublicAddress(address, allow), true, address);
    for (const address of ["127.0.0.1", "10.0.0.1", "::2"]) assert.equal(isPublicAddress(address, allow), false, address);
  });

  it("given any IPv4 address, when it is written as an IPv6 one, then the judgement is the same", () => {
    fc.assert(
      fc.property(fc.ipV4(), (address) => {
        assert.equal(isPublicAddress(`::ffff:${address}`), isPublicAddress(address));
        assert.equal(isPublicAddress(`64:ff9b::${address}`), isPublicAddress(address));
      }),
    );
  });
});

describe("a list of CIDRs", () => {
  it("may be empty", () => assert.deepEqual(parseCidrs("  "), []));
  it("names the part that it cannot read", () => {
    assert.throws(() => parseCidrs("10.0.0.0/8, 127.0.0.1"), /"127\.0\.0\.1" is not a CIDR/);
  });
});

describe("a URL that is to be fetched", () => {
  const refused = (url: string) => {
    try {
      return readPublicUrl(url).href;
    } catch (error) {
      return (error as DeclaredError).code;
    }
  };

  it("is http or https, of a public host", () => {
    assert.equal(refused("https://example.com/a.mp4?sig=1"), "https://example.com/a.mp4?sig=1");
    assert.equal(refused("http://8.8.8.8:8080/"), "http://8.8.8.8:8080/");
    assert.equal(readPublicUrl("../b.mp4", {}, new URL("https://example.com/x/y/")).href, "https://example.com/x/b.mp4");
  });
  it("has no other scheme", () => {
    for (const url of ["file:///etc/passwd", "ftp://example.com/a.mp4", "data:video/mp4,", "javascript:1", "gopher://a/"]) {
      assert.equal(refused(url), "host_not_public", url);
    }
  });
  it("carries no user name or password, and no port of another service", () => {
    assert.equal(refused("https://user:pass@example.com/"), "source_url_invalid");
    assert.equal(refused("http://example.com:25/"), "source_url_invalid");
    assert.equal(refused("not a url"), "source_url_invalid");
  });
  it("never shows up in an error with its path, query or password", () => {
    for (const url of ["ftp://example.com/secret?secret", "http://u:secret@example.com/", "http://127.0.0.1/secret?secret"]) {
      assert.throws(
        () => readPublicUrl(url),
        (error: DeclaredError) => !JSON.stringify(error.params).includes("secret"),
      );
    }
  });
});

describe("a guarded connector", () => {
  let connections = 0;
  const server = createServer((socket) => {
    connections++;
    socket.destroy();
  });
  let port = 0;

  before(async () => {
    await once(server.listen(0, "::"), "listening");
    port = (server.address() as AddressInfo).port;
  });
  after(() => server.close());

  const codeOf = async (url: string, resolve?: (name: string) => Promise<string[]>) => {
    const agent = new Agent({ connect: guardedConnector({ resolve }, 2_000) });
    try {
      await request(url, { dispatcher: agent });
      return "answered";
    } catch (error) {
      return (error as DeclaredError).code;
    } finally {
      await agent.destroy();
    }
  };

  it("given a listening server, when its address is written in any way, then it gets no connection", async () => {
    const spellings = [
      ...["127.0.0.1", "127.1", "0x7f.1", "0x7f000001", "017700000001", "2130706433", "0.0.0.0", "0"],
      ...["[::1]", "[::]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[::127.0.0.1]", "[0:0:0:0:0:0:0:1]"],
      ...["localhost", "LOCALHOST", "ⓛocalhost", "127。0。0。1", "①②⑦.⓪.⓪.①"],
    ];
    for (const host of spellings) assert.equal(await codeOf(`http://${host}:${port}/`), "host_not_public", host);
    // Whether this one is a name at all is the resolver's own affair.
    assert.notEqual(await codeOf(`http://localhost.:${port}/`), "answered");
    assert.equal(connections, 0);
  });

  it("given a name, when one of its addresses is not public, then none is dialled", async () => {
    for (const addresses of [["127.0.0.1"], ["::1"], ["8.8.8.8", "127.0.0.1"], ["::ffff:127.0.0.1"]]) {
      assert.equal(await codeOf(`http://video.example:${port}/`, async () => addresses), "host_not_public", String(addresses));
    }
    assert.equal(connections, 0);
  });
});
