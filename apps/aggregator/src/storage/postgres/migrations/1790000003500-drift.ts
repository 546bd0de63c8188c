import type { MigrationInterface, QueryRunner } from 'typeorm';
import { UNIT_COLUMNS } from '../../clickhouse/columns';

/** How far the sides were apart, hour by hour. */
export class Drift1790000003500 implements MigrationInterface {
  name = 'Drift1790000003500';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(DRIFT);
    await runner.query(COMMENT);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE drift');
  }
}

const UNITS = Object.values(UNIT_COLUMNS)
  .map((column) => `${column} bigint NOT NULL CHECK (${column} >= 0)`)
  .join(',\n  ');

const DRIFT = `CREATE TABLE drift (
  hour bigint NOT NULL,
  ${UNITS},
  looks integer NOT NULL CHECK (looks > 0),
  customers integer NOT NULL CHECK (customers >= 0),
  unequal integer NOT NULL CHECK (unequal BETWEEN 0 AND customers),
  project text COLLATE "C" NOT NULL,
  PRIMARY KEY (project, hour)
)`;

const COMMENT = `COMMENT ON TABLE drift IS
  'The largest differences between the log and another side that looks of an hour found; bigints are
   of one customer and period. Written by sample-drift alone, which prunes it after 90 days.'`;
