import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { postgresForTest } from "@viralclaw/embedded/testing";
import { type Kysely, sql } from "kysely";
import { migrate, openDatabase, ping } from "./database.ts";

const log = { error() {} };
const migrations = {
  "1-things": { up: async (db: Kysely<unknown>) => void (await sql`create table things (id int primary key)`.execute(db)) },
};

let server: Awaited<ReturnType<typeof postgresForTest>>;
before(async () => {
  server = await postgresForTest();
});
after(() => server.stop());

const open = (schema: string) => openDatabase<{ things: { id: number } }>({ url: server.url, schema, max: 2, log });

test("each service has its own schema, though the tables bear the same name", async () => {
  await using one = disposable(open("one"));
  await using two = disposable(open("two"));
  await migrate(one.db, "one", migrations);
  await migrate(two.db, "two", migrations);
  await one.db.insertInto("things").values({ id: 1 }).execute();
  assert.equal((await two.db.selectFrom("things").selectAll().execute()).length, 0);
});

test("many processes may migrate at once, and again", async () => {
  const several = Array.from({ length: 4 }, () => open("shared"));
  await Promise.all(several.map((db) => migrate(db, "shared", migrations)));
  await migrate(several[0] as Kysely<{ things: { id: number } }>, "shared", migrations);
  await Promise.all(several.map((db) => ping(db)));
  await Promise.all(several.map((db) => db.destroy()));
});

test("a migration that fails is undone, and said", async () => {
  await using one = disposable(open("broken"));
  const broken = {
    ...migrations,
    "2-broken": { up: async (db: Kysely<unknown>) => void (await sql`create table things (id int)`.execute(db)) },
  };
  await assert.rejects(migrate(one.db, "broken", broken), /already exists/);
  await assert.rejects(one.db.selectFrom("things").selectAll().execute(), /does not exist/);
});

test("a server that goes away in the middle of a transaction, between two of its queries, fails that and not the process", async () => {
  await using one = disposable(open("cut"));
  await using other = disposable(open("other"));
  const cut = one.db.transaction().execute(async (tx) => {
    const { rows } = await sql<{ pid: number }>`select pg_backend_pid() as pid`.execute(tx);
    await sql`select pg_terminate_backend(${rows[0]?.pid})`.execute(other.db);
    // As while a fact is being sent.
    await sleep(100);
    await sql`select 1`.execute(tx);
  });
  await assert.rejects(cut);
  await ping(one.db);
});

function disposable(db: ReturnType<typeof open>) {
  return { db, [Symbol.asyncDispose]: () => db.destroy() };
}
