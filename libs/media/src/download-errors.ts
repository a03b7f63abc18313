import { DeclaredError, type ErrorCode } from "@viralclaw/contracts/errors";

/** What goes wrong while a URL is fetched, in the words of the declared errors: the host, never the path or the query. */

export function unreachable(host: string, reason: string, cause?: unknown): DeclaredError {
  return new DeclaredError("source_unreachable", { host, reason }, { cause });
}

/** The error for an answer other than 200: gone for good, refused for good, or (429 and 5xx too) worth another try. */
export function refusalOf(status: number, host: string): DeclaredError {
  return new DeclaredError(codeOf(status), { host, http_status: status, reason: `it answered ${status}` });
}

/** The declared error for one of the system or of undici, which stays in the log as the cause; an error that is neither, as it is. */
export function declaredOf(error: unknown, host: string): unknown {
  if (error instanceof DeclaredError) return error;
  const { code, name } = error as NodeJS.ErrnoException;
  if (code === "ENOSPC" || code === "EDQUOT") return new DeclaredError("disk_full", {}, { cause: error });
  if (code === "ENOTFOUND") return new DeclaredError("host_not_found", { host }, { cause: error });
  const reason = reasons.find(([pattern]) => pattern.test(code ?? name))?.[1];
  return reason === undefined ? error : unreachable(host, reason, error);
}

function codeOf(status: number): ErrorCode {
  if (status === 404 || status === 410) return "source_gone";
  return status >= 400 && status < 500 && !passing.has(status) ? "source_refused" : "source_unreachable";
}

/** Statuses of the 4xx that are over after a while: timeout, misdirected, locked, too early, too many requests. */
const passing = new Set([408, 421, 423, 425, 429]);

const reasons: [codeOrName: RegExp, reason: string][] = [
  [/^EAI_/, "its name could not be looked up"],
  [/^ECONNREFUSED$/, "it refused the connection"],
  [/^(ECONNRESET|EPIPE|UND_ERR_SOCKET|UND_ERR_RES_CONTENT_LENGTH_MISMATCH)$/, "it broke off the connection"],
  [/^(ETIMEDOUT|UND_ERR_CONNECT_TIMEOUT)$/, "it did not accept a connection in time"],
  [/^UND_ERR_HEADERS_TIMEOUT$/, "it did not answer in time"],
  [/^E(HOST|NET)(UNREACH|DOWN)$/, "there is no way to it"],
  // A parser error has a code only sometimes.
  [/^(HPE_|UND_ERR_|HTTPParserError$)/, "it does not speak HTTP properly"],
  [/CERT|^UNABLE_TO_/, "its certificate is not valid"],
  [/^(ERR_SSL|ERR_TLS|EPROTO)/, "no secure connection could be made"],
];
