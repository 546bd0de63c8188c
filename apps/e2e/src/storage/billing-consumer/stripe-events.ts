import { bigintAsNumber } from '@tallyward/platform';
import type { Pool } from 'pg';
import type {
  LiveEvent,
  MeteredRecord,
  NotByMeter,
  RecordKey,
  Told,
} from '../../billing-consumer/stripe/decide-event';
import type { MeterEvent } from '../../billing-consumer/stripe/meter-event';
import { LINE } from './schema';

/**
 * What Stripe was told, for ever: a row of a record says that it was decided, so that a repeat is
 * never sent, also when Stripe has long forgotten its identifier. A row is written before its
 * request goes out: `sending` means that nobody knows yet.
 */
const TABLE = `
CREATE TABLE IF NOT EXISTS billing_consumer.stripe_event (
  project text, customer text, record_id text,
  state text NOT NULL CHECK (state IN ('sending', 'sent', 'nothing', 'not-by-meter')),
  tried_at bigint NOT NULL,
  event jsonb, event_name text, identifier text UNIQUE, value bigint,
  cancels text UNIQUE REFERENCES billing_consumer.stripe_event (identifier),
  is_canceled boolean NOT NULL DEFAULT false,
  reason text, detail text, outstanding bigint,
  PRIMARY KEY (project, customer, record_id),
  FOREIGN KEY (project, customer, record_id) REFERENCES billing_consumer.record);
CREATE INDEX IF NOT EXISTS stripe_event_sending ON billing_consumer.stripe_event (state)
  WHERE state = 'sending';`;

const OF_RECORD = 'project = $1 AND customer = $2 AND record_id = $3';
const COLUMNS = `record.project, record.customer, record.record_id, record.model_group, record.unit,
  record.delta, record.overage_delta, extract(epoch FROM record.period_to) * 1000 AS period_to`;

/** A request that is under way, or was when its process died. */
export interface Sending extends RecordKey {
  /** When it was first tried, epoch ms. */
  readonly triedAt: number;
  /** What to cancel first; null: nothing, or it is done. */
  readonly cancel: Pick<LiveEvent, 'identifier' | 'value'> | null;
  readonly eventName: string;
  /** Null: there is nothing to send after the cancel. */
  readonly event: MeterEvent | null;
}

/** Units that Stripe could not be told of by its meter: for an invoice item or a credit note. */
export interface Outstanding extends RecordKey {
  readonly reason: NotByMeter;
  readonly detail: string | null;
  readonly outstanding: number;
}

type Row = Record<string, string>;

export class StripeEvents {
  constructor(private readonly pool: Pool) {}

  async makeTable(): Promise<void> {
    await this.pool.query(TABLE);
  }

  /** Records of which nothing was decided, in the order in which they came, after `arrival`. */
  async undecided(
    arrival: string,
    limit: number,
  ): Promise<(MeteredRecord & { arrival: string })[]> {
    const { rows } = await this.pool.query<Row>(
      `SELECT ${COLUMNS}, record.arrival FROM billing_consumer.record
       LEFT JOIN billing_consumer.stripe_event told USING (project, customer, record_id)
       WHERE told.state IS NULL AND record.arrival > $1 ORDER BY record.arrival LIMIT $2`,
      [arrival, limit],
    );
    return rows.map((row) => ({ ...meteredOf(row), arrival: row['arrival'] ?? '' }));
  }

  /** What was told of the record's line before; an event is live until one says to cancel it. */
  async told(key: RecordKey): Promise<Told> {
    const { rows } = await this.pool.query<Row>(
      `WITH own AS MATERIALIZED (
         SELECT ${LINE} FROM billing_consumer.record
         WHERE project = $1 AND customer = $2 AND record_id = $3
       ), line AS MATERIALIZED (
         SELECT project, customer, record_id, arrival
         FROM own JOIN billing_consumer.record USING (${LINE})
       )
       SELECT told.state, told.identifier, told.value, told.tried_at, EXISTS (
         SELECT 1 FROM billing_consumer.stripe_event later WHERE later.cancels = told.identifier
       ) AS is_canceled
       FROM line JOIN billing_consumer.stripe_event told USING (project, customer, record_id)
       ORDER BY told.tried_at, line.arrival`,
      keyOf(key),
    );
    const isLive = (row: Row) =>
      row['state'] === 'sent' && row['identifier'] !== null && !row['is_canceled'];
    return {
      live: rows.filter(isLive).map(liveOf),
      isUndecided: rows.some((row) => row['state'] === 'sending'),
    };
  }

