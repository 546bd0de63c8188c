import { Injectable } from '@nestjs/common';
import type { BillingPeriod } from '@tallyward/contracts';
import { amountsRecord, type Span, type Unit } from '@tallyward/domain';
import { DataSource } from 'typeorm';
import type { PeriodKey, SideProof } from '../../../close-periods/closing';
import type { AuditedTotals } from '../audited-totals';
import { spansOf } from './billing-keys';

/** A customer's place in a list of periods. */
export interface PeriodPlace {
  readonly customer: string;
  /** Epoch ms. */
  readonly from: number;
}

/** A period that is closed or held back. */
export interface TakenPeriod extends PeriodPlace {
  readonly to: number;
  readonly timeZone: string;
}

/** A customer's span in which usage is looked for. */
export interface Stretch extends Span {
  readonly customer: string;
}

/** What was told of a period, and what it is told as now. */
export interface Told {
  readonly closed: {
    readonly revision: number;
    /** Every event of the customer before this offset is in. */
    readonly asOf: bigint;
    readonly events: number;
    readonly proof: bigint;
    readonly amounts: SideProof['amounts'];
  } | null;
  readonly held: Pick<BillingPeriod, 'reason' | 'differences'> | null;
  /** The last event that the log proves of the period, now; -1: none. */
  readonly last: bigint;
  /** The customer is marked: some of its usage, of this period or before its end, is not told. */
  readonly marked: boolean;
}

const IN_LOG = 'aggregator.log_proof';
const IN_TOTALS = 'entitlement.usage_total';

/** Customers after (or at) a name that the log, the totals or the catalogue know. */
export async function knownCustomers(
  snapshot: AuditedTotals,
  project: string,
  from: string,
  most: number,
): Promise<string[]> {
  const rows = await snapshot.query<{ customer: string }>(
    `WITH RECURSIVE ${skipping('logged', IN_LOG)}, ${skipping('totalled', IN_TOTALS)}
     SELECT customer FROM (
       SELECT customer FROM logged UNION SELECT customer FROM totalled
       UNION (SELECT customer FROM entitlement.customer
         WHERE project = $1 AND customer >= $2 ORDER BY customer LIMIT $3)) AS known
     WHERE customer IS NOT NULL ORDER BY customer LIMIT $3`,
    [project, from, most],
  );
  return rows.map(({ customer }) => customer);
}

/** One probe of the primary key for each customer, however many rows one has. */
function skipping(name: string, table: string): string {
  const next = (than: string): string =>
    `SELECT t.customer FROM ${table} t WHERE t.project = $1 AND t.customer ${than}
     ORDER BY t.customer LIMIT 1`;
  return `${name} (customer, n) AS (
    SELECT (${next('>= $2')}), 1
    UNION ALL
    SELECT (${next('> l.customer')}), l.n + 1 FROM ${name} l
    WHERE l.customer IS NOT NULL AND l.n < $3::bigint)`;
}

/**
 * The first quarter of each stretch that log or totals have something in and that no period has
 * taken, epoch ms, by the stretch's place in the list.
 */
export async function firstUntaken(
  snapshot: AuditedTotals,
  project: string,
  stretches: readonly Stretch[],
): Promise<Map<number, number>> {
  const first = (table: string): string =>
    `(SELECT t.quarter FROM ${table} t
      WHERE t.project = $1 AND t.customer = k.customer AND t.quarter >= k.starts
        AND t.quarter < k.ends AND NOT ${takenAt('billing_period')} AND NOT ${takenAt('billing_held')}
      ORDER BY t.quarter LIMIT 1)`;
  const rows = await snapshot.query<{ n: string; quarter: string | null }>(
    `SELECT k.n, least(${first(IN_LOG)}, ${first(IN_TOTALS)}) AS quarter
     FROM unnest($2::text[], $3::bigint[], $4::bigint[]) WITH ORDINALITY
       AS k (customer, starts, ends, n)`,
    [
      project,
      stretches.map(({ customer }) => customer),
      stretches.map(({ from }) => from),
      stretches.map(({ to }) => to),
    ],
  );
  return new Map(
    rows.flatMap(({ n, quarter }) =>
      quarter === null ? [] : [[Number(n) - 1, Number(quarter)] as const],
    ),
  );
}

