import type { ClickHouseClient } from '@clickhouse/client';
import { UNITS, type LimitScope, type Span, type Unit } from '@tallyward/domain';
import {
  AS_OF,
  asOfParameters,
  BILLING_SETTINGS,
  SPANS,
  spanParameters,
  type BilledSpan,
  type UpTo,
} from './billed-usage';
import { UNIT_COLUMNS } from './columns';
import { isLeft, USAGE_EVENTS } from './usage-events.table';

/** A limit that allows, in one window of one customer, whose amount was passed. */
export interface PassedLimit {
  readonly project: string;
  readonly customer: string;
  readonly scope: LimitScope;
  readonly scopeValue: string;
  readonly modelGroup: string;
  readonly unit: Unit;
  readonly span: Span;
  readonly amount: number;
}

/** What of a unit passed the limits, by span and model. */
export interface SpanOverage {
  readonly n: number;
  readonly model: string;
  readonly modelGroup: string;
  readonly unit: Unit;
  readonly overage: number;
}

export interface SplitOverage {
  /** By limit, in the given order: what it counted in its whole window, and what passed it. */
  readonly ofLimits: readonly { readonly used: number; readonly overage: number }[];
  readonly ofSpans: readonly SpanOverage[];
}

const LIMITS = `(SELECT t.1 AS l, t.2 AS l_project, t.3 AS l_customer, t.4 AS scope, t.5 AS scope_value,
    t.6 AS l_group, t.7 AS unit, t.8 AS l_from, t.9 AS l_to, t.10 AS amount
  FROM (SELECT arrayJoin(arrayZip({l: Array(UInt32)}, {lProject: Array(String)},
    {lCustomer: Array(String)}, {scope: Array(String)}, {scopeValue: Array(String)},
    {lGroup: Array(String)}, {unit: Array(String)}, {lFrom: Array(Int64)}, {lTo: Array(Int64)},
    {amount: Array(Int64)})) AS t))`;

const QUANTITY = `toInt64(multiIf(${UNITS.map(
  (unit) => `l.unit = '${unit}', e.${UNIT_COLUMNS[unit]}`,
).join(', ')}, 0))`;

/**
 * Each event's part beyond each limit that counts it: what the sum until then, in the order of the
 * log, lies above the amount. libs/domain's splitOverage says the same of events in memory.
 */
const BEYOND = `SELECT l.l AS limit_no, l.unit AS of_unit, e.project AS p, e.customer AS c,
    e.partition AS of_partition, e.offset AS place, toUnixTimestamp64Milli(e.time) AS at,
    e.model AS of_model, e.model_group AS of_group, ${QUANTITY} AS quantity,
    sum(quantity) OVER (PARTITION BY l.l ORDER BY e.offset
      ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS used,
    least(quantity, greatest(0, used - l.amount)) AS beyond
  FROM ${USAGE_EVENTS} AS e
  INNER JOIN ${LIMITS} AS l ON e.project = l.l_project AND e.customer = l.l_customer
  WHERE ${AS_OF} AND at >= l.l_from AND at < l.l_to AND l.l_group IN ('*', e.model_group)
    AND ${isLeft('e', AS_OF.replaceAll('e.', 'v.'))}
    AND multiIf(l.scope = 'workspace', e.workspace, l.scope = 'user', e.user,
      l.scope = 'role', e.role, l.scope_value) = l.scope_value`;

/** Splits what passed the limits among the events of the spans. */
export async function splitOverage(
  clickhouse: ClickHouseClient,
  limits: readonly PassedLimit[],
  spans: readonly BilledSpan[],
  upTo: UpTo,
): Promise<SplitOverage> {
  const params = { ...limitParameters(limits), ...asOfParameters(limits, upTo) };
  const ask = async <T>(query: string, more: Record<string, unknown>): Promise<T[]> => {
    const answer = await clickhouse.query({
      query,
      query_params: { ...params, ...more },
      format: 'JSONEachRow',
      clickhouse_settings: BILLING_SETTINGS,
    });
    return answer.json<T>();
  };
  const sums = await ask<{ limit_no: number; all_of_it: string; overage: string }>(
    `SELECT limit_no, toString(sum(quantity)) AS all_of_it, toString(sum(beyond)) AS overage
     FROM (${BEYOND}) GROUP BY limit_no`,
    {},
  );
  const found = await ask<FoundOverage>(
    `SELECT s.n AS n, of_model, of_group, of_unit, toString(sum(most)) AS overage
     FROM (SELECT p, c, of_unit, of_partition, place, any(at) AS at, any(of_model) AS of_model,
         any(of_group) AS of_group, max(beyond) AS most
       FROM (${BEYOND}) WHERE beyond > 0 GROUP BY p, c, of_unit, of_partition, place) AS e
     INNER JOIN ${SPANS} AS s ON e.p = s.of_project AND e.c = s.of_customer
     WHERE e.at >= s.starts AND e.at < s.ends
     GROUP BY n, of_model, of_group, of_unit`,
    spanParameters(spans),
  );
  const byLimit = new Map(
    sums.map((row) => [
      Number(row.limit_no),
      { used: Number(row.all_of_it), overage: Number(row.overage) },
    ]),
  );
  return {
    ofLimits: limits.map((_, n) => byLimit.get(n) ?? { used: 0, overage: 0 }),
    ofSpans: found.map((row) => ({
      n: Number(row.n),
      model: row.of_model,
      modelGroup: row.of_group,
      unit: row.of_unit,
      overage: Number(row.overage),
    })),
  };
}

interface FoundOverage {
  n: number;
  of_model: string;
  of_group: string;
  of_unit: Unit;
  overage: string;
}

function limitParameters(limits: readonly PassedLimit[]): Record<string, unknown> {
  return {
    l: limits.map((_, n) => n),
    lProject: limits.map(({ project }) => project),
    lCustomer: limits.map(({ customer }) => customer),
    scope: limits.map(({ scope }) => scope),
    scopeValue: limits.map(({ scopeValue }) => scopeValue),
    lGroup: limits.map(({ modelGroup }) => modelGroup),
    unit: limits.map(({ unit }) => unit),
    lFrom: limits.map(({ span }) => span.from),
    lTo: limits.map(({ span }) => span.to),
    amount: limits.map(({ amount }) => amount),
  };
}
