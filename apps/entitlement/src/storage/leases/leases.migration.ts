import { TOPICS } from '@tallyward/contracts';
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { PROGRESS_TABLE } from '../totals/tables';

export const COUNTER_TABLE = 'entitlement.counter';
export const LEASE_TABLE = 'entitlement.lease';
export const ASK_TABLE = 'entitlement.lease_ask';

const asks = TOPICS.quotaAsks;

/** Every grant, return and settlement updates a counter and a lease: their pages have room. */
const TABLES = `
  CREATE TABLE ${COUNTER_TABLE} (
    window_start bigint NOT NULL,
    window_end bigint NOT NULL CHECK (window_end > window_start),
    used bigint NOT NULL DEFAULT 0 CHECK (used >= 0),
    leased bigint NOT NULL DEFAULT 0 CHECK (leased >= 0),
    amount bigint NOT NULL CHECK (amount >= 0),
    extra bigint NOT NULL DEFAULT 0 CHECK (extra >= 0),
    project text COLLATE "C" NOT NULL,
    customer text COLLATE "C" NOT NULL,
    name text COLLATE "C" NOT NULL,
    scope text COLLATE "C" NOT NULL,
    scope_value text COLLATE "C" NOT NULL,
    model_group text COLLATE "C" NOT NULL,
    unit text COLLATE "C" NOT NULL,
    PRIMARY KEY (project, customer, name, window_start)
  ) WITH (fillfactor = 50);
  CREATE INDEX counter_ended_idx ON ${COUNTER_TABLE} (window_end);

  CREATE TABLE ${LEASE_TABLE} (
    id bigserial PRIMARY KEY,
    window_start bigint NOT NULL,
    granted bigint NOT NULL CHECK (granted > 0),
    returned bigint NOT NULL DEFAULT 0,
    settled bigint NOT NULL DEFAULT 0,
    issued_at bigint NOT NULL,
    spend_until bigint NOT NULL CHECK (spend_until > issued_at),
    settle_until bigint NOT NULL CHECK (settle_until >= spend_until),
    log_end bigint,
    partition smallint NOT NULL,
    open boolean NOT NULL DEFAULT true,
    project text COLLATE "C" NOT NULL,
    customer text COLLATE "C" NOT NULL,
    name text COLLATE "C" NOT NULL,
    gateway text COLLATE "C" NOT NULL,
    CHECK (returned >= 0 AND settled >= 0 AND returned + settled <= granted)
  ) WITH (fillfactor = 50);
  CREATE INDEX lease_due_idx ON ${LEASE_TABLE} (settle_until) WHERE open AND log_end IS NULL;
  CREATE INDEX lease_marked_idx ON ${LEASE_TABLE} (partition, log_end)
    WHERE open AND log_end IS NOT NULL;
  CREATE INDEX lease_closed_idx ON ${LEASE_TABLE} (settle_until) WHERE NOT open;
  CREATE INDEX lease_of_counter_idx ON ${LEASE_TABLE} (project, customer, name) WHERE open;

  CREATE TABLE ${ASK_TABLE} (
    at bigint NOT NULL,
    id text COLLATE "C" PRIMARY KEY,
    answer jsonb NOT NULL
  );
  CREATE INDEX lease_ask_at_idx ON ${ASK_TABLE} (at);
`;

const COMMENTS = `
  COMMENT ON TABLE ${COUNTER_TABLE} IS
    'The running total of one limit in one window for one value of its scope.';
  COMMENT ON COLUMN ${COUNTER_TABLE}.name IS 'Its limit and the value of its scope, without window.';
  COMMENT ON COLUMN ${COUNTER_TABLE}.used IS 'A fold of the log, and of nothing else.';
  COMMENT ON COLUMN ${COUNTER_TABLE}.leased IS
    'Over its open leases: granted - returned - settled.';
  COMMENT ON COLUMN ${COUNTER_TABLE}.extra IS
    'What replenishment added to the amount: by hand, rolled over, dripped.';
  COMMENT ON COLUMN ${LEASE_TABLE}.partition IS 'Of the log: where its customer''s usage is.';
  COMMENT ON COLUMN ${LEASE_TABLE}.returned IS 'The largest total that its gateway gave back.';
  COMMENT ON COLUMN ${LEASE_TABLE}.settled IS 'What folded settlements moved to used.';
  COMMENT ON COLUMN ${LEASE_TABLE}.log_end IS
    'The end of its partition of the log when it came due: reclaimed when the fold is there.';
  COMMENT ON TABLE ${ASK_TABLE} IS 'Answers to asks, so that a repeated one gets the same.';
`;

export class CreateLeases1795500000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(TABLES);
    await runner.query(COMMENTS);
    await runner.query(
      `INSERT INTO ${PROGRESS_TABLE} (topic, partition) SELECT $1, generate_series(0, $2::int - 1)`,
      [asks.name, asks.partitions],
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DELETE FROM ${PROGRESS_TABLE} WHERE topic = $1`, [asks.name]);
    await runner.query(`DROP TABLE ${COUNTER_TABLE}, ${LEASE_TABLE}, ${ASK_TABLE}`);
  }
}
