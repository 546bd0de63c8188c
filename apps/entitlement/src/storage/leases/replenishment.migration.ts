import type { MigrationInterface, QueryRunner } from 'typeorm';
import { COUNTER_TABLE } from './leases.migration';

const COLUMNS = ['carried', 'dripped', 'drips', 'forgiven', 'fresh_from'] as const;
const RULE = ['drip_amount', 'drip_every', 'drip_cap'] as const;

/** `extra` is their sum and what was given by hand, which is therefore the rest of it. */
const ADD = `
  ALTER TABLE ${COUNTER_TABLE}
    ADD COLUMN carried bigint[] NOT NULL DEFAULT '{}',
    ADD COLUMN dripped bigint NOT NULL DEFAULT 0 CHECK (dripped >= 0),
    ADD COLUMN drips bigint NOT NULL DEFAULT 0 CHECK (drips >= 0),
    ADD COLUMN forgiven bigint NOT NULL DEFAULT 0 CHECK (forgiven >= 0),
    ADD COLUMN fresh_from bigint,
    ADD COLUMN drip_amount bigint CHECK (drip_amount > 0),
    ADD COLUMN drip_every bigint CHECK (drip_every > 0),
    ADD COLUMN drip_cap bigint CHECK (drip_cap > 0),
    ADD CHECK ((drip_amount IS NULL) = (drip_every IS NULL)
      AND (drip_amount IS NULL) = (drip_cap IS NULL));
`;

const COMMENTS = `
  COMMENT ON COLUMN ${COUNTER_TABLE}.carried IS
    'Part of extra: unused amounts of the windows before, the latest first; its sum never falls.';
  COMMENT ON COLUMN ${COUNTER_TABLE}.dripped IS 'Part of extra: what drips added.';
  COMMENT ON COLUMN ${COUNTER_TABLE}.drips IS 'Drips of the window that were seen to.';
  COMMENT ON COLUMN ${COUNTER_TABLE}.forgiven IS
    'Part of extra: what had been used when usage was reset, or a tier came without it.';
  COMMENT ON COLUMN ${COUNTER_TABLE}.fresh_from IS
    'The start of the latest tier without usage that forgiven reckons with; epoch ms.';
  COMMENT ON COLUMN ${COUNTER_TABLE}.drip_every IS 'In ms; null: its limit does not drip.';
`;

export class TellReplenishmentsApart1795520000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(ADD);
    await runner.query(COMMENTS);
  }

  async down(runner: QueryRunner): Promise<void> {
    const drops = [...COLUMNS, ...RULE].map((column) => `DROP COLUMN ${column}`);
    await runner.query(`ALTER TABLE ${COUNTER_TABLE} ${drops.join(', ')}`);
  }
}
