import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import { S3Error } from "./errors.ts";
import type { S3Request } from "./request.ts";

export interface Credentials {
  accessKeyId: string;
  secretAccessKey: string;
}

/** Whether the request claims to be signed at all, rightly or not. */
export function isSigned(request: S3Request): boolean {
  return request.message.headers.authorization !== undefined || request.param("X-Amz-Signature") !== undefined;
}

/**
 * Checks an AWS signature of version 4, in the Authorization header or in the URL, and answers what the request declares
 * about its body: a SHA-256 in hex, `UNSIGNED-PAYLOAD`, or one of the `STREAMING-…` forms.
 *
 * @throws S3Error if it is missing, wrong, expired, or does not cover what it must.
 */
export function verifySignature(request: S3Request, credentials: Credentials, nowMs: number): string {
  const inHeader = request.message.headers.authorization !== undefined;
  if (inHeader && request.param("X-Amz-Signature") !== undefined)
    throw new S3Error("InvalidArgument", "Sign in the header or in the URL, not in both.");
  const claim = inHeader ? claimInHeader(request) : claimInUrl(request);
  checkTime(claim, nowMs);
  checkScope(claim, credentials.accessKeyId);
  checkCoverage(claim, request);

  const stringToSign = [algorithm, claim.date, claim.scope.join("/"), sha256(canonicalRequest(request, claim))].join("\n");
  const key = [...claim.scope].reduce<Buffer | string>(hmac, `AWS4${credentials.secretAccessKey}`);
  const expected = hmac(key, stringToSign);
  const given = Buffer.from(claim.signature, "hex");
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) throw new S3Error("SignatureDoesNotMatch");
  return claim.payload;
}

interface Claim {
  accessKeyId: string;
  /** Day, region, service, terminator: what the signing key is derived from. */
  scope: readonly string[];
  /** When it was signed, as YYYYMMDDTHHMMSSZ. */
  date: string;
  /** A signed URL's lifetime; a signed header lives by the clock skew alone. */
  expiresSeconds: number | undefined;
  signedHeaders: readonly string[];
  signature: string;
  payload: string;
}

const algorithm = "AWS4-HMAC-SHA256";
const maxSkewMs = 15 * 60 * 1000;
/** Seven days, S3's and R2's limit for a signed URL. */
const maxExpiresSeconds = 7 * 24 * 60 * 60;
/** R2's region is `auto`; it takes `us-east-1` and an empty one for the same. */
const regions: readonly string[] = ["auto", "us-east-1", ""];

function claimInHeader(request: S3Request): Claim {
  const pattern = /^AWS4-HMAC-SHA256 Credential=([^,\s]+),\s*SignedHeaders=([^,\s]+),\s*Signature=([0-9a-f]{64})$/;
  const match = pattern.exec(request.message.headers.authorization ?? "");
  if (!match) throw new S3Error("AccessDenied", "The Authorization header is not one of AWS4-HMAC-SHA256.");
  const [, credential = "", signedHeaders = "", signature = ""] = match;
  return {
    ...parseCredential(credential),
    date: request.header("x-amz-date") ?? "",
    expiresSeconds: undefined,
    signedHeaders: signedHeaders.split(";"),
    signature,
    payload: required(request.header("x-amz-content-sha256"), "x-amz-content-sha256"),
  };
}

function claimInUrl(request: S3Request): Claim {
  const signature = request.param("X-Amz-Signature");
  if (signature === undefined) throw new S3Error("AccessDenied", "The request is not signed.");
  if (request.param("X-Amz-Algorithm") !== algorithm)
    throw new S3Error("AuthorizationQueryParametersError", `X-Amz-Algorithm must be ${algorithm}.`);
  const expiresSeconds = Number(request.param("X-Amz-Expires"));
  if (!(expiresSeconds >= 1 && expiresSeconds <= maxExpiresSeconds)) {
    throw new S3Error("AuthorizationQueryParametersError", `X-Amz-Expires must be from 1 to ${maxExpiresSeconds} seconds.`);
  }
  return {
    ...parseCredential(required(request.param("X-Amz-Credential"), "X-Amz-Credential")),
    date: request.param("X-Amz-Date") ?? "",
    expiresSeconds,
    signedHeaders: required(request.param("X-Amz-SignedHeaders"), "X-Amz-SignedHeaders").split(";"),
    signature,
    payload: request.param("X-Amz-Content-Sha256") ?? request.header("x-amz-content-sha256") ?? "UNSIGNED-PAYLOAD",
  };
}

