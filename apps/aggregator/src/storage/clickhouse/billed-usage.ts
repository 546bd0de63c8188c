import type { ClickHouseClient } from '@clickhouse/client';
import { amountsRecord, UNITS, type Span, type Unit } from '@tallyward/domain';
import { PROOF_SUM } from './audited-rows';
import { UNIT_COLUMNS } from './columns';
import { USAGE_EVENTS } from './usage-events.table';

/** A customer's span of time, under one tier; `n` is the caller's own number of it. */
export interface BilledSpan {
  readonly n: number;
  readonly project: string;
  readonly customer: string;
  readonly span: Span;
}

/** What counts of one model in one span. */
export interface BilledModel {
  readonly n: number;
  readonly model: string;
  readonly modelGroup: string;
  readonly events: number;
  readonly amounts: Record<Unit, number>;
  readonly proof: bigint;
}

/** One past the last offset that is looked at, by partition. */
export type UpTo = ReadonlyMap<number, bigint>;

/** The end of the times that the warehouse can hold, epoch ms: a lifetime lasts longer. */
const LATEST = Date.UTC(2299, 11, 31);
/** How long one question may take. */
const DEADLINE_S = 120;
export const BILLING_SETTINGS = {
  max_execution_time: DEADLINE_S,
  output_format_json_quote_64bit_integers: 1 as const,
};

/** Rows of the base table before the offsets, in time order within [from, to). */
export const AS_OF = `e.offset < arrayElement({upTo: Array(UInt64)}, e.partition + 1)
  AND e.time >= fromUnixTimestamp64Milli({first: Int64}, 'UTC')
  AND e.time < fromUnixTimestamp64Milli({last: Int64}, 'UTC')
  AND e.project IN {projects: Array(String)} AND e.customer IN {customers: Array(String)}`;
const AT = 'toUnixTimestamp64Milli(e.time)';

export const SPANS = `(SELECT t.1 AS n, t.2 AS of_project, t.3 AS of_customer, t.4 AS starts, t.5 AS ends
  FROM (SELECT arrayJoin(arrayZip({n: Array(UInt32)}, {ofProject: Array(String)},
    {ofCustomer: Array(String)}, {starts: Array(Int64)}, {ends: Array(Int64)})) AS t))`;

const SUMS = UNITS.map((unit) => `sum(e.${UNIT_COLUMNS[unit]}) AS sum_${UNIT_COLUMNS[unit]}`);

/** Sums and proofs by span and model, from the rows that reports read, as of the offsets. */
export async function billedUsage(
  clickhouse: ClickHouseClient,
  spans: readonly BilledSpan[],
  upTo: UpTo,
): Promise<BilledModel[]> {
  const answer = await clickhouse.query({
    query: `SELECT s.n AS n, e.model AS of_model, e.model_group AS of_group,
  toString(sum(e.calls)) AS events, ${SUMS.join(', ')}, ${PROOF_SUM} AS proof
FROM ${USAGE_EVENTS} AS e
INNER JOIN ${SPANS} AS s ON e.project = s.of_project AND e.customer = s.of_customer
WHERE ${AS_OF} AND ${AT} >= s.starts AND ${AT} < s.ends
GROUP BY n, of_model, of_group ORDER BY n, of_model, of_group`,
    query_params: { ...spanParameters(spans), ...asOfParameters(spans, upTo) },
    format: 'JSONEachRow',
    clickhouse_settings: BILLING_SETTINGS,
  });
  const rows = await answer.json<Record<string, string | number>>();
  return rows.map((row) => ({
    n: Number(row['n']),
    model: String(row['of_model']),
    modelGroup: String(row['of_group']),
    events: Number(row['events']),
    amounts: amountsRecord((unit) => Number(row[`sum_${UNIT_COLUMNS[unit]}`])),
    proof: BigInt(String(row['proof'])),
  }));
}

export function spanParameters(spans: readonly BilledSpan[]): Record<string, unknown> {
  return {
    n: spans.map(({ n }) => n),
    ofProject: spans.map(({ project }) => project),
    ofCustomer: spans.map(({ customer }) => customer),
    starts: spans.map(({ span }) => span.from),
    ends: spans.map(({ span }) => span.to),
  };
}

/** What bounds the rows that are read, whatever they are joined with. */
export function asOfParameters(
  spans: readonly Pick<BilledSpan, 'project' | 'customer' | 'span'>[],
  upTo: UpTo,
): Record<string, unknown> {
  const partitions = Math.max(-1, ...upTo.keys()) + 1;
  return {
    upTo: Array.from({ length: partitions }, (_, at) => Number(upTo.get(at) ?? 0n)),
    first: Math.min(...spans.map(({ span }) => span.from)),
    last: Math.min(LATEST, Math.max(...spans.map(({ span }) => span.to))),
    projects: [...new Set(spans.map(({ project }) => project))],
    customers: [...new Set(spans.map(({ customer }) => customer))],
  };
}
