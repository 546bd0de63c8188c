import type { MigrationInterface, QueryRunner } from 'typeorm';
import { COUNTER_TABLE } from './leases.migration';

export const OVERRUN_TABLE = 'entitlement.overrun';

/** The index serves the fold, which looks for a customer's counters by the times of a batch. */
const TABLES = `
  ALTER TABLE ${COUNTER_TABLE}
    ADD COLUMN overrun bigint NOT NULL DEFAULT 0 CHECK (overrun >= 0),
    ADD COLUMN hard boolean NOT NULL DEFAULT true,
    ADD COLUMN on_quarters boolean NOT NULL DEFAULT false;
  CREATE INDEX counter_ends_idx ON ${COUNTER_TABLE} (project, customer, window_end);

  CREATE TABLE ${OVERRUN_TABLE} (
    window_start bigint NOT NULL,
    log_offset bigint NOT NULL,
    quantity bigint NOT NULL CHECK (quantity > 0),
    partition smallint NOT NULL,
    why text COLLATE "C" NOT NULL CHECK (why IN ('above-hold', 'late', 'no-hold')),
    project text COLLATE "C" NOT NULL,
    customer text COLLATE "C" NOT NULL,
    name text COLLATE "C" NOT NULL,
    source text COLLATE "C" NOT NULL,
    id text COLLATE "C" NOT NULL,
    PRIMARY KEY (project, customer, name, window_start, partition, log_offset)
  );
`;

const COMMENTS = `
  COMMENT ON COLUMN ${COUNTER_TABLE}.overrun IS
    'What passed the amount, beside what was leased: the sum of its rows in overrun.';
  COMMENT ON COLUMN ${COUNTER_TABLE}.hard IS
    'Its limit lets nothing pass; false: it only counts (allow), and has overage, not overrun.';
  COMMENT ON COLUMN ${COUNTER_TABLE}.on_quarters IS
    'It was opened with the sum of the totals in its window, and equals that for ever.';
  COMMENT ON TABLE ${OVERRUN_TABLE} IS
    'What of an event passed a limit that lets nothing pass. A fact: no replay can derive it.';
  COMMENT ON COLUMN ${OVERRUN_TABLE}.why IS
    'above-hold: used more than was held; late: its lease was reclaimed; no-hold: reported so.';
`;

export class CreateOverruns1795510000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(TABLES);
    await runner.query(COMMENTS);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP TABLE ${OVERRUN_TABLE}; DROP INDEX entitlement.counter_ends_idx;
      ALTER TABLE ${COUNTER_TABLE}
        DROP COLUMN overrun, DROP COLUMN hard, DROP COLUMN on_quarters`);
  }
}
