import { USAGE_PARTITIONS } from '@tallyward/domain';
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { UNIT_COLUMNS } from '../../clickhouse/columns';
import { checked } from './1790000001000-decision-fold';

/** The third fold of the usage log: what it proves, per customer and quarter of an hour. */
export class LogProofs1790000002000 implements MigrationInterface {
  name = 'LogProofs1790000002000';

  async up(runner: QueryRunner): Promise<void> {
    for (const table of ['log_progress', 'load_intent']) {
      await runner.query(checked(table, `'live', 'next', 'decisions', 'proofs'`));
      await runner.query(
        `INSERT INTO ${table} (fold, partition)
         SELECT 'proofs', p FROM generate_series(0, ${USAGE_PARTITIONS - 1}) AS p`,
      );
    }
    await runner.query('CREATE TABLE proof_key (LIKE usage_key INCLUDING ALL)');
    await runner.query('CREATE TABLE parked_proof (LIKE parked_entry INCLUDING ALL)');
    for (const statement of [LOG_PROOF, UNBILLED_USAGE, COMMENTS]) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE proof_key, parked_proof, log_proof, unbilled_usage');
    for (const table of ['log_progress', 'load_intent']) {
      await runner.query(`DELETE FROM ${table} WHERE fold = 'proofs'`);
      await runner.query(checked(table, `'live', 'next', 'decisions'`));
    }
  }
}

const SUMS = Object.values(UNIT_COLUMNS)
  .map((column) => `${column} bigint NOT NULL CHECK (${column} >= 0)`)
  .join(',\n  ');

const LOG_PROOF = `CREATE TABLE log_proof (
  quarter bigint NOT NULL,
  first_offset bigint NOT NULL,
  last_offset bigint NOT NULL CHECK (last_offset >= first_offset),
  ${SUMS},
  partition smallint NOT NULL,
  proof numeric(39) NOT NULL,
  project text COLLATE "C" NOT NULL,
  customer text COLLATE "C" NOT NULL,
  PRIMARY KEY (project, customer, quarter)
) WITH (fillfactor = 80)`;

const UNBILLED_USAGE = `CREATE TABLE unbilled_usage (
  oldest bigint NOT NULL,
  last_offset bigint NOT NULL,
  partition smallint NOT NULL,
  project text COLLATE "C" NOT NULL,
  customer text COLLATE "C" NOT NULL,
  PRIMARY KEY (project, customer)
) WITH (fillfactor = 50)`;

const COMMENTS = `
  COMMENT ON TABLE log_proof IS
    'What the log proves of a customer in a quarter of an hour. Written by the proofs fold alone.';
  COMMENT ON COLUMN log_proof.quarter IS 'Start of the quarter of an hour, epoch ms.';
  COMMENT ON COLUMN log_proof.first_offset IS 'The first event that counts in it; last_offset: the last.';
  COMMENT ON COLUMN log_proof.proof IS 'Sum of the proofs of its events modulo 2^128.';
  COMMENT ON TABLE unbilled_usage IS
    'Customers with usage that no billing record tells yet. Written by the proofs fold; taken away by the closer.';
  COMMENT ON COLUMN unbilled_usage.oldest IS 'No quarter before it has usage that is not billed, epoch ms.'`;
