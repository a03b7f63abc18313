import { Kysely, PostgresDialect, sql } from "kysely";
import { type Migration, Migrator } from "kysely/migration";
import pg from "pg";

/**
 * Postgres for a service that has tables. Each service reads and writes its own schema only, and makes it itself at start.
 * It refuses to start on a schema whose migrations are newer than its own.
 */
export interface DatabaseOptions {
  url: string;
  /** The service's own schema: the only one on its search path. */
  schema: string;
  /** Connections at most. */
  max: number;
  log: { error(data: object, message: string): void };
}

/** A statement that waits longer than this is waiting for something that will not come. */
const statementTimeoutMs = 30_000;
/** For a connection, or for one of the pool's to be free: a crowd that posts at the same moment waits its turn rather than being refused. */
const connectTimeoutMs = 20_000;

/** Opens the database; nothing is connected yet. The caller ends it with `destroy()`. */
export function openDatabase<Tables>(options: DatabaseOptions): Kysely<Tables> {
  return new Kysely<Tables>({ dialect: new PostgresDialect({ pool: openPool(options) }) });
}

/** The connections alone, for a library that brings its own SQL. The caller ends them with `end()`. */
export function openPool({ url, schema, max, log }: DatabaseOptions): pg.Pool {
  const pool = new pg.Pool({
    connectionString: url,
    max,
    options: `-c search_path=${schema}`,
    statement_timeout: statementTimeoutMs,
    connectionTimeoutMillis: connectTimeoutMs,
    application_name: schema,
  });
  // A connection that breaks (a restarted server) while it is idle, or in a transaction between two queries: it is replaced at
  // the next use, and the transaction fails at its next query. Unheard, its error would end the process.
  pool.on("connect", (client) => client.on("error", (error) => log.error({ err: error }, "a database connection broke")));
  // Of an idle one the pool tells a second time.
  pool.on("error", () => undefined);
  return pool;
}

/** Brings the schema to the newest of the named migrations, in order of their names; many processes may ask at once. Throws what failed, having undone it. */
export async function migrate<Tables>(db: Kysely<Tables>, schema: string, migrations: Record<string, Migration>): Promise<void> {
  await sql`create schema if not exists ${sql.id(schema)}`.execute(db).catch(ignoreRace);
  const migrator = new Migrator({ db, provider: { getMigrations: async () => migrations }, migrationTableSchema: schema });
  const { error } = await migrator.migrateToLatest();
  if (error) throw error;
}

/** Whether the database answers. */
export async function ping<Tables>(db: Kysely<Tables>): Promise<void> {
  await sql`select 1`.execute(db);
}

/** Two processes that make the schema at the same moment: one meets a unique violation, and the schema is there. */
function ignoreRace(error: unknown): void {
  if ((error as { code?: string }).code !== "23505") throw error;
}
