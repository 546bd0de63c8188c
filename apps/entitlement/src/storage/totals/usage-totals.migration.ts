import { TOPICS } from '@tallyward/contracts';
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { LIVE_TABLES, PROGRESS_TABLE as progress, TOTALS_KEY, UNIT_COLUMNS } from './tables';

const { name: topic, partitions } = TOPICS.usageEvents;
const { keys, totals } = LIVE_TABLES;

/**
 * Text is compared by its bytes (collation C): fast, and in the order the fold writes. A progress
 * row is updated with every batch, so its page has room to do that in place.
 */
const TABLES = `
  CREATE TABLE ${progress} (
    topic text COLLATE "C" NOT NULL,
    partition smallint NOT NULL,
    next_offset bigint NOT NULL DEFAULT 0 CHECK (next_offset >= 0),
    identity text COLLATE "C",
    reached bigint,
    PRIMARY KEY (topic, partition)
  ) WITH (fillfactor = 20);

  CREATE TABLE ${keys} (
    "offset" bigint NOT NULL,
    time bigint NOT NULL,
    identity bytea NOT NULL PRIMARY KEY CHECK (length(identity) = 16),
    content bytea NOT NULL CHECK (length(content) = 16),
    partition smallint NOT NULL
  );
  CREATE INDEX usage_key_time_idx ON ${keys} (time);

  CREATE TABLE ${totals} (
    quarter bigint NOT NULL,
    ${UNIT_COLUMNS.map((column) => `${column} bigint NOT NULL CHECK (${column} >= 0),`).join('\n')}
    partition smallint NOT NULL,
    proof numeric(39) NOT NULL,
    project text COLLATE "C" NOT NULL,
    customer text COLLATE "C" NOT NULL,
    workspace text COLLATE "C" NOT NULL,
    "user" text COLLATE "C" NOT NULL,
    role text COLLATE "C" NOT NULL,
    model text COLLATE "C" NOT NULL,
    model_group text COLLATE "C" NOT NULL,
    PRIMARY KEY (${TOTALS_KEY.join(', ')})
  ) WITH (fillfactor = 80);
`;

const COMMENTS = `
  COMMENT ON TABLE ${progress} IS
    'How far the totals are folded, per partition of the log. Written by the totals fold alone.';
  COMMENT ON COLUMN ${progress}.next_offset IS
    'Everything before it is in the totals, nothing from it on.';
  COMMENT ON COLUMN ${progress}.reached IS 'Greatest append time folded, epoch ms.';
  COMMENT ON TABLE ${keys} IS
    'Events that counted, for as long as a copy could still be folded (37 days of log time).';
  COMMENT ON TABLE ${totals} IS
    'Usage per customer, labels and quarter of an hour. Written by the totals fold and a rebuild.';
  COMMENT ON COLUMN ${totals}.quarter IS 'Start of the quarter of an hour, epoch ms.';
  COMMENT ON COLUMN ${totals}.proof IS 'Sum of the proofs of its events modulo 2^128.';
`;

export class UsageTotals1795305600000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(TABLES);
    await runner.query(COMMENTS);
    await runner.query(
      `INSERT INTO ${progress} (topic, partition) SELECT $1, generate_series(0, $2::int - 1)`,
      [topic, partitions],
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP TABLE ${progress}, ${keys}, ${totals}`);
  }
}
