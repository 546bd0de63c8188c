import type { Pool } from 'pg';
import { inTransaction } from './transaction';

/** What an invoice line is about: a record says one such line anew. */
const LINE_COLUMNS = [
  'project',
  'customer',
  'period_from',
  'period_to',
  'tier',
  'tier_version',
  'model_group',
  'model',
  'unit',
] as const;
export const LINE = LINE_COLUMNS.join(', ');

const LINE_TYPES = `
  project text NOT NULL, customer text NOT NULL,
  period_from timestamptz NOT NULL, period_to timestamptz NOT NULL,
  tier text NOT NULL, tier_version bigint NOT NULL,
  model_group text NOT NULL, model text NOT NULL, unit text NOT NULL`;

/**
 * The consumer's own schema; its processes alone write it.
 * - `position`: the next offset to read of each partition;
 * - `record`: each record once, by its id, with the digest of its content;
 * - `invoice_line`: the running sums of what the records of a line say;
 * - `set_aside`: entries that say nothing that can be billed, for people;
 * - `line_check`: the sums beside what the latest revision says.
 */
const TABLES = `
CREATE SCHEMA IF NOT EXISTS billing_consumer;
CREATE TABLE IF NOT EXISTS billing_consumer.position (
  topic text, partition integer, identity text NOT NULL, next bigint NOT NULL,
  PRIMARY KEY (topic, partition));
CREATE TABLE IF NOT EXISTS billing_consumer.record (
  ${LINE_TYPES}, record_id text, revision bigint NOT NULL,
  quantity bigint NOT NULL, included bigint NOT NULL, overage bigint NOT NULL,
  delta bigint NOT NULL, included_delta bigint NOT NULL, overage_delta bigint NOT NULL,
  content text NOT NULL, place bigint NOT NULL, arrival bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
  PRIMARY KEY (project, customer, record_id));
CREATE INDEX IF NOT EXISTS record_of_line ON billing_consumer.record (${LINE});
CREATE TABLE IF NOT EXISTS billing_consumer.invoice_line (
  ${LINE_TYPES},
  quantity bigint NOT NULL, included bigint NOT NULL, overage bigint NOT NULL,
  PRIMARY KEY (${LINE}));
CREATE TABLE IF NOT EXISTS billing_consumer.set_aside (
  topic text, partition integer, place bigint, reason text NOT NULL, detail text NOT NULL,
  PRIMARY KEY (topic, partition, place));
CREATE OR REPLACE VIEW billing_consumer.line_check AS
  SELECT line.*, told.revisions, told.latest,
    CASE WHEN told.revisions < told.latest + 1 THEN 'incomplete'
         WHEN told.revisions = told.latest + 1
          AND line.quantity = told.said[1] AND line.included = told.said[2]
          AND line.overage = told.said[3] THEN 'whole'
         ELSE 'contradicts' END AS state
  FROM billing_consumer.invoice_line line JOIN (
    SELECT ${LINE}, count(*) AS revisions, max(revision) AS latest,
      (max(ARRAY[revision, quantity, included, overage]))[2:4] AS said
    FROM billing_consumer.record GROUP BY ${LINE}
  ) told USING (${LINE});`;

/** Any number; the same in every process that makes these tables. */
const MAKING = 7_203_117;

/** Makes what is missing, one process at a time. */
export async function makeTables(pool: Pool): Promise<void> {
  await inTransaction(pool, async (client) => {
    await client.query('SELECT pg_advisory_xact_lock($1)', [MAKING]);
    await client.query(TABLES);
  });
}
