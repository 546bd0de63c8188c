import { USAGE_PARTITIONS } from '@tallyward/domain';
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { checked } from './1790000001000-decision-fold';

/** The state of the billing records' fold, in rows and tables of its own. */
export class BillingFold1790000003000 implements MigrationInterface {
  name = 'BillingFold1790000003000';

  async up(runner: QueryRunner): Promise<void> {
    for (const table of ['log_progress', 'load_intent']) {
      await runner.query(checked(table, `'live', 'next', 'decisions', 'proofs', 'records'`));
      await runner.query(
        `INSERT INTO ${table} (fold, partition)
         SELECT 'records', p FROM generate_series(0, ${USAGE_PARTITIONS - 1}) AS p`,
      );
    }
    await runner.query('CREATE TABLE record_key (LIKE usage_key INCLUDING ALL)');
    await runner.query('CREATE TABLE parked_record (LIKE parked_entry INCLUDING ALL)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE record_key, parked_record');
    for (const table of ['log_progress', 'load_intent']) {
      await runner.query(`DELETE FROM ${table} WHERE fold = 'records'`);
      await runner.query(checked(table, `'live', 'next', 'decisions', 'proofs'`));
    }
  }
}
