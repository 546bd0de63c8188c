import type { MigrationInterface, QueryRunner } from 'typeorm';
import { LIVE_TABLES, UNIT_COLUMNS } from './tables';

const { keys, totals } = LIVE_TABLES;
const KEY_CONTENT = 'usage_key_content_check';
const unitCheck = (column: string): string => `usage_total_${column}_check`;

/**
 * Keys remember what voids an event; one that only a void has met has no content. A row that is
 * added below zero is taken from one that is there, and Postgres checks what is to be added before
 * it knows that: where the two do not match, reconciliation says so and the fold goes on.
 */
export class VoidsOfUsage1795800000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`ALTER TABLE ${keys} ADD COLUMN voided_at bigint,
      DROP CONSTRAINT ${KEY_CONTENT},
      ADD CONSTRAINT ${KEY_CONTENT} CHECK (length(content) IN (0, 16)),
      ADD CHECK (length(content) = 16 OR voided_at IS NOT NULL)`);
    await runner.query(
      `COMMENT ON COLUMN ${keys}.voided_at IS 'Where the void stands; null: there is none.'`,
    );
    const drops = UNIT_COLUMNS.map((column) => `DROP CONSTRAINT ${unitCheck(column)}`);
    await runner.query(`ALTER TABLE ${totals} ${drops.join(', ')}`);
  }

  async down(runner: QueryRunner): Promise<void> {
    const checks = UNIT_COLUMNS.map(
      (column) => `ADD CONSTRAINT ${unitCheck(column)} CHECK (${column} >= 0)`,
    );
    await runner.query(`ALTER TABLE ${totals} ${checks.join(', ')}`);
    await runner.query(`ALTER TABLE ${keys} DROP COLUMN voided_at,
      DROP CONSTRAINT ${KEY_CONTENT},
      ADD CONSTRAINT ${KEY_CONTENT} CHECK (length(content) = 16)`);
  }
}
