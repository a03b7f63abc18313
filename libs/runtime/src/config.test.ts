import assert from "node:assert/strict";
import { test } from "node:test";
import * as z from "zod";
import { ConfigError, loadConfig, StoreConfig, storeOptions } from "./config.ts";

const Schema = z.object({ PORT: z.coerce.number().int().max(65535), NAME: z.string().min(3), MODE: z.string().default("fast") });

test("a complete environment is read, with its defaults", () => {
  assert.deepEqual(loadConfig(Schema, { PORT: "80", NAME: "abc", OTHER: "x" }), { PORT: 80, NAME: "abc", MODE: "fast" });
});

test("all faults are named at once, and no value is shown", () => {
  assert.throws(
    () => loadConfig(Schema, { PORT: "99999999", NAME: "s3" }),
    (error: Error) =>
      error instanceof ConfigError &&
      /PORT: /.test(error.message) &&
      /NAME: /.test(error.message) &&
      !/s3|99999999/.test(error.message),
  );
});

test("an empty variable counts as not set", () => {
  assert.throws(() => loadConfig(Schema, { PORT: "80", NAME: "" }), /NAME: is not set/);
});

test("the store is R2 by its account, or another server by its endpoint", () => {
  const keys = { R2_ACCESS_KEY: "a", R2_SECRET_KEY: "b" };
  assert.equal(
    storeOptions(loadConfig(StoreConfig, { ...keys, R2_ACCOUNT_ID: "abc" })).endpoint,
    "https://abc.r2.cloudflarestorage.com",
  );
  assert.equal(
    storeOptions(loadConfig(StoreConfig, { ...keys, R2_ENDPOINT: "http://127.0.0.1:9000" })).endpoint,
    "http://127.0.0.1:9000",
  );
  assert.throws(() => storeOptions(loadConfig(StoreConfig, keys)), /R2_ACCOUNT_ID/);
});