function parseCredential(credential: string): Pick<Claim, "accessKeyId" | "scope"> {
  const [accessKeyId = "", ...scope] = credential.split("/");
  return { accessKeyId, scope };
}

function required(value: string | undefined, name: string): string {
  if (value === undefined) throw new S3Error("AccessDenied", `${name} is missing.`);
  return value;
}

function checkTime(claim: Claim, nowMs: number): void {
  const [, year, month, day, hours, minutes, seconds] =
    /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(claim.date)?.map(Number) ?? [];
  if (year === undefined) throw new S3Error("AccessDenied", "The request's date is missing or not of the form YYYYMMDDTHHMMSSZ.");
  const signedAtMs = Date.UTC(year, (month ?? 1) - 1, day, hours, minutes, seconds);
  if (claim.expiresSeconds === undefined) {
    if (Math.abs(nowMs - signedAtMs) > maxSkewMs) throw new S3Error("RequestTimeTooSkewed");
    return;
  }
  if (signedAtMs - nowMs > maxSkewMs) throw new S3Error("AccessDenied", "Request is not valid yet.");
  if (nowMs > signedAtMs + claim.expiresSeconds * 1000) throw new S3Error("AccessDenied", "Request has expired.");
}

function checkScope(claim: Claim, accessKeyId: string): void {
  if (claim.accessKeyId !== accessKeyId) throw new S3Error("InvalidAccessKeyId");
  const [day = "", region = "", service = "", terminator = ""] = claim.scope;
  const sound =
    claim.scope.length === 4 &&
    claim.date.startsWith(day) &&
    day.length === 8 &&
    service === "s3" &&
    terminator === "aws4_request";
  if (!sound)
    throw new S3Error("SignatureDoesNotMatch", `The credential's scope must be ${claim.date.slice(0, 8)}/auto/s3/aws4_request.`);
  if (!regions.includes(region)) throw new S3Error("SignatureDoesNotMatch", `The region must be auto, not ${region}.`);
}

/** A header that changes what a request does must be signed, or whoever carries a signed URL could add one. */
function checkCoverage(claim: Claim, request: S3Request): void {
  const unsigned = Object.keys(request.message.headers).filter(
    (name) => name.startsWith("x-amz-") && !claim.signedHeaders.includes(name),
  );
  if (!claim.signedHeaders.includes("host")) unsigned.push("host");
  if (unsigned.length > 0)
    throw new S3Error("AccessDenied", `There were headers present in the request which were not signed: ${unsigned.join(", ")}.`);
}

function canonicalRequest(request: S3Request, claim: Claim): string {
  const path = request.path
    .split("/")
    .map((segment) => encode(decodeURIComponent(segment)))
    .join("/");
  const query = request.query
    .filter(([name]) => name !== "X-Amz-Signature")
    .map(([name, value]) => [encode(name), encode(value)] as const)
    .sort(([nameA, valueA], [nameB, valueB]) => compare(nameA, nameB) || compare(valueA, valueB))
    .map((pair) => pair.join("="))
    .join("&");
  const headers = claim.signedHeaders
    .map(
      (name) =>
        `${name}:${String(request.message.headers[name] ?? "")
          .trim()
          .replace(/\s+/g, " ")}\n`,
    )
    .join("");
  return [request.method, path, query, headers, claim.signedHeaders.join(";"), claim.payload].join("\n");
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Percent-encoding as RFC 3986 has it: encodeURIComponent leaves five characters more than that as they are. */
export function encode(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);
}

function hmac(key: Buffer | string, text: string): Buffer {
  return createHmac("sha256", key).update(text).digest();
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
