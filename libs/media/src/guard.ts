import { lookup } from "node:dns/promises";
import { isIP, type LookupFunction } from "node:net";
import { DeclaredError } from "@viralclaw/contracts/errors";
import ipaddr from "ipaddr.js";
import { buildConnector } from "undici";

/**
 * Keeps what customers name from reaching our own network. A host is judged by the address that is really connected to:
 * checking a URL or a first DNS answer alone lets 127.0.0.1, [::ffff:127.0.0.1], 2130706433, 0x7f.1 and a name whose answer
 * changes in between get through.
 */

/** A block of addresses, as `DOWNLOAD_ALLOW` names it. */
export type Cidr = ReturnType<typeof ipaddr.parseCIDR>;

/** All addresses of a name. */
export type Resolve = (name: string) => Promise<string[]>;

export interface Guard {
  /** Blocks that count as public although they are not: the demo's and the tests' own servers. Empty in production. */
  allow?: readonly Cidr[];
  /** The system's resolver by default. */
  resolve?: Resolve;
}

/** Reads "127.0.0.0/8, ::1/128"; an empty text is an empty list. Throws an Error that names the part it cannot read. */
export function parseCidrs(text: string): Cidr[] {
  const parts = text.split(/[\s,]+/).filter((part) => part !== "");
  return parts.map((part) => {
    if (!ipaddr.isValidCIDR(part)) throw new Error(`"${part}" is not a CIDR such as 127.0.0.0/8`);
    return ipaddr.parseCIDR(part);
  });
}

/** Whether an address belongs to the public internet, or to one of the allowed blocks. Anything else than an address is not. */
export function isPublicAddress(address: string, allow: readonly Cidr[] = []): boolean {
  if (!ipaddr.isValid(address)) return false;
  const parsed = unwrap(ipaddr.parse(address));
  if (allow.some(([block, bits]) => block.kind() === parsed.kind() && parsed.match([block, bits]))) return true;
  if (parsed.range() !== "unicast" || internalAlthoughUnicast.has(parsed.toString())) return false;
  return parsed.kind() === "ipv4" || parsed.match(globalUnicast);
}

/**
 * Reads a URL that is to be fetched, `base` being the page that redirected to it.
 * Throws `host_not_public` for another scheme than http and https and for a literal address that is not public, and
 * `source_url_invalid` for a text that is no URL, a user name or a password in it, and ports of other services.
 */
export function readPublicUrl(text: string, guard: Guard = {}, base?: URL): URL {
  if (!URL.canParse(text, base?.href)) throw new DeclaredError("source_url_invalid", { reason: "it is not a URL" });
  const url = new URL(text, base?.href);
  if (url.protocol !== "http:" && url.protocol !== "https:") {
    throw new DeclaredError("host_not_public", { host: `${url.protocol}//${url.hostname}` });
  }
  if (url.username || url.password) {
    throw new DeclaredError("source_url_invalid", { reason: "it carries a user name or a password" });
  }
  if (url.port !== "" && Number(url.port) < lowestFreePort) {
    throw new DeclaredError("source_url_invalid", { reason: `port ${url.port} belongs to another service than the web` });
  }
  refuseLiteral(url.hostname, guard);
  return url;
}

/**
 * A connector for undici that never sends a byte to an address that is not public: a literal is checked before connecting, a
 * name's addresses all together before one of them is dialled, and the socket's own remote address once more after it.
 * TLS still asks for the name and checks the certificate against it. Fails with `host_not_public`.
 */
export function guardedConnector(guard: Guard, connectTimeoutMs: number): buildConnector.connector {
  const connect = buildConnector({
    timeout: connectTimeoutMs,
    allowH2: false,
    autoSelectFamily: true,
    lookup: guardedLookup(guard),
  });
  return (options, callback) => {
    try {
      refuseLiteral(options.hostname, guard);
    } catch (error) {
      callback(error as Error, null);
      return;
    }
    connect(options, (...[error, socket]) => {
      if (error) return callback(error, null);
      if (isPublicAddress(socket.remoteAddress ?? "", guard.allow)) return callback(null, socket);
      socket.destroy();
      callback(notPublic(options.hostname), null);
    });
  };
}

/** Ports below this one belong to mail, databases, shells and the like; the web's own are 80 and 443, which a URL does not spell out. */
const lowestFreePort = 1024;

/** IANA has given out no other IPv6 addresses than these for the public internet (iana.org, ipv6-address-space). */
const globalUnicast = ipaddr.IPv6.parseCIDR("2000::/3");

/** Addresses of public ranges that only a cloud's own machines can reach: Azure's wire server. */
const internalAlthoughUnicast = new Set(["168.63.129.16"]);

/**
 * The IPv4 address inside an IPv4-mapped (::ffff:a.b.c.d) or a NAT64 one (64:ff9b::/96, RFC 6052), since that is what is
 * reached. Every other form that carries an address (6to4, Teredo, IPv4-translated) stays as it is: none is plain unicast.
 */
function unwrap(address: ipaddr.IPv4 | ipaddr.IPv6): ipaddr.IPv4 | ipaddr.IPv6 {
  if (!(address instanceof ipaddr.IPv6)) return address;
  if (address.isIPv4MappedAddress()) return address.toIPv4Address();
  if (address.match(nat64)) return new ipaddr.IPv4(address.toByteArray().slice(12));
  return address;
}
const nat64 = ipaddr.IPv6.parseCIDR("64:ff9b::/96");

function refuseLiteral(hostname: string, { allow }: Guard): void {
  const host = hostname.replace(/^\[|\]$/g, "");
  if (isIP(host) !== 0 && !isPublicAddress(host, allow)) throw notPublic(hostname);
}

/** One address of several that is not public is reason enough: such answers are made to be picked from at random. */
function guardedLookup({ allow, resolve = systemResolve }: Guard): LookupFunction {
  return (hostname, options, callback) => {
    resolve(hostname).then(
      (addresses) => {
        const found = addresses.map((address) => ({ address, family: isIP(address) })).filter(({ family }) => family !== 0);
        const [first] = found;
        if (!first) return callback(Object.assign(new Error("no address"), { code: "ENOTFOUND" }), "", 0);
        if (!found.every(({ address }) => isPublicAddress(address, allow))) return callback(notPublic(hostname), "", 0);
        if (options.all) callback(null, found);
        else callback(null, first.address, first.family);
      },
      (error: NodeJS.ErrnoException) => callback(error, "", 0),
    );
  };
}

const systemResolve: Resolve = async (name) => (await lookup(name, { all: true })).map(({ address }) => address);

const notPublic = (host: string) => new DeclaredError("host_not_public", { host });
