import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import pg from "pg";
import { cloneDatabase, createDatabase, dropDatabase, startPostgres } from "./postgres.ts";

const root = mkdtempSync(join(tmpdir(), "viralclaw-postgres-"));
after(() => rmSync(root, { recursive: true }));

/** Shared by all tests but one, since making a cluster takes longer than all else here. */
const dir = join(root, "shared");

test("data outlives a stop and a kill; databases are made, cloned and dropped", async () => {
  const first = await startPostgres({ dir, test: true });
  const template = await createDatabase(first.url, "a template");
  await query(template, "CREATE TABLE kept AS SELECT 'first' AS word");
  await first.stop();

  const second = await startPostgres({ dir, port: first.port, test: true });
  const clone = await cloneDatabase(second.url, "a template", 'a "clone"');
  await query(clone, "INSERT INTO kept VALUES ('second')");
  process.kill(second.pid, "SIGKILL");
  await second.exited;

  await using third = await startPostgres({ dir, port: first.port, test: true });
  assert.deepEqual(await words(clone), ["first", "second"]);
  assert.deepEqual(await words(template), ["first"]);
  await dropDatabase(third.url, 'a "clone"');
  await dropDatabase(third.url, "was never there");
  await assert.rejects(words(clone), /does not exist/);
});

test("it speaks UTF-8 and UTC, orders by code point, and makes version 7 ids", async () => {
  await using server = await startPostgres({ dir, test: true });
  const ask = async (sql: string) => Object.values((await query(server.url, sql))[0] ?? {})[0];
  assert.equal(await ask("SHOW server_encoding"), "UTF8");
  assert.equal(await ask("SHOW timezone"), "UTC");
  assert.equal(await ask("SELECT string_agg(w, '' ORDER BY w) FROM unnest('{é,a,Z}'::text[]) w"), "Zaé");
  assert.equal(await ask("SELECT lower('É')"), "é");
  assert.equal(await ask("SELECT uuid_extract_version(uuidv7())"), 7);
});

test("tests do not wait for the disk, all else does", async () => {
  for (const test of [true, false]) {
    await using server = await startPostgres({ dir, test });
    assert.deepEqual(await query(server.url, "SHOW fsync"), [{ fsync: test ? "off" : "on" }]);
  }
});

test("a folder in use is refused, by the number of the process that uses it", async () => {
  await using server = await startPostgres({ dir, test: true });
  await assert.rejects(startPostgres({ dir }), new RegExp(`${server.pid}.*kill ${server.pid}`));
});

test("a port that is taken is said to be, with the end of the log", async () => {
  await using server = await startPostgres({ dir, test: true });
  await assert.rejects(startPostgres({ dir: join(root, "other"), port: server.port, test: true }), /Address already in use/);
});

async function query(url: string, sql: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url });
  try {
    await client.connect();
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

async function words(url: string): Promise<unknown[]> {
  return (await query(url, "SELECT word FROM kept ORDER BY word")).map(({ word }) => word);
}
