import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { postgresForTest } from "@viralclaw/embedded/testing";
import pg from "pg";
import { isDatabaseAway } from "./problems.ts";

let server: Awaited<ReturnType<typeof postgresForTest>>;
before(async () => {
  server = await postgresForTest();
});
after(() => server.stop());

/** What pg itself throws, each met on a real server: some of it has neither code nor name of its own. */
const away: [name: string, meet: () => Promise<unknown>][] = [
  ["every connection of the pool stays taken", secondOfOne],
  ["the server ends the connection", () => asked("select pg_terminate_backend(pg_backend_pid())")],
  ["nobody listens", () => asked("select 1", "postgres://postgres@127.0.0.1:9/none")],
];
for (const [name, meet] of away) {
  test(`a caller is told to come again, not of an internal error, where ${name}`, async () => {
    await assert.rejects(meet(), (error: Error) => isDatabaseAway(error));
  });
}

test("a query that is wrong is our fault and stays one", async () => {
  await assert.rejects(asked("select nothing from nowhere"), (error: Error) => !isDatabaseAway(error));
});

async function asked(query: string, url = server.url): Promise<void> {
  const client = new pg.Client(url);
  client.on("error", () => undefined);
  try {
    await client.connect();
    await client.query(query);
  } finally {
    await client.end();
  }
}

async function secondOfOne(): Promise<void> {
  const pool = new pg.Pool({ connectionString: server.url, max: 1, connectionTimeoutMillis: 200 });
  const first = await pool.connect();
  try {
    await pool.connect();
  } finally {
    first.release();
    await pool.end();
  }
}