  /** False where another process has begun it, or cancels the same event. */
  async begin(sending: Sending): Promise<boolean> {
    const { event, cancel, eventName, triedAt } = sending;
    const { rowCount } = await this.pool.query(
      `INSERT INTO billing_consumer.stripe_event
         (project, customer, record_id, state, tried_at, event, event_name, identifier, value, cancels)
       VALUES ($1, $2, $3, 'sending', $4, $5, $6, $7, $8, $9) ON CONFLICT DO NOTHING`,
      [
        ...keyOf(sending),
        triedAt,
        event && JSON.stringify(event),
        eventName,
        event?.identifier ?? null,
        event?.value ?? null,
        cancel?.identifier ?? null,
      ],
    );
    return rowCount === 1;
  }

  async sending(): Promise<Sending[]> {
    const { rows } = await this.pool.query<Row & { event: MeterEvent | null }>(
      `SELECT told.*, canceled.value AS canceled_value, canceled.is_canceled AS is_done
       FROM billing_consumer.stripe_event told
       JOIN billing_consumer.record USING (project, customer, record_id)
       LEFT JOIN billing_consumer.stripe_event canceled ON canceled.identifier = told.cancels
       WHERE told.state = 'sending' ORDER BY record.arrival`,
    );
    return rows.map((row) => ({
      ...recordKeyOf(row),
      triedAt: whole(row['tried_at']),
      cancel:
        row['cancels'] && !row['is_done']
          ? { identifier: row['cancels'], value: whole(row['canceled_value']) }
          : null,
      eventName: row['event_name'] ?? '',
      event: row.event,
    }));
  }

  async canceled(identifier: string): Promise<void> {
    await this.pool.query(
      'UPDATE billing_consumer.stripe_event SET is_canceled = true WHERE identifier = $1',
      [identifier],
    );
  }

  async sent(key: RecordKey): Promise<void> {
    await this.pool.query(
      `UPDATE billing_consumer.stripe_event SET state = 'sent' WHERE ${OF_RECORD}`,
      keyOf(key),
    );
  }

  /** Nothing of it went out: it is decided anew. */
  async undo(key: RecordKey): Promise<void> {
    await this.pool.query(
      `DELETE FROM billing_consumer.stripe_event WHERE ${OF_RECORD} AND state = 'sending'`,
      keyOf(key),
    );
  }

  async nothing(key: RecordKey, reason: string, now: number): Promise<void> {
    await this.pool.query(
      `INSERT INTO billing_consumer.stripe_event
         (project, customer, record_id, state, tried_at, reason)
       VALUES ($1, $2, $3, 'nothing', $4, $5) ON CONFLICT DO NOTHING`,
      [...keyOf(key), now, reason],
    );
  }

  async notByMeter(told: Outstanding, now: number): Promise<void> {
    await this.pool.query(
      `INSERT INTO billing_consumer.stripe_event
         (project, customer, record_id, state, tried_at, reason, detail, outstanding)
       VALUES ($1, $2, $3, 'not-by-meter', $4, $5, $6, $7)
       ON CONFLICT (project, customer, record_id) DO UPDATE SET state = excluded.state,
         reason = excluded.reason, detail = excluded.detail, outstanding = excluded.outstanding`,
      [...keyOf(told), now, told.reason, told.detail, told.outstanding],
    );
  }

  async outstanding(): Promise<Outstanding[]> {
    const { rows } = await this.pool.query<Row>(
      `SELECT told.* FROM billing_consumer.stripe_event told
       JOIN billing_consumer.record USING (project, customer, record_id)
       WHERE state = 'not-by-meter' ORDER BY record.arrival`,
    );
    return rows.map((row) => ({
      ...recordKeyOf(row),
      reason: row['reason'] as NotByMeter,
      detail: row['detail'] ?? null,
      outstanding: whole(row['outstanding']),
    }));
  }
}

const keyOf = ({ project, customer, recordId }: RecordKey) => [project, customer, recordId];
const whole = (text: string | undefined): number => bigintAsNumber.from(text ?? null) ?? 0;

function recordKeyOf(row: Row): RecordKey {
  const { project = '', customer = '', record_id: recordId = '' } = row;
  return { project, customer, recordId };
}

function meteredOf(row: Row): MeteredRecord {
  return {
    ...recordKeyOf(row),
    modelGroup: row['model_group'] ?? '',
    unit: row['unit'] ?? '',
    delta: whole(row['delta']),
    overageDelta: whole(row['overage_delta']),
    periodTo: Number(row['period_to']),
  };
}

function liveOf(row: Row): LiveEvent {
  const { identifier = '', value, tried_at: sentAt } = row;
  return { identifier, value: whole(value), sentAt: whole(sentAt) };
}
