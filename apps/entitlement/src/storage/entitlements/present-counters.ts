import { limitOf, type TierLimit, TOPICS } from '@tallyward/contracts';
import {
  computedWindow,
  counterName,
  isHard,
  type Limit,
  limitKey,
  type LimitScope,
  partitionKey,
  type Span,
  windowAmount,
} from '@tallyward/domain';
import { partitionOf } from '@tallyward/platform';
import type { EntityManager } from 'typeorm';
import { frameOf, type StoredCustomer, tiersOf } from '../../customers/stored-customer';
import {
  COUNTER_COLUMNS,
  counterRow,
  type CounterRow,
  type NewCounter,
  type StoredCounter,
  type UsagePlace,
} from '../leases/counters';
import { COUNTER_TABLE } from '../leases/leases.migration';
import type { CounterHolder } from '../leases/replenishment';

/** A limit for one value of its scope, in the present window. */
export interface PresentCounter {
  readonly limit: TierLimit;
  readonly rule: Limit;
  readonly scopeValue: string;
  /** Null: one call is its window, or a first-use window that nobody has opened. */
  readonly window: Span | null;
  /** Null: nobody has opened it. */
  readonly row: CounterRow | null;
}

/** How a customer's windows are cut, and which tiers it had. */
export function holderOf(customer: StoredCustomer, projectTimeZone: string): CounterHolder {
  return {
    frame: frameOf(customer, projectTimeZone),
    firstSeen: customer.firstSeen,
    tiers: tiersOf(customer),
  };
}

/** Where a customer's usage stands in the log. */
export function usagePlaceOf(project: string, customer: string): UsagePlace {
  const { name: topic, partitions } = TOPICS.usageEvents;
  return { topic, partition: partitionOf(partitionKey(project, customer), partitions) };
}

/** Its totals tell what was used in it. */
export function isOnQuarters({ window }: Limit): boolean {
  return typeof window === 'string' && window !== 'minute' && window !== 'request';
}

/**
 * What limits have at an instant: of scope customer each, of others one for each value that has an
 * open counter. In the order of the limits, then of the values.
 */
export function presentCounters(
  customer: string,
  limits: readonly TierLimit[],
  holder: CounterHolder,
  open: readonly CounterRow[],
  now: number,
): PresentCounter[] {
  return limits.flatMap((limit) => {
    const rule = limitOf(limit);
    const key = limitKey(rule);
    const computed = windowOf(rule, holder, now);
    const rows = open.filter(
      ({ name, windowStart }) =>
        name.startsWith(key) && (computed === null || windowStart === computed.from),
    );
    const found = rows.map((row): PresentCounter => {
      const window = computed ?? { from: row.windowStart, to: row.windowEnd };
      return { limit, rule, scopeValue: row.name.slice(key.length), window, row };
    });
    if (rule.scope !== 'customer' || found.length > 0) return found;
    return [{ limit, rule, scopeValue: customer, window: computed, row: null }];
  });
}

/** The window that follows from the instant; null: none does. */
export function windowOf({ window }: Limit, { frame }: CounterHolder, now: number): Span | null {
  return typeof window !== 'string' || window === 'request'
    ? null
    : computedWindow(now, window, frame);
}

/** A counter as it is opened. */
export function newCounter(
  project: string,
  customer: string,
  rule: Limit,
  scopeValue: string,
  window: Span,
): NewCounter {
  const { scope, modelGroup, unit } = rule;
  return {
    project,
    customer,
    name: counterName(rule, scopeValue),
    scope,
    scopeValue,
    modelGroup,
    unit,
    window,
    amount: windowAmount(rule),
    extra: 0,
    isHard: isHard(rule),
    isOnQuarters: isOnQuarters(rule),
  };
}

/** A counter's row as it would be opened, with what was used before. */
export function openedRow(
  project: string,
  customer: string,
  of: { readonly rule: Limit; readonly scopeValue: string; readonly window: Span },
  used: number,
): CounterRow {
  const fresh = newCounter(project, customer, of.rule, of.scopeValue, of.window);
  const { name, amount, extra, isHard, window } = fresh;
  const key = { project, customer, name, windowStart: window.from, windowEnd: window.to };
  return { ...key, used, amount, extra, isHard, leased: 0, overrun: 0 };
}

/** Counters of customers whose windows touch a span, in the order of their key; of one scope. */
export async function countersTouching(
  manager: EntityManager,
  project: string,
  customers: readonly string[],
  { from, to }: Span,
  scope: LimitScope | null = null,
): Promise<CounterRow[]> {
  const rows = await manager.query<StoredCounter[]>(
    `SELECT ${COUNTER_COLUMNS} FROM ${COUNTER_TABLE}
     WHERE project = $1 AND customer = ANY($2) AND window_end > $3 AND window_start < $4
       AND ($5::text IS NULL OR scope = $5)
     ORDER BY customer, name, window_start`,
    [project, customers, from, to, scope],
  );
  return rows.map(counterRow);
}

/**
 * The same for customers that have a span each, in the order they were asked for: a list of each,
 * by name, then by window.
 */
export async function countersTouchingEach(
  manager: EntityManager,
  project: string,
  asked: readonly { readonly customer: string; readonly span: Span }[],
): Promise<CounterRow[][]> {
  const found = asked.map((): CounterRow[] => []);
  if (asked.length === 0) return found;
  const rows = await manager.query<(StoredCounter & { place: string })[]>(
    `SELECT k.place, c.* FROM unnest($2::text[], $3::bigint[], $4::bigint[]) WITH ORDINALITY
       AS k (of_customer, starts, ends, place)
     CROSS JOIN LATERAL (SELECT ${COUNTER_COLUMNS} FROM ${COUNTER_TABLE}
       WHERE project = $1 AND customer = k.of_customer
         AND window_end > k.starts AND window_start < k.ends) c
     ORDER BY k.place, c.name, c.window_start`,
    [
      project,
      asked.map(({ customer }) => customer),
      asked.map(({ span }) => span.from),
      asked.map(({ span }) => span.to),
    ],
  );
  for (const { place, ...row } of rows) found[Number(place) - 1]?.push(counterRow(row));
  return found;
}

/** The project's time zone. */
export async function zoneOf(manager: EntityManager, project: string): Promise<string> {
  const [row] = await manager.query<{ zone: string }[]>(
    `SELECT settings->>'timeZone' AS zone FROM entitlement.project WHERE project = $1`,
    [project],
  );
  return row?.zone ?? 'UTC';
}