/** No two periods of a customer overlap: the last that begins until a quarter has it, or none. */
const takenAt = (table: string): string =>
  `coalesce((SELECT b.period_to FROM aggregator.${table} b
     WHERE b.project = t.project AND b.customer = t.customer AND b.period_from <= t.quarter
     ORDER BY b.period_from DESC LIMIT 1), 0) > t.quarter`;

/** Closed and held-back periods of some customers after a place, by customer and start. */
export async function takenPeriods(
  snapshot: AuditedTotals,
  project: string,
  customers: readonly string[],
  { from, to }: Span,
  after: PeriodPlace,
  most: number,
): Promise<TakenPeriod[]> {
  const rows = await snapshot.query<{
    customer: string;
    period_from: string;
    period_to: string;
    time_zone: string;
  }>(
    `SELECT DISTINCT ON (customer, period_from) customer, period_from, period_to, time_zone FROM (
       SELECT project, customer, period_from, period_to, time_zone FROM aggregator.billing_period
       UNION ALL
       SELECT project, customer, period_from, period_to, time_zone FROM aggregator.billing_held) t
     WHERE project = $1 AND customer = ANY ($2::text[]) AND period_to > $3 AND period_from < $4
       AND (customer, period_from) > ($5, $6::bigint)
     ORDER BY customer, period_from LIMIT $7`,
    [project, customers, from, to, after.customer, after.from, most],
  );
  return rows.map((row) => ({
    customer: row.customer,
    from: Number(row.period_from),
    to: Number(row.period_to),
    timeZone: row.time_zone,
  }));
}

interface ToldRow {
  revision: number | null;
  as_of: string | null;
  events: string | null;
  proof: string | null;
  amounts: Partial<Record<Unit, string>> | null;
  held: Told['held'];
  last: string;
  marked: boolean;
}

/** What was told of periods: in one statement, so that closing one meanwhile shows whole or not. */
@Injectable()
export class ToldPeriods {
  constructor(private readonly dataSource: DataSource) {}

  async of(periods: readonly PeriodKey[]): Promise<Told[]> {
    const rows = await this.dataSource.query<ToldRow[]>(TOLD, spansOf(periods));
    return rows.map((row) => ({
      closed: closedOf(row),
      held: row.held,
      last: BigInt(row.last),
      marked: row.marked,
    }));
  }
}

const TOLD = `
  SELECT b.revision, b.as_of, b.events, b.proof, d.amounts, coalesce(p.last, -1) AS last,
    CASE WHEN h.reason IS NOT NULL
      THEN json_build_object('reason', h.reason, 'differences', h.differences) END AS held,
    EXISTS (SELECT FROM unbilled_usage u WHERE u.project = k.project AND u.customer = k.customer
      AND u.oldest < k.ends) AS marked
  FROM unnest($1::text[], $2::text[], $3::bigint[], $4::bigint[]) WITH ORDINALITY
    AS k (project, customer, starts, ends, place)
  LEFT JOIN billing_period b ON b.project = k.project AND b.customer = k.customer
    AND b.period_from = k.starts
  LEFT JOIN billing_held h ON h.project = k.project AND h.customer = k.customer
    AND h.period_from = k.starts
  LEFT JOIN LATERAL (SELECT max(last_offset) AS last FROM log_proof p WHERE p.project = k.project
    AND p.customer = k.customer AND p.quarter >= k.starts AND p.quarter < k.ends) p ON true
  LEFT JOIN LATERAL (SELECT json_object_agg(s.unit, s.told) AS amounts FROM (
    SELECT r.unit, sum((r.value::jsonb ->> 'delta')::numeric)::text AS told FROM billing_record r
    WHERE r.project = k.project AND r.customer = k.customer AND r.period_from = k.starts
    GROUP BY r.unit) s) d ON true
  ORDER BY k.place`;

function closedOf({ revision, as_of: asOf, events, proof, amounts }: ToldRow): Told['closed'] {
  if (revision === null || asOf === null) return null;
  return {
    revision,
    asOf: BigInt(asOf),
    events: Number(events),
    proof: BigInt(proof ?? '0'),
    amounts: amountsRecord((unit) => Number(amounts?.[unit] ?? 0)),
  };
}
