import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What holds hashes of keys, answers that were sealed, or text that clients sent. */
const NOT_FOR_THE_AUDITOR = [
  'project',
  'api_key',
  'model_group',
  'model',
  'audit_fact',
  'idempotent_request',
  'outbox',
  'quarantine',
];

/**
 * The auditor compares totals; it reads their tables alone. A database without that role (nobody
 * reconciles there) has nothing to take back.
 */
export class AuditorReadsTotalsAlone1795400000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`DO $$ BEGIN
      IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'auditor') THEN
        REVOKE ALL ON ${NOT_FOR_THE_AUDITOR.join(', ')} FROM auditor;
      END IF;
    END $$`);
  }

  async down(): Promise<void> {
    // Nothing: rights that were never needed are not given back.
  }
}
