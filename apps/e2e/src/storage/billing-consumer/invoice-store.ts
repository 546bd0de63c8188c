import { bigintAsNumber, crashPoint, Fenced, type StoredPosition } from '@tallyward/platform';
import type { Pool, PoolClient } from 'pg';
import type { RecordBatch } from '../../billing-consumer/read-batch';
import { LINE, makeTables } from './schema';
import { inTransaction, openPool } from './transaction';

/** The JSON rows of a batch as a table. */
const TOLD = `jsonb_to_recordset($1::jsonb) AS told(
  project text, customer text, period_from timestamptz, period_to timestamptz, tier text,
  tier_version bigint, model_group text, model text, unit text, record_id text, revision bigint,
  quantity bigint, included bigint, overage bigint, delta bigint, included_delta bigint,
  overage_delta bigint, content text, place bigint)`;

const SAID = `record_id, revision, quantity, included, overage,
  delta, included_delta, overage_delta, content, place`;

/** A record that is here already adds nothing: what is summed is what was inserted just now. */
const ADD_RECORDS = `
  WITH fresh AS (
    INSERT INTO billing_consumer.record (${LINE}, ${SAID})
    SELECT ${LINE}, ${SAID} FROM ${TOLD} ORDER BY place
    ON CONFLICT (project, customer, record_id) DO NOTHING
    RETURNING *
  )
  INSERT INTO billing_consumer.invoice_line AS line (${LINE}, quantity, included, overage)
  SELECT ${LINE}, sum(delta), sum(included_delta), sum(overage_delta) FROM fresh GROUP BY ${LINE}
  ON CONFLICT (${LINE}) DO UPDATE SET
    quantity = line.quantity + excluded.quantity,
    included = line.included + excluded.included,
    overage = line.overage + excluded.overage`;

/** The first of an id counts; one that says otherwise is for people to look at. */
const SET_CONFLICTS_ASIDE = `
  INSERT INTO billing_consumer.set_aside (topic, partition, place, reason, detail)
  SELECT $2, $3, told.place, 'id-conflict', 'record ' || told.record_id
  FROM ${TOLD} JOIN billing_consumer.record first USING (project, customer, record_id)
  WHERE first.content <> told.content
  ON CONFLICT DO NOTHING`;

const SET_ASIDE = `
  INSERT INTO billing_consumer.set_aside (topic, partition, place, reason, detail)
  SELECT $2, $3, place, reason, detail
  FROM jsonb_to_recordset($1::jsonb) AS t(place bigint, reason text, detail text)
  ON CONFLICT DO NOTHING`;

const FIRST_POSITION = `
  INSERT INTO billing_consumer.position (topic, partition, identity, next) VALUES ($1, $2, $3, 0)
  ON CONFLICT DO NOTHING`;

const MOVE_POSITION = `
  UPDATE billing_consumer.position SET next = $5
  WHERE topic = $1 AND partition = $2 AND identity = $3 AND next = $4`;

export interface InvoiceLine {
  readonly project: string;
  readonly customer: string;
  readonly periodFrom: string;
  readonly tier: string;
  readonly tierVersion: number;
  readonly modelGroup: string;
  readonly model: string;
  readonly unit: string;
  readonly quantity: number;
  readonly included: number;
  readonly overage: number;
  /**
   * `whole`: every revision is here, and the sums are what the latest says. `incomplete`: an
   * earlier revision is still to come. `contradicts`: do not invoice it, ask.
   */
  readonly state: 'whole' | 'incomplete' | 'contradicts';
}

/** Where the consumer keeps how far it has read and what it has read, as one. */
export class InvoiceStore {
  private constructor(readonly pool: Pool) {}

  static async open(url: string, onTrouble: (error: unknown) => void): Promise<InvoiceStore> {
    const pool = openPool(url, onTrouble);
    try {
      await makeTables(pool);
      return new InvoiceStore(pool);
    } catch (error) {
      await pool.end();
      throw error;
    }
  }

  async position(topic: string, partition: number): Promise<StoredPosition> {
    const { rows } = await this.pool.query<{ next: string; identity: string }>(
      'SELECT next, identity FROM billing_consumer.position WHERE topic = $1 AND partition = $2',
      [topic, partition],
    );
    const [row] = rows;
    return row ? { next: BigInt(row.next), identity: row.identity } : { next: 0n, identity: null };
  }

  /**
   * Stores what a batch says and where the next one begins, both or neither. Throws Fenced where
   * the position is not the batch's: another process has read on.
   */
  async take(batch: RecordBatch): Promise<void> {
    const { topic, partition } = batch;
    await inTransaction(this.pool, async (client) => {
      await movePosition(client, batch);
      crashPoint('invoices.after-position');
      const records = [JSON.stringify(batch.records)];
      await client.query(ADD_RECORDS, records);
      await client.query(SET_CONFLICTS_ASIDE, [...records, topic, partition]);
      await client.query(SET_ASIDE, [JSON.stringify(batch.setAside), topic, partition]);
      crashPoint('invoices.before-commit');
    });
    crashPoint('invoices.after-commit');
  }

  async lines(): Promise<InvoiceLine[]> {
    const { rows } = await this.pool.query<Record<string, string>>(`
      SELECT project, customer, tier, tier_version, model_group, model, unit, state,
        quantity, included, overage,
        to_char(period_from AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS period_from
      FROM billing_consumer.line_check ORDER BY ${LINE}`);
    return rows.map(lineOf);
  }

  close(): Promise<void> {
    return this.pool.end();
  }
}

async function movePosition(client: PoolClient, batch: RecordBatch): Promise<void> {
  const { topic, partition, identity, from, next } = batch;
  const where = [topic, partition, identity];
  await client.query(FIRST_POSITION, where);
  const moved = await client.query(MOVE_POSITION, [...where, String(from), String(next)]);
  if (moved.rowCount !== 1) throw new Fenced(`${topic}-${partition} does not stand at ${from}`);
}

const whole = (text: string | undefined): number => bigintAsNumber.from(text ?? null) ?? 0;

function lineOf(row: Record<string, string>): InvoiceLine {
  return {
    project: row['project'] ?? '',
    customer: row['customer'] ?? '',
    periodFrom: row['period_from'] ?? '',
    tier: row['tier'] ?? '',
    tierVersion: whole(row['tier_version']),
    modelGroup: row['model_group'] ?? '',
    model: row['model'] ?? '',
    unit: row['unit'] ?? '',
    quantity: whole(row['quantity']),
    included: whole(row['included']),
    overage: whole(row['overage']),
    state: row['state'] as InvoiceLine['state'],
  };
}
