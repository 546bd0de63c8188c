import { DEFAULT_SETTINGS } from '@tallyward/contracts';
import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Projects that were there before periods were closed get the default. Their snapshots need no new
 * version: a reader takes the default where `closing` is missing.
 */
export class ClosingOfProjects1795700000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    const { closing } = DEFAULT_SETTINGS;
    await runner.query('UPDATE project SET settings = $1::jsonb || settings', [
      JSON.stringify({ closing }),
    ]);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query("UPDATE project SET settings = settings - 'closing'");
  }
}
