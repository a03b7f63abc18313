import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { otherKind } from "./kinds.ts";

const bytes = (latin1: string) => Buffer.from(latin1, "latin1");

describe("what is no video by its first bytes", () => {
  const cases: [begins: string, kind: RegExp | undefined][] = [
    ["", /empty/],
    ["<!DOCTYPE html><html>", /web page/],
    ["\xef\xbb\xbf\n <HTML lang=pt>", /web page/],
    ['<?xml version="1.0"?><Error><Code>AccessDenied</Code>', /XML/],
    ['{ "error": "not found" }', /JSON/],
    ["#EXTM3U\n#EXT-X-VERSION:3", /playlist/],
    ["PK\x03\x04\x14\0", /archive/],
    ["\x1f\x8b\x08\0", /archive/],
    ["%PDF-1.7", /PDF/],
    ["\x89PNG\r\n\x1a\n", /picture/],
    ["\xff\xd8\xff\xe0", /picture/],
    ["\0\0\0\x1cftypheic", /picture/],
    ["RIFF\x10\0\0\0WAVEfmt ", /sound/],
    ["ID3\x04\0", /sound/],
    ["\0\0\0\x1cftypM4A \0", /sound/],
    ["\0\0\0\x20ftypisom\0\0\x02\0", undefined],
    ["\0\0\0\x14ftypqt  ", undefined],
    ["\x1a\x45\xdf\xa3\x01\0", undefined],
    ["RIFF\x10\0\0\0AVI LIST", undefined],
    ["\x47\x40\x11\x10", undefined],
    ["just a text", undefined],
  ];
  for (const [begins, kind] of cases) {
    it(`given ${JSON.stringify(begins.slice(0, 20))}, then it is ${kind ? kind.source : "left to probing"}`, () => {
      if (kind) assert.match(otherKind(bytes(begins)) ?? "", kind);
      else assert.equal(otherKind(bytes(begins)), undefined);
    });
  }
});
