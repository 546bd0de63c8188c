import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Closed periods, what they were told as, what is held back, and what is to be published. */
export class Billing1790000002500 implements MigrationInterface {
  name = 'Billing1790000002500';

  async up(runner: QueryRunner): Promise<void> {
    const statements = [PERIOD, RECORD, RECORD_INDEX, NEVER_CHANGED, TRIGGER, HELD, OUTBOX];
    for (const statement of [...statements, COMMENTS]) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE billing_period, billing_record, billing_held, outbox');
    await runner.query('DROP FUNCTION refuse_change_of_record');
  }
}

const WHOSE = `project text COLLATE "C" NOT NULL,
  customer text COLLATE "C" NOT NULL`;

const PERIOD = `CREATE TABLE billing_period (
  period_from bigint NOT NULL,
  period_to bigint NOT NULL CHECK (period_to > period_from),
  as_of bigint NOT NULL,
  events bigint NOT NULL,
  closed_at bigint NOT NULL,
  revision integer NOT NULL CHECK (revision >= 0),
  partition smallint NOT NULL,
  proof numeric(39) NOT NULL,
  ${WHOSE},
  time_zone text NOT NULL,
  PRIMARY KEY (project, customer, period_from)
)`;

const RECORD = `CREATE TABLE billing_record (
  place bigint GENERATED ALWAYS AS IDENTITY,
  period_from bigint NOT NULL,
  quantity bigint NOT NULL CHECK (quantity >= 0),
  overage bigint NOT NULL CHECK (overage BETWEEN 0 AND quantity),
  events bigint NOT NULL,
  revision integer NOT NULL,
  tier_version integer NOT NULL,
  proof numeric(39) NOT NULL,
  record_id text NOT NULL PRIMARY KEY,
  ${WHOSE},
  tier text NOT NULL,
  model_group text NOT NULL,
  model text NOT NULL,
  unit text NOT NULL,
  value text NOT NULL
)`;

const RECORD_INDEX = `CREATE UNIQUE INDEX billing_record_of_line ON billing_record
  (project, customer, period_from, tier, tier_version, model_group, model, unit, revision)`;

const NEVER_CHANGED = `CREATE FUNCTION refuse_change_of_record() RETURNS trigger
  LANGUAGE plpgsql AS $$ BEGIN
    RAISE EXCEPTION 'a billing record never changes: a later revision says what differs';
  END $$`;

const TRIGGER = `CREATE TRIGGER billing_record_is_append_only
  BEFORE UPDATE OR DELETE OR TRUNCATE ON billing_record
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_of_record()`;

const HELD = `CREATE TABLE billing_held (
  period_from bigint NOT NULL,
  period_to bigint NOT NULL,
  since bigint NOT NULL,
  tried_at bigint NOT NULL,
  partition smallint NOT NULL,
  ${WHOSE},
  time_zone text NOT NULL,
  reason text NOT NULL,
  differences jsonb NOT NULL,
  PRIMARY KEY (project, customer, period_from)
)`;

const OUTBOX = `CREATE TABLE outbox (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  topic text NOT NULL,
  key text NOT NULL,
  value text NOT NULL,
  headers jsonb NOT NULL
)`;

const COMMENTS = `
  COMMENT ON TABLE billing_period IS
    'The latest closing of a customer''s period. Written by close-periods alone.';
  COMMENT ON COLUMN billing_period.as_of IS 'Every event of the customer before this offset is in.';
  COMMENT ON TABLE billing_record IS
    'Lines of closed periods, each revision a row that never changes. Written by close-periods.';
  COMMENT ON TABLE billing_held IS
    'Periods that are over and whose proofs differ. Written by close-periods.';
  COMMENT ON TABLE outbox IS
    'What is to be published, in the order of ids; deleted when the log has it.'`;
