import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Beside `api_key`, whose rows change with their project alone. Written by KeyUseStore alone. */
export class CreateKeyUse1795900000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`CREATE TABLE key_use (
      key_id text COLLATE "C" PRIMARY KEY REFERENCES api_key ON DELETE CASCADE,
      used_at timestamptz NOT NULL
    )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE key_use');
  }
}
