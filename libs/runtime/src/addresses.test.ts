import assert from "node:assert/strict";
import { test } from "node:test";
import { hostsOnly } from "./addresses.ts";

test("an address is cut to its host, wherever it stands in a text", () => {
  assert.equal(hostsOnly("GET https://cdn.example/a/b.mp4?sig=1 failed"), "GET https://cdn.example/… failed");
  assert.equal(hostsOnly("postgres://user:secret@db:5432/x"), "postgres://db:5432/…");
  assert.equal(
    hostsOnly('{"url":"http://a.example/p","to":"nats://u:p@b:4222"}'),
    '{"url":"http://a.example/…","to":"nats://b:4222/…"}',
  );
});

test("a file of a stack stays", () => {
  const line = "at run (file:///app/services/gateway/src/main.ts:3:1)";
  assert.equal(hostsOnly(line), line);
});
