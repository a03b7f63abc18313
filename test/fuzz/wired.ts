import type { Dice } from "./dice.ts";
import type { Field, Place } from "./document.ts";
import type { Draft } from "./draft.ts";

/** A request as it goes over the wire: nothing in it is checked or encoded any more. */
export interface Wired {
  method: string;
  target: string;
  headers: [name: string, value: string][];
  body?: Buffer;
  /** The connection's end is closed behind the request, which says that there is more to come. */
  cutOff?: boolean;
}

/** The draft as bytes that a client of good manners sends. */
export function wired({ operation, contentType, values }: Draft, key: string, dice: Dice): Wired {
  const at = (place: Place) => values.filter(({ field }) => field.place === place);
  const path = at("path").reduce(
    (filled, { field, value }) => filled.replace(`{${field.name}}`, encodeURIComponent(textOf(value).toWellFormed())),
    operation.path,
  );
  const query = new URLSearchParams(
    at("query").map(({ field, value }): [string, string] => [field.name, textOf(value)]),
  ).toString();
  const headers: Wired["headers"] = [
    ["x-api-key", key],
    ...at("header").map(({ field, value }): [string, string] => [field.name, headerValue(textOf(value))]),
  ];
  const target = query ? `${path}?${query}` : path;
  if (!contentType) return { method: operation.method, target, headers };
  const written = writeBody(contentType, at("body"), dice);
  return { method: operation.method, target, headers: [...headers, ["content-type", written.contentType]], body: written.body };
}

/** The request as it stands on the wire. A length is told unless the headers tell one, rightly or not. */
export function bytesOf({ method, target, headers, body }: Wired, host: string): Buffer {
  const names = new Set(headers.map(([name]) => name.toLowerCase()));
  const own: Wired["headers"] = [
    ...(names.has("host") ? [] : ([["host", host]] as Wired["headers"])),
    ["connection", "close"],
    ...(body && !names.has("content-length") && !names.has("transfer-encoding")
      ? ([["content-length", String(body.length)]] as Wired["headers"])
      : []),
  ];
  const lines = [`${method} ${target} HTTP/1.1`, ...[...own, ...headers].map(([name, value]) => `${name}: ${value}`), "", ""];
  return Buffer.concat([Buffer.from(lines.join("\r\n"), "latin1"), body ?? Buffer.alloc(0)]);
}

/** The request with that header in place of any of the same name. */
export function withHeader(request: Wired, name: string, value: string): Wired {
  return { ...request, headers: [...request.headers.filter(([other]) => other !== name), [name, value]] };
}

type Entry = { field: Field; value: unknown };

function writeBody(contentType: string, entries: readonly Entry[], dice: Dice): { contentType: string; body: Buffer } {
  if (contentType === "multipart/form-data") return writeForm(entries, `----fuzz${dice.seed()}`);
  const members = entries.map(({ field, value }) => `${JSON.stringify(field.name)}:${JSON.stringify(value) ?? "null"}`);
  return { contentType, body: Buffer.from(`{${members.join(",")}}`) };
}

function writeForm(entries: readonly Entry[], boundary: string): { contentType: string; body: Buffer } {
  const parts = entries.map(({ field, value }) => {
    const file = Buffer.isBuffer(value) ? `; filename="video.mp4"\r\ncontent-type: application/octet-stream` : "";
    const head = `--${boundary}\r\ncontent-disposition: form-data; name="${field.name}"${file}\r\n\r\n`;
    return Buffer.concat([Buffer.from(head), Buffer.isBuffer(value) ? value : Buffer.from(textOf(value)), Buffer.from("\r\n")]);
  });
  return {
    contentType: `multipart/form-data; boundary=${boundary}`,
    body: Buffer.concat([...parts, Buffer.from(`--${boundary}--\r\n`)]),
  };
}

function textOf(value: unknown): string {
  if (typeof value === "string") return value;
  return Buffer.isBuffer(value) ? value.toString("latin1") : (JSON.stringify(value) ?? "");
}

/** What a header cannot hold at all is left out; other hostile headers are written as they are. */
const headerValue = (text: string) => text.replace(/[\r\n\0]/g, "");
