import type { ClickHouseClient } from '@clickhouse/client';
import type { Span } from '@tallyward/domain';
import { BILLING_SETTINGS } from './billed-usage';
import { QUARTER_COLUMN } from './columns';
import { USAGE_EVENTS } from './usage-events.table';

/** A customer's span of time; epoch ms. */
export interface CustomerSpan extends Span {
  readonly customer: string;
}

/** Customers at or after a name that the warehouse has rows of. */
export async function warehouseCustomers(
  clickhouse: ClickHouseClient,
  project: string,
  from: string,
  most: number,
): Promise<string[]> {
  const answer = await clickhouse.query({
    query: `SELECT DISTINCT customer FROM ${USAGE_EVENTS}
WHERE project = {project: String} AND customer >= {from: String}
ORDER BY customer LIMIT {most: UInt32}`,
    query_params: { project, from, most },
    format: 'JSONEachRow',
    clickhouse_settings: BILLING_SETTINGS,
  });
  return (await answer.json<{ customer: string }>()).map(({ customer }) => customer);
}

const QUARTER = `toUnixTimestamp64Milli(${QUARTER_COLUMN})`;
const STRETCHES = `(SELECT t.1 AS n, t.2 AS of_customer, t.3 AS starts, t.4 AS ends
  FROM (SELECT arrayJoin(arrayZip({n: Array(UInt32)}, {ofCustomer: Array(String)},
    {starts: Array(Int64)}, {ends: Array(Int64)})) AS t))`;

/**
 * The first quarter of each stretch that the warehouse has something in and that lies in none of
 * the taken spans, epoch ms, by the stretch's place in the list.
 */
export async function firstOutside(
  clickhouse: ClickHouseClient,
  project: string,
  stretches: readonly CustomerSpan[],
  taken: readonly CustomerSpan[],
): Promise<Map<number, number>> {
  const answer = await clickhouse.query({
    query: `SELECT k.n AS n, toString(min(u.at)) AS quarter FROM (
  SELECT customer, ${QUARTER} AS at FROM ${USAGE_EVENTS}
  WHERE project = {project: String} AND customer IN {ofCustomer: Array(String)}
    AND ${QUARTER} >= {first: Int64} AND ${QUARTER} < {last: Int64}
  GROUP BY customer, ${QUARTER_COLUMN} HAVING sum(calls) != 0) AS u
INNER JOIN ${STRETCHES} AS k ON u.customer = k.of_customer
WHERE u.at >= k.starts AND u.at < k.ends
  AND NOT arrayExists((c, f, t) -> c = u.customer AND f <= u.at AND u.at < t,
    {takenOf: Array(String)}, {takenFrom: Array(Int64)}, {takenTo: Array(Int64)})
GROUP BY n`,
    query_params: {
      project,
      n: stretches.map((_, at) => at),
      ofCustomer: stretches.map(({ customer }) => customer),
      starts: stretches.map(({ from }) => from),
      ends: stretches.map(({ to }) => to),
      first: Math.min(...stretches.map(({ from }) => from)),
      last: Math.max(...stretches.map(({ to }) => to)),
      takenOf: taken.map(({ customer }) => customer),
      takenFrom: taken.map(({ from }) => from),
      takenTo: taken.map(({ to }) => to),
    },
    format: 'JSONEachRow',
    clickhouse_settings: BILLING_SETTINGS,
  });
  const rows = await answer.json<{ n: number; quarter: string }>();
  return new Map(rows.map(({ n, quarter }) => [Number(n), Number(quarter)]));
}
