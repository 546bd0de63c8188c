import { counterName, type Limit, type Span } from '@tallyward/domain';
import type { EntityManager } from 'typeorm';
import {
  COUNTER_COLUMNS,
  type CounterKey,
  counterRow,
  type CounterRow,
  keyColumns,
  KEYS,
  type StoredCounter,
} from '../leases/counters';
import { COUNTER_TABLE } from '../leases/leases.migration';
import { asReplenished, type CounterHolder } from '../leases/replenishment';
import { openedRow } from './present-counters';

/** A limit that a customer has, or would have, with what was used of it in a window. */
export interface Measure {
  readonly customer: string;
  readonly holder: CounterHolder;
  readonly rule: Limit;
  readonly scopeValue: string;
  readonly window: Span;
  readonly used: number;
}

/**
 * What each of these limits gives at `now`, with all that has come to its counter: replenished,
 * rolled over, dripped, or begun anew. In the given order. Writes nothing, and locks nothing.
 */
export async function amountsOf(
  manager: EntityManager,
  project: string,
  measures: readonly Measure[],
  now: number,
): Promise<number[]> {
  const keys = measures.map(({ customer, rule, scopeValue, window }): CounterKey => {
    return { project, customer, name: counterName(rule, scopeValue), windowStart: window.from };
  });
  const open = new Map((await countersOf(manager, keys)).map((row) => [textOf(row), row]));
  const held = measures.map((one, at) => {
    const row =
      open.get(textOf(keys[at] as CounterKey)) ?? openedRow(project, one.customer, one, one.used);
    return { row, limit: one.rule, holder: one.holder };
  });
  const grown = await asReplenished(manager, held, now);
  return grown.map(({ row }) => row.amount + row.extra);
}

async function countersOf(
  manager: EntityManager,
  keys: readonly CounterKey[],
): Promise<CounterRow[]> {
  const rows = await manager.query<StoredCounter[]>(
    `SELECT ${COUNTER_COLUMNS} FROM ${COUNTER_TABLE}
     WHERE (project, customer, name, window_start) IN (SELECT * FROM ${KEYS})`,
    keyColumns(keys),
  );
  return rows.map(counterRow);
}

const textOf = ({ customer, name, windowStart }: CounterKey): string =>
  JSON.stringify([customer, name, windowStart]);
