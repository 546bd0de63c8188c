import type { MigrationInterface, QueryRunner } from 'typeorm';
import { UNIT_COLUMNS } from '../../clickhouse/columns';

const KEYS = ['usage_key', 'decision_key', 'proof_key', 'record_key'];

/**
 * Keys remember what voids an event. A row that is added below zero is taken from one that is
 * there: Postgres checks what is to be added before it knows that.
 */
export class Voids1790000004000 implements MigrationInterface {
  name = 'Voids1790000004000';

  async up(runner: QueryRunner): Promise<void> {
    for (const table of KEYS) {
      await runner.query(`ALTER TABLE ${table} ADD COLUMN voided_at bigint`);
      await runner.query(
        `COMMENT ON COLUMN ${table}.voided_at IS 'Where the void stands; null: there is none.'`,
      );
    }
    for (const column of Object.values(UNIT_COLUMNS)) {
      await runner.query(`ALTER TABLE log_proof DROP CONSTRAINT log_proof_${column}_check`);
    }
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const column of Object.values(UNIT_COLUMNS)) {
      await runner.query(
        `ALTER TABLE log_proof ADD CONSTRAINT log_proof_${column}_check CHECK (${column} >= 0)`,
      );
    }
    for (const table of KEYS) await runner.query(`ALTER TABLE ${table} DROP COLUMN voided_at`);
  }
}
