import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * What periods, their zones and what is included follow from. Of `project` and `customer` only
 * columns: names and tags are text that people wrote. With columns alone `LOCK TABLE` is refused.
 */
const READ_FOR_CLOSING = [
  'SELECT (project, settings) ON project',
  'SELECT (project, customer, first_seen, billing_anchor, time_zone) ON customer',
  'SELECT ON tier_assignment',
  'SELECT ON tier_version',
];

/**
 * Periods are closed from the auditor's side of the totals. A database without that role (nobody
 * closes or reconciles there) has nothing to grant.
 */
export class AuditorReadsWhatCloses1795710000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    const grants = READ_FOR_CLOSING.map((right) => `GRANT ${right} TO auditor;`);
    await whereThereIsAnAuditor(runner, grants);
  }

  async down(runner: QueryRunner): Promise<void> {
    const revokes = READ_FOR_CLOSING.map((right) => `REVOKE ${right} FROM auditor;`);
    await whereThereIsAnAuditor(runner, revokes);
  }
}

async function whereThereIsAnAuditor(
  runner: QueryRunner,
  statements: readonly string[],
): Promise<void> {
  await runner.query(`DO $$ BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'auditor') THEN
      ${statements.join('\n      ')}
    END IF;
  END $$`);
}
