import { Injectable } from '@nestjs/common';
import type { BillingPeriod, BillingRecord } from '@tallyward/contracts';
import { proofHex } from '@tallyward/domain';
import { DataSource } from 'typeorm';

/** Half-open, epoch ms; null: without end. */
export interface ListSpan {
  readonly from: number | null;
  readonly to: number | null;
}

export interface RecordCursor {
  readonly place: string;
}
export interface PeriodCursor {
  readonly from: number;
  readonly customer: string;
}

export interface Listed<T, C> {
  readonly data: T[];
  /** Where the next page begins; null: nowhere. */
  readonly next: C | null;
}

/** Records and periods of one project, for people. */
@Injectable()
export class BillingLists {
  constructor(private readonly dataSource: DataSource) {}

  /** In the order they were written: a revision comes after what it revises. */
  async records(
    project: string,
    customer: string | null,
    { from, to }: ListSpan,
    after: RecordCursor | null,
    most: number,
  ): Promise<Listed<BillingRecord, RecordCursor>> {
    const rows = await this.dataSource.query<{ place: string; value: string }[]>(
      `SELECT r.place, r.value FROM billing_record r
       JOIN billing_period b USING (project, customer, period_from)
       WHERE r.project = $1 AND ($2::text IS NULL OR r.customer = $2)
         AND ($3::bigint IS NULL OR b.period_to > $3) AND ($4::bigint IS NULL OR r.period_from < $4)
         AND ($5::bigint IS NULL OR r.place > $5)
       ORDER BY r.place LIMIT $6`,
      [project, customer, from, to, after?.place ?? null, most + 1],
    );
    const page = rows.slice(0, most);
    const last = page.at(-1);
    return {
      data: page.map(({ value }) => JSON.parse(value) as BillingRecord),
      next: rows.length > most && last ? { place: last.place } : null,
    };
  }

  /** By start, then by customer; what is held back is told with what went out before. */
  async periods(
    project: string,
    customer: string | null,
    { from, to }: ListSpan,
    state: 'closed' | 'held-back' | null,
    after: PeriodCursor | null,
    most: number,
  ): Promise<Listed<BillingPeriod, PeriodCursor>> {
    const rows = await this.dataSource.query<PeriodRow[]>(
      `SELECT coalesce(b.customer, h.customer) AS customer, coalesce(b.period_from, h.period_from) AS
         starts, coalesce(b.period_to, h.period_to) AS ends, coalesce(b.time_zone, h.time_zone) AS
         zone, b.revision, b.events, b.proof, b.as_of, b.partition, b.closed_at, h.reason,
         h.differences
       FROM (SELECT * FROM billing_period WHERE project = $1 AND ($2::text IS NULL OR customer = $2)) b
       FULL JOIN (SELECT * FROM billing_held WHERE project = $1 AND ($2::text IS NULL OR customer = $2)) h
         USING (project, customer, period_from)
       WHERE ($3::bigint IS NULL OR coalesce(b.period_to, h.period_to) > $3)
         AND ($4::bigint IS NULL OR period_from < $4)
         AND ($5::text IS NULL OR (h.reason IS NULL) = ($5 = 'closed'))
         AND ($6::bigint IS NULL OR (period_from, customer) > ($6, $7))
       ORDER BY period_from, customer LIMIT $8`,
      [project, customer, from, to, state, after?.from ?? null, after?.customer ?? '', most + 1],
    );
    const page = rows.slice(0, most);
    const last = page.at(-1);
    const more = rows.length > most && last !== undefined;
    return {
      data: page.map(periodOf),
      next: more ? { from: Number(last.starts), customer: last.customer } : null,
    };
  }
}

interface PeriodRow {
  customer: string;
  starts: string;
  ends: string;
  zone: string;
  revision: number | null;
  events: string | null;
  proof: string | null;
  as_of: string | null;
  partition: number | null;
  closed_at: string | null;
  reason: string | null;
  differences: BillingPeriod['differences'] | null;
}

const instant = (ms: string): string => new Date(Number(ms)).toISOString();

function periodOf(row: PeriodRow): BillingPeriod {
  const { customer, starts, ends, zone, revision, events, proof, as_of: asOf, partition } = row;
  return {
    customer,
    period: { from: instant(starts), to: instant(ends), timeZone: zone },
    state: row.reason === null ? 'closed' : 'held-back',
    revision,
    events: Number(events ?? 0),
    proof: proof === null ? null : proofHex(BigInt(proof)),
    asOf: asOf === null || partition === null ? null : { partition, offset: asOf },
    closedAt: row.closed_at === null ? null : instant(row.closed_at),
    reason: row.reason,
    differences: row.differences ?? [],
  };
}
