import type { LimitScope, Span, Unit } from '@tallyward/domain';
import { crashPoint } from '@tallyward/platform';
import type { EntityManager } from 'typeorm';
import { safeInteger } from '../safe-integer';
import { PROGRESS_TABLE } from '../totals/tables';
import { COUNTER_TABLE } from './leases.migration';
import { USED_IN_WINDOW, usedByMany } from './used-by-many';

/** Which counter: its window's start is epoch ms. */
export interface CounterKey {
  readonly project: string;
  readonly customer: string;
  /** Its limit and the value of its scope, without the window. */
  readonly name: string;
  readonly windowStart: number;
}

/** A counter as a row of Postgres. Quantities in its unit. */
export interface CounterRow extends CounterKey {
  readonly windowEnd: number;
  readonly used: number;
  readonly leased: number;
  /** Its limit's amount, without `extra`. */
  readonly amount: number;
  readonly extra: number;
  /** What passed its amount, of a limit that lets nothing pass. */
  readonly overrun: number;
  /** Its limit lets nothing pass: all but `allow`. */
  readonly isHard: boolean;
}

/** What is needed to open a counter. */
export interface NewCounter extends Omit<CounterKey, 'windowStart'> {
  readonly scope: LimitScope;
  readonly scopeValue: string;
  readonly modelGroup: string;
  readonly unit: Unit;
  readonly window: Span;
  readonly amount: number;
  readonly extra: number;
  /** Its limit lets nothing pass: all but `allow`. */
  readonly isHard: boolean;
  /** Its window lies on quarters of an hour: what was used before is the sum of the totals. */
  readonly isOnQuarters: boolean;
}

/** Where the usage of the counters' customers stands in the log. */
export interface UsagePlace {
  readonly topic: string;
  readonly partition: number;
}

/** The columns of a counter as Postgres answers them. */
export interface StoredCounter {
  project: string;
  customer: string;
  name: string;
  window_start: string;
  window_end: string;
  used: string;
  leased: string;
  amount: string;
  extra: string;
  overrun: string;
  hard: boolean;
}

export const COUNTER_COLUMNS =
  'project, customer, name, window_start, window_end, used, leased, amount, extra, overrun, hard';

export function counterRow({ project, customer, name, ...row }: StoredCounter): CounterRow {
  return {
    project,
    customer,
    name,
    windowStart: safeInteger(row.window_start),
    windowEnd: safeInteger(row.window_end),
    used: safeInteger(row.used),
    leased: safeInteger(row.leased),
    amount: safeInteger(row.amount),
    extra: safeInteger(row.extra),
    overrun: safeInteger(row.overrun),
    isHard: row.hard,
  };
}

/** Keys as rows, of the parameters $1 to $4. */
export const KEYS = 'unnest($1::text[], $2::text[], $3::text[], $4::bigint[])';

/** Keys as the parameters $1 to $4 of a statement. */
export function keyColumns(keys: readonly CounterKey[]): unknown[][] {
  return [
    keys.map(({ project }) => project),
    keys.map(({ customer }) => customer),
    keys.map(({ name }) => name),
    keys.map(({ windowStart }) => windowStart),
  ];
}

/**
 * Locks those counters that are open, in the order of their key, so that two who want the same
 * never wait in a circle. Those that are missing were never opened.
 */
export async function lockCounters(
  manager: EntityManager,
  keys: readonly CounterKey[],
): Promise<CounterRow[]> {
  if (keys.length === 0) return [];
  const rows = await manager.query<StoredCounter[]>(
    `SELECT ${COUNTER_COLUMNS} FROM ${COUNTER_TABLE}
     WHERE (project, customer, name, window_start) IN (SELECT * FROM ${KEYS})
     ORDER BY project, customer, name, window_start FOR UPDATE`,
    keyColumns(keys),
  );
  return rows.map(counterRow);
}

/**
 * Keeps the fold's next batch of the partition waiting until the commit. To be taken before any
 * lock that the fold takes behind its fence: customers, counters, leases.
 */
export async function holdFold(
  manager: EntityManager,
  { topic, partition }: UsagePlace,
): Promise<void> {
  await manager.query(
    `SELECT FROM ${PROGRESS_TABLE} WHERE topic = $1 AND partition = $2 FOR SHARE`,
    [topic, partition],
  );
}

/**
 * Opens counters with what was used in their windows so far; one that is open, and ends elsewhere
 * since the customer's zone or anchor moved, is counted anew up to there. The fold waits: what it
 * folds next is in the totals read here, or added to the counter that is there by then, never both
 * and never neither.
 */
export async function openCounters(
  manager: EntityManager,
  place: UsagePlace,
  counters: readonly NewCounter[],
): Promise<void> {
  await holdFold(manager, place);
  const used = await usedByMany(manager, counters);
  await manager.query(
    `INSERT INTO ${COUNTER_TABLE} (project, customer, name, scope, scope_value, model_group, unit,
       window_start, window_end, amount, extra, on_quarters, hard, used)
     SELECT c.project, c.customer, c.name, c.scope, c.scope_value, c.model_group, c.unit,
       c.window_start, c.window_end, c.amount, c.extra, c.on_quarters, c.hard,
       CASE WHEN c.on_quarters THEN coalesce(c.used, (${USED_IN_WINDOW})) ELSE 0 END
     FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[], $5::text[], $6::text[],
       $7::text[], $8::text[], $9::bigint[], $10::bigint[], $11::bigint[], $12::boolean[],
       $13::boolean[], $14::bigint[])
       AS c (project, customer, name, window_start, scope, scope_value, model_group, unit,
         window_end, amount, extra, on_quarters, hard, used)
     ORDER BY c.project, c.customer, c.name, c.window_start
     ON CONFLICT (project, customer, name, window_start) DO UPDATE
       SET window_end = EXCLUDED.window_end, used = EXCLUDED.used
       WHERE counter.on_quarters AND counter.window_end <> EXCLUDED.window_end`,
    [
      ...keyColumns(
        counters.map(({ project, customer, name, window }) => {
          return { project, customer, name, windowStart: window.from };
        }),
      ),
      counters.map(({ scope }) => scope),
      counters.map(({ scopeValue }) => scopeValue),
      counters.map(({ modelGroup }) => modelGroup),
      counters.map(({ unit }) => unit),
      counters.map(({ window }) => window.to),
      counters.map(({ amount }) => amount),
      counters.map(({ extra }) => extra),
      counters.map(({ isOnQuarters }) => isOnQuarters),
      counters.map(({ isHard }) => isHard),
      used,
    ],
  );
  crashPoint('leases.after-counters');
}
