import { type Kysely, sql } from "kysely";
import type { Migration } from "kysely/migration";

/** Each is written once and never changed afterwards. */
export const migrations: Record<string, Migration> = {
  "2026-11-24-jobs": {
    async up(db: Kysely<unknown>) {
      await sql`
        create table customers (
          id text primary key,
          email text not null unique,
          name text not null,
          plan text not null,
          created_at timestamptz not null default now()
        )`.execute(db);
      await sql`
        create table api_keys (
          id text primary key,
          customer_id text not null references customers,
          name text not null,
          prefix text not null unique,
          hash bytea not null,
          mode text not null check (mode in ('live', 'test')),
          is_active boolean not null default true,
          rate_limit_per_minute int not null default 10,
          last_used_at timestamptz,
          created_at timestamptz not null default now()
        )`.execute(db);
      await sql`
        create table jobs (
          id text primary key,
          customer_id text not null references customers,
          key_id text not null references api_keys,
          kind text not null,
          mode text not null,
          priority smallint not null check (priority between 1 and 5),
          status text not null check (status in ('queued', 'processing', 'done', 'failed', 'cancelled')),
          stage text not null,
          run int not null default 1,
          sequence int not null default 0,
          request jsonb not null,
          known jsonb not null default '{}',
          runs jsonb not null default '{}',
          error jsonb,
          trace_id text not null,
          created_at timestamptz not null default clock_timestamp(),
          ended_at timestamptz,
          lost_since timestamptz,
          check ((status in ('done', 'failed', 'cancelled')) = (ended_at is not null))
        )`.execute(db);
      // A customer's list, newest first: ids sort by time.
      await sql`create index jobs_by_customer on jobs (customer_id, id desc)`.execute(db);
      // The queue: position and size.
      await sql`create index jobs_queued on jobs (priority, id) where status = 'queued'`.execute(db);
      await sql`create index jobs_open on jobs (status, stage) where ended_at is null`.execute(db);
      await sql`
        create table facts (
          id text primary key,
          job_id text not null references jobs,
          run int not null,
          sequence int not null,
          name text not null,
          version int not null,
          data jsonb not null,
          traceparent text,
          created_at timestamptz not null default clock_timestamp(),
          published_at timestamptz,
          stream_seq bigint,
          unique (job_id, sequence)
        )`.execute(db);
      await sql`
        create table idempotency_keys (
          customer_id text not null references customers,
          key text not null,
          fingerprint text,
          response text,
          claimed_until timestamptz not null,
          created_at timestamptz not null default clock_timestamp(),
          primary key (customer_id, key)
        )`.execute(db);
      // As rate-limiter-flexible wants it.
      await sql`create table rate_limits (key varchar(255) primary key, points int not null default 0, expire bigint)`.execute(
        db,
      );
      await sql`create index facts_unpublished on facts (created_at) where published_at is null`.execute(db);
    },
  },
  "2026-12-01-uploads": {
    async up(db: Kysely<unknown>) {
      await sql`
        create table uploads (
          id text primary key,
          customer_id text not null references customers,
          filename text,
          bytes int not null check (bytes > 0),
          parts_id text,
          created_at timestamptz not null default clock_timestamp(),
          expires_at timestamptz not null
        )`.execute(db);
      await sql`create index uploads_by_expiry on uploads (expires_at)`.execute(db);
    },
  },
  "2026-12-02-quality": {
    async up(db: Kysely<unknown>) {
      await sql`update jobs set request = '{"quality": "balanced", "max_result_bytes": null}'::jsonb || request`.execute(db);
    },
  },
  "2026-12-02-retention": {
    async up(db: Kysely<unknown>) {
      await sql`alter table jobs add column trimmed_at timestamptz, add column removed_at timestamptz`.execute(db);
      await sql`create index jobs_untrimmed on jobs (ended_at) where trimmed_at is null`.execute(db);
      await sql`create index jobs_unremoved on jobs (ended_at) where removed_at is null`.execute(db);
      // The job in whose folder the source is: another's, where a video is rendered again.
      await sql`create index jobs_by_source on jobs (split_part(known->>'source_key', '/', 2)) where removed_at is null`.execute(
        db,
      );
      await sql`create table store_walks (folder text primary key, after text, ended_at timestamptz)`.execute(db);
    },
  },
  "2026-12-03-transcripts": {
    async up(db: Kysely<unknown>) {
      await sql`update jobs set request = '{"wording": null, "restyled_from": null}'::jsonb || request`.execute(db);
      await sql`
        create table transcripts (
          job_id text not null references jobs,
          version int not null check (version > 1),
          key text not null,
          created_at timestamptz not null default clock_timestamp(),
          primary key (job_id, version)
        )`.execute(db);
      // Retention asks for those in a folder.
      await sql`create index transcripts_by_key on transcripts (key text_pattern_ops)`.execute(db);
    },
  },
  "2026-12-04-fonts": {
    async up(db: Kysely<unknown>) {
      await sql`alter table uploads add column kind text not null default 'video'`.execute(db);
    },
  },
  "2026-12-05-open-uploads": {
    async up(db: Kysely<unknown>) {
      await sql`alter table uploads add column used_at timestamptz`.execute(db);
      await sql`create index uploads_unused on uploads (customer_id) where used_at is null`.execute(db);
    },
  },
};
