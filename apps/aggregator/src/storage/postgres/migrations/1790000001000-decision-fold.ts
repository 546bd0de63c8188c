import { USAGE_PARTITIONS } from '@tallyward/domain';
import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The state of the decision log's fold: as the warehouse fold's, in rows and tables of its own. */
export class DecisionFold1790000001000 implements MigrationInterface {
  name = 'DecisionFold1790000001000';

  async up(runner: QueryRunner): Promise<void> {
    for (const table of ['log_progress', 'load_intent']) {
      await runner.query(checked(table, `'live', 'next', 'decisions'`));
      await runner.query(
        `INSERT INTO ${table} (fold, partition)
         SELECT 'decisions', p FROM generate_series(0, ${USAGE_PARTITIONS - 1}) AS p`,
      );
    }
    await runner.query('CREATE TABLE decision_key (LIKE usage_key INCLUDING ALL)');
    await runner.query('CREATE TABLE parked_decision (LIKE parked_entry INCLUDING ALL)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE decision_key, parked_decision');
    for (const table of ['log_progress', 'load_intent']) {
      await runner.query(`DELETE FROM ${table} WHERE fold = 'decisions'`);
      await runner.query(checked(table, `'live', 'next'`));
    }
  }
}

/** Sets the folds that a table may hold rows of. */
export function checked(table: string, folds: string): string {
  return `ALTER TABLE ${table} DROP CONSTRAINT ${table}_fold_check,
    ADD CONSTRAINT ${table}_fold_check CHECK (fold IN (${folds}))`;
}
