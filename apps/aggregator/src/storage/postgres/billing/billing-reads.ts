import { Injectable } from '@nestjs/common';
import type { BillLine, Span, Unit } from '@tallyward/domain';
import { DataSource } from 'typeorm';
import type {
  ClosedPeriod,
  HeldPeriod,
  LogSide,
  PeriodKey,
  Unbilled,
} from '../../../close-periods/closing';
import { customerText, customersOf, spansOf, type PlaceOfCustomer } from './billing-keys';
import { sideOf, SUMS, type SumsRow } from './billing-sums';

export interface CustomerAt extends PlaceOfCustomer {
  /** Epoch ms. */
  readonly at: number;
}

interface UnbilledRow extends PlaceOfCustomer {
  partition: number;
  oldest: string;
}
interface HeldRow extends PlaceOfCustomer {
  partition: number;
  period_from: string;
  period_to: string;
  time_zone: string;
}
interface PeriodRow extends HeldRow {
  as_of: string;
  events: string;
  revision: number;
  proof: string;
}
interface LineRow {
  period: string;
  tier: string;
  tier_version: number;
  model_group: string;
  model: string;
  unit: Unit;
  quantity: string;
  overage: string;
  events: string;
  proof: string;
}

/** What the closer reads of billed and unbilled periods. */
@Injectable()
export class BillingReads {
  constructor(private readonly dataSource: DataSource) {}

  /** Customers with usage that no record tells, after a place, in the order of their names. */
  async unbilled(after: PlaceOfCustomer | null, most: number): Promise<Unbilled[]> {
    const rows = await this.dataSource.query<UnbilledRow[]>(
      `SELECT project, customer, partition, oldest FROM unbilled_usage
       WHERE $1::text IS NULL OR (project, customer) > ($1, $2)
       ORDER BY project, customer LIMIT $3`,
      [after?.project ?? null, after?.customer ?? null, most],
    );
    return rows.map((row) => ({ ...row, oldest: Number(row.oldest) }));
  }

  /** Periods held back that were not tried since an instant. */
  async held(triedBefore: number, most: number): Promise<HeldPeriod[]> {
    const rows = await this.dataSource.query<HeldRow[]>(
      `SELECT project, customer, partition, period_from, period_to, time_zone
       FROM billing_held WHERE tried_at < $1 ORDER BY tried_at, project, customer LIMIT $2`,
      [triedBefore, most],
    );
    return rows.map(heldOf);
  }

  async heldCount(): Promise<number> {
    const [row] = await this.dataSource.query<{ count: string }[]>(
      'SELECT count(*) FROM billing_held',
    );
    return Number(row?.count ?? 0);
  }

  /** When the oldest period that is held back ended, epoch ms; Infinity: none is. */
  async heldSince(): Promise<number> {
    const [row] = await this.dataSource.query<{ ended: string | null }[]>(
      'SELECT min(period_to) AS ended FROM billing_held',
    );
    return Number(row?.ended ?? Infinity);
  }

  /** What is closed of customers beside their instants, by customer (`customerText`). */
  async closed(at: readonly CustomerAt[]): Promise<Map<string, ClosedPeriod[]>> {
    return byCustomer(await this.beside<PeriodRow>('billing_period', at), periodOf);
  }

  /** What is held back of them, in the same way. */
  async heldSpans(at: readonly CustomerAt[]): Promise<Map<string, Span[]>> {
    return byCustomer(await this.beside<HeldRow>('billing_held', at), (row) => heldOf(row).period);
  }

  /**
   * Of each customer the last period that begins until its instant, and the first that begins
   * after it: none of them overlap, so no other can touch a window that these two leave free.
   */
  private beside<R>(
    table: 'billing_period' | 'billing_held',
    of: readonly CustomerAt[],
  ): Promise<R[]> {
    const mine = `SELECT * FROM ${table} b WHERE b.project = k.project AND b.customer = k.customer`;
    return this.dataSource.query<R[]>(
      `SELECT b.* FROM unnest($1::text[], $2::text[], $3::bigint[]) AS k (project, customer, at)
       CROSS JOIN LATERAL (
         (${mine} AND b.period_from <= k.at ORDER BY b.period_from DESC LIMIT 1)
         UNION ALL
         (${mine} AND b.period_from > k.at ORDER BY b.period_from LIMIT 1)) b`,
      [...customersOf(of), of.map(({ at }) => at)],
    );
  }

  /** What the log proves of each period, as of where the proofs fold is. */
  async logSums(of: readonly PeriodKey[]): Promise<LogSide[]> {
    const rows = await this.dataSource.query<SumsRow[]>(
      `SELECT s.* FROM unnest($1::text[], $2::text[], $3::bigint[], $4::bigint[])
         WITH ORDINALITY AS k (project, customer, starts, ends, place)
       CROSS JOIN LATERAL (
         SELECT ${SUMS}, coalesce(max(last_offset), -1) AS last
         FROM log_proof p WHERE p.project = k.project AND p.customer = k.customer
           AND p.quarter >= k.starts AND p.quarter < k.ends) s
       ORDER BY k.place`,
      spansOf(of),
    );
    return rows.map((row) => ({ ...sideOf(row), last: BigInt(row['last'] ?? '-1') }));
  }

  /** The lines of a period as they were told last. */
  async told(of: readonly PeriodKey[]): Promise<BillLine[][]> {
    const rows = await this.dataSource.query<LineRow[]>(
      `SELECT DISTINCT ON (k.period, r.tier, r.tier_version, r.model_group, r.model, r.unit)
         r.*, k.period
       FROM unnest($1::text[], $2::text[], $3::bigint[]) WITH ORDINALITY
         AS k (project, customer, starts, period)
       JOIN billing_record r ON r.project = k.project AND r.customer = k.customer
         AND r.period_from = k.starts
       ORDER BY k.period, r.tier, r.tier_version, r.model_group, r.model, r.unit, r.revision DESC`,
      spansOf(of).slice(0, 3),
    );
    const lines = of.map((): BillLine[] => []);
    for (const row of rows) lines[Number(row.period) - 1]?.push(lineOf(row));
    return lines;
  }
}

function byCustomer<R extends PlaceOfCustomer, T>(
  rows: readonly R[],
  of: (row: R) => T,
): Map<string, T[]> {
  const found = new Map<string, T[]>();
  for (const row of rows) {
    const text = customerText(row);
    const those = found.get(text);
    if (those) those.push(of(row));
    else found.set(text, [of(row)]);
  }
  return found;
}

function heldOf(row: HeldRow): HeldPeriod {
  const { project, customer, partition, time_zone: timeZone } = row;
  const period = { from: Number(row.period_from), to: Number(row.period_to) };
  return { project, customer, partition, timeZone, period };
}

function periodOf(row: PeriodRow): ClosedPeriod {
  return {
    from: Number(row.period_from),
    to: Number(row.period_to),
    timeZone: row.time_zone,
    asOf: BigInt(row.as_of),
    revision: row.revision,
  };
}

function lineOf(row: LineRow): BillLine {
  return {
    tier: { name: row.tier, version: row.tier_version },
    modelGroup: row.model_group,
    model: row.model,
    unit: row.unit,
    quantity: Number(row.quantity),
    overage: Number(row.overage),
    events: Number(row.events),
    proof: BigInt(row.proof),
  };
}
