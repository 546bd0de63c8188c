import { DEFAULT_SETTINGS, DEFAULT_TIER, DEFAULT_TIER_LIMITS } from '@tallyward/contracts';
import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Customers don't reference their project: the check would wait for every change of the project
 * that is under way, and with it the fold that makes them.
 */
const TABLES = `
  CREATE TABLE tier_version (
    project text COLLATE "C" NOT NULL REFERENCES project,
    name text COLLATE "C" NOT NULL,
    version integer NOT NULL CHECK (version >= 1),
    revision bigint NOT NULL CHECK (revision >= 1),
    limits jsonb NOT NULL,
    created_at timestamptz NOT NULL,
    frozen_at timestamptz,
    PRIMARY KEY (project, name, version)
  );
  CREATE TABLE customer (
    project text COLLATE "C" NOT NULL,
    customer text COLLATE "C" NOT NULL,
    version bigint NOT NULL CHECK (version >= 1),
    first_seen bigint NOT NULL,
    billing_anchor bigint,
    disabled boolean NOT NULL DEFAULT false,
    name text,
    time_zone text,
    tags jsonb NOT NULL DEFAULT '{}',
    PRIMARY KEY (project, customer)
  );
  CREATE TABLE tier_assignment (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    effective_from bigint NOT NULL,
    tier_version integer NOT NULL,
    carry_usage boolean NOT NULL,
    project text COLLATE "C" NOT NULL,
    customer text COLLATE "C" NOT NULL,
    tier text COLLATE "C" NOT NULL,
    actor text NOT NULL,
    reason text,
    FOREIGN KEY (project, customer) REFERENCES customer,
    FOREIGN KEY (project, tier, tier_version) REFERENCES tier_version
  );
  CREATE INDEX tier_assignment_of_customer ON tier_assignment (project, customer, id);
  CREATE INDEX tier_assignment_of_tier ON tier_assignment (project, tier, tier_version, customer);
  CREATE TRIGGER tier_assignment_is_append_only
    BEFORE UPDATE OR DELETE OR TRUNCATE ON tier_assignment
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
  ALTER TABLE audit_fact ADD COLUMN customer text COLLATE "C",
    ADD COLUMN tiers text[] NOT NULL DEFAULT '{}';
  CREATE INDEX audit_fact_of_customer ON audit_fact (project, customer, at, fact_id)
    WHERE customer IS NOT NULL;
  CREATE INDEX audit_fact_of_tier ON audit_fact USING gin (tiers);
`;

const COMMENTS = `
  COMMENT ON TABLE tier_version IS
    'Limits of usage tiers. Written by ProjectStore; frozen by whatever first assigns a version.';
  COMMENT ON COLUMN tier_version.revision IS 'Grows by one with every edit of a draft.';
  COMMENT ON COLUMN tier_version.frozen_at IS 'From then on nothing of it changes.';
  COMMENT ON TABLE customer IS
    'Who is metered. Made by see-customers.ts, changed by CustomerStore.';
  COMMENT ON COLUMN customer.first_seen IS 'Time of its first event, call or change; epoch ms.';
  COMMENT ON COLUMN customer.billing_anchor IS 'Epoch ms; null: when it was first seen.';
  COMMENT ON COLUMN customer.time_zone IS 'Null: the project''s.';
  COMMENT ON TABLE tier_assignment IS
    'Which tier version a customer was given from when; a later row overrules earlier ones.';
  COMMENT ON COLUMN tier_assignment.effective_from IS 'Epoch ms.';
  COMMENT ON COLUMN tier_assignment.carry_usage IS
    'False: what is used when it begins does not count against its limits.';
`;

/** The auditor compares totals; it reads their tables alone. */
const NOT_FOR_THE_AUDITOR = `DO $$ BEGIN
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'auditor') THEN
    REVOKE ALL ON tier_version, customer, tier_assignment FROM auditor;
  END IF;
END $$`;

/** Tiers and customers; projects that were there before get the default tier. */
export class CreateTiers1795450000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(TABLES);
    await runner.query(COMMENTS);
    await runner.query(NOT_FOR_THE_AUDITOR);
    await runner.query(
      `INSERT INTO tier_version (project, name, version, revision, limits, created_at)
       SELECT project, $1, $2, 1, $3, clock_timestamp() FROM project`,
      [DEFAULT_TIER.name, DEFAULT_TIER.version, JSON.stringify(DEFAULT_TIER_LIMITS)],
    );
    await runner.query('UPDATE project SET settings = $1::jsonb || settings', [
      JSON.stringify(DEFAULT_SETTINGS),
    ]);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE tier_assignment, customer, tier_version');
    await runner.query('ALTER TABLE audit_fact DROP COLUMN customer, DROP COLUMN tiers');
  }
}
