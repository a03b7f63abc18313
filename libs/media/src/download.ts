import { createWriteStream } from "node:fs";
import { rm } from "node:fs/promises";
import { pipeline } from "node:stream/promises";
import { DeclaredError } from "@viralclaw/contracts/errors";
import { Agent, type Dispatcher, request } from "undici";
import { declaredOf, refusalOf, unreachable } from "./download-errors.ts";
import { type Guard, guardedConnector, readPublicUrl } from "./guard.ts";

export interface DownloadOptions extends Guard {
  signal: AbortSignal;
  maxBytes: number;
  limits?: Partial<DownloadLimits>;
  /** Called for every piece that came, with the total that the server announced, if it did. */
  onProgress?: (bytes: number, totalBytes: number | undefined) => void;
}

export interface DownloadLimits {
  connectTimeoutMs: number;
  /** From the request to the answer's headers. */
  headersTimeoutMs: number;
  /** Less than this over any `speedWindowMs` ends the download. */
  minBytesPerSecond: number;
  speedWindowMs: number;
  /** From the first connection to the last byte, redirects included. */
  maxSeconds: number;
  maxRedirects: number;
}

export const downloadLimits: DownloadLimits = {
  connectTimeoutMs: 10_000,
  headersTimeoutMs: 30_000,
  /** A 3G phone's upload; 20 s let a host wake up or stumble without losing the download. */
  minBytesPerSecond: 50_000,
  speedWindowMs: 20_000,
  /** The ingest stage runs for 6 minutes at most and has to probe and store the video too. */
  maxSeconds: 300,
  maxRedirects: 5,
};

export interface Downloaded {
  bytes: number;
  contentType: string | undefined;
  /** The host that had the video, after all redirects. */
  finalHost: string;
}

/**
 * Fetches a customer's URL into a file, from public addresses only (see guard.ts) and within the limits. Redirects are
 * followed by hand, each checked as the first URL was; nothing is decompressed. No file is left behind on failure.
 * Throws DeclaredErrors: host_not_public, source_url_invalid, source_gone, source_refused, source_unreachable,
 * too_many_redirects, download_too_slow, video_too_large, disk_full. They name the host, never the path or the query of the
 * URL, which may be signed. An abort is thrown as the signal's own reason.
 */
export async function download(url: string, file: string, options: DownloadOptions): Promise<Downloaded> {
  const limits = { ...downloadLimits, ...options.limits };
  const trip: Trip = { host: "", limits, stop: new AbortController() };
  const signal = AbortSignal.any([options.signal, trip.stop.signal]);
  const clock = setTimeout(() => trip.stop.abort(tooSlow(trip)), limits.maxSeconds * 1000);
  const agent = new Agent({
    connect: guardedConnector(options, limits.connectTimeoutMs),
    headersTimeout: limits.headersTimeoutMs,
    // The speed limit below says it better: a trickle would keep this timer quiet.
    bodyTimeout: 0,
    allowH2: false,
  });
  try {
    const response = await follow(url, trip, options, agent, signal);
    const bytes = await save(response, file, trip, options, signal);
    return { bytes, contentType: headerOf(response, "content-type"), finalHost: trip.host };
  } catch (error) {
    await rm(file, { force: true });
    if (options.signal.aborted) throw options.signal.reason;
    throw declaredOf(error, trip.host);
  } finally {
    clearTimeout(clock);
    await agent.destroy();
  }
}

/** What one download knows of itself: `host` is the one of the present hop. */
interface Trip {
  host: string;
  limits: DownloadLimits;
  stop: AbortController;
}

/** Some hosts refuse clients that do not say who they are. */
const userAgent = "ViralClaw/1.0 (+https://viralclip.io)";

async function follow(start: string, trip: Trip, guard: Guard, dispatcher: Agent, signal: AbortSignal) {
  let url = readPublicUrl(start, guard);
  const asked = url.hostname;
  for (let redirects = 0; ; redirects++) {
    trip.host = url.hostname;
    const response = await request(url, {
      dispatcher,
      signal,
      headers: { "user-agent": userAgent, accept: "video/*, */*;q=0.5", "accept-encoding": "identity" },
    });
    const location = headerOf(response, "location");
    if (!redirectStatuses.has(response.statusCode) || location === undefined) return acceptable(response, trip.host);
    // Not dumped: a redirect's body may be endless. The connection goes with it.
    response.body.on("error", () => undefined).destroy();
    if (redirects === trip.limits.maxRedirects) {
      throw new DeclaredError("too_many_redirects", { host: asked, max_redirects: trip.limits.maxRedirects });
    }
    url = readPublicUrl(location, guard, url);
  }
}

const redirectStatuses = new Set([301, 302, 303, 307, 308]);

function acceptable(response: Dispatcher.ResponseData, host: string): Dispatcher.ResponseData {
  const encoding = headerOf(response, "content-encoding") ?? "identity";
  if (response.statusCode === 200 && encoding === "identity") return response;
  response.body.on("error", () => undefined).destroy();
  if (response.statusCode === 200) throw unreachable(host, "it compressed the video although asked not to");
  throw refusalOf(response.statusCode, host);
}

async function save(
  response: Dispatcher.ResponseData,
  file: string,
  trip: Trip,
  { maxBytes, onProgress }: DownloadOptions,
  signal: AbortSignal,
): Promise<number> {
  const announced = Number(headerOf(response, "content-length") ?? Number.NaN);
  const totalBytes = Number.isSafeInteger(announced) ? announced : undefined;
  let bytes = 0;
  const tooLarge = () => new DeclaredError("video_too_large", { max_bytes: maxBytes });
  if (totalBytes !== undefined && totalBytes > maxBytes) {
    response.body.on("error", () => undefined).destroy();
    throw tooLarge();
  }
  const count = async function* (pieces: AsyncIterable<Buffer>) {
    for await (const piece of pieces) {
      bytes += piece.length;
      if (bytes > maxBytes) throw tooLarge();
      onProgress?.(bytes, totalBytes);
      yield piece;
    }
  };
  const watch = watchSpeed(trip, () => bytes);
  try {
    await pipeline(response.body, count, createWriteStream(file), { signal });
    return bytes;
  } finally {
    clearInterval(watch);
  }
}

/** Looks ten times a window at how much came within the last whole window, and stops the trip where that is too little. */
function watchSpeed(trip: Trip, bytesSoFar: () => number): NodeJS.Timeout {
  const { minBytesPerSecond, speedWindowMs } = trip.limits;
  const looksAWindow = 10;
  const least = (minBytesPerSecond * speedWindowMs) / 1000;
  const seen = [0];
  return setInterval(() => {
    seen.push(bytesSoFar());
    if (seen.length <= looksAWindow) return;
    const before = seen.shift() ?? 0;
    if (bytesSoFar() - before < least) trip.stop.abort(tooSlow(trip));
  }, speedWindowMs / looksAWindow);
}

const tooSlow = ({ host, limits }: Trip) =>
  new DeclaredError("download_too_slow", {
    host,
    min_bytes_per_second: limits.minBytesPerSecond,
    max_seconds: limits.maxSeconds,
  });

function headerOf({ headers }: Dispatcher.ResponseData, name: string): string | undefined {
  const value = headers[name];
  return Array.isArray(value) ? value[0] : value;
}
