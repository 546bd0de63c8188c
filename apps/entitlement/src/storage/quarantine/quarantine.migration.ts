import type { MigrationInterface, QueryRunner } from 'typeorm';

export class CreateQuarantine1763769600002 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE quarantine (
        topic text COLLATE "C" NOT NULL,
        partition integer NOT NULL,
        "offset" bigint NOT NULL,
        project text COLLATE "C",
        key text,
        reason text NOT NULL,
        detail text NOT NULL,
        at timestamptz NOT NULL,
        content bytea NOT NULL,
        PRIMARY KEY (topic, partition, "offset")
      )`);
    await queryRunner.query(`
      CREATE INDEX quarantine_of_project
      ON quarantine (project, at DESC, topic DESC, partition DESC, "offset" DESC)`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TABLE quarantine');
  }
}
