import { USAGE_PARTITIONS } from '@tallyward/domain';
import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The warehouse fold's state: where it is, what counted, was set aside, and may have landed. */
export class WarehouseFold1790000000000 implements MigrationInterface {
  name = 'WarehouseFold1790000000000';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of [LOG_PROGRESS, LOAD_INTENT, USAGE_KEY, PARKED_ENTRY, WAREHOUSE_SWAP]) {
      await runner.query(statement);
    }
    await runner.query('CREATE INDEX usage_key_time ON usage_key USING brin ("time")');
    const seeded = `SELECT 'live', p FROM generate_series(0, ${USAGE_PARTITIONS - 1}) AS p`;
    await runner.query(`INSERT INTO log_progress (fold, partition) ${seeded}`);
    await runner.query(`INSERT INTO load_intent (fold, partition) ${seeded}`);
    await runner.query(`INSERT INTO warehouse_swap (id) VALUES (1)`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(
      'DROP TABLE log_progress, load_intent, usage_key, parked_entry, warehouse_swap',
    );
  }
}

const FOLD = `fold text NOT NULL CHECK (fold IN ('live', 'next'))`;

const LOG_PROGRESS = `CREATE TABLE log_progress (
  ${FOLD},
  partition smallint NOT NULL,
  topic_identity text,
  next_offset bigint NOT NULL DEFAULT 0,
  landed_offset bigint NOT NULL DEFAULT 0,
  reached_at bigint NOT NULL DEFAULT 0,
  landed_at bigint NOT NULL DEFAULT 0,
  PRIMARY KEY (fold, partition),
  CHECK (landed_offset <= next_offset)
)`;

const LOAD_INTENT = `CREATE TABLE load_intent (
  ${FOLD},
  partition smallint NOT NULL,
  from_offset bigint NOT NULL DEFAULT 0,
  to_offset bigint NOT NULL DEFAULT 0,
  state text NOT NULL DEFAULT 'after' CHECK (state IN ('before', 'after')),
  appended_at bigint NOT NULL DEFAULT 0,
  PRIMARY KEY (fold, partition),
  CHECK (from_offset <= to_offset)
)`;

const USAGE_KEY = `CREATE TABLE usage_key (
  identity bytea NOT NULL PRIMARY KEY CHECK (length(identity) = 16),
  partition smallint NOT NULL,
  "offset" bigint NOT NULL,
  content bytea NOT NULL,
  "time" bigint NOT NULL
)`;

const PARKED_ENTRY = `CREATE TABLE parked_entry (
  partition smallint NOT NULL,
  "offset" bigint NOT NULL,
  reason text NOT NULL,
  appended_at bigint NOT NULL,
  PRIMARY KEY (partition, "offset")
)`;

const WAREHOUSE_SWAP = `CREATE TABLE warehouse_swap (
  id smallint NOT NULL PRIMARY KEY CHECK (id = 1),
  fence text NOT NULL DEFAULT 'open' CHECK (fence IN ('open', 'closed', 'swapping')),
  next_table text NOT NULL DEFAULT ''
)`;
