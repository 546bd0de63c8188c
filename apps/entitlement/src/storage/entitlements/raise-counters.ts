import {
  counterName,
  type CounterParts,
  extraOf,
  forgive,
  type Limit,
  type Span,
} from '@tallyward/domain';
import { crashPoint } from '@tallyward/platform';
import type { EntityManager } from 'typeorm';
import { type CounterKey, type CounterRow, lockCounters, openCounters } from '../leases/counters';
import { saveParts } from '../leases/counter-parts';
import { type CounterHolder, type Held, asReplenished } from '../leases/replenishment';
import { newCounter, usagePlaceOf } from './present-counters';

/** A counter that is to be raised: opened if it is not, but for a first-use window. */
export interface RaisedCounter {
  readonly project: string;
  readonly customer: string;
  readonly holder: CounterHolder;
  readonly limit: Limit;
  readonly scopeValue: string;
  readonly window: Span;
}

/** A counter before and after it was raised. */
export interface Raised {
  readonly of: RaisedCounter;
  readonly before: CounterRow;
  readonly after: CounterRow;
}

/**
 * Raises counters as `rule` says of each, after all that was due to them has come. Opens those
 * that are missing, in the order of their partitions, and locks them in the order of their key, as
 * everybody does. Answers in the given order.
 */
export async function raiseCounters(
  manager: EntityManager,
  wanted: readonly RaisedCounter[],
  now: number,
  rule: (parts: CounterParts, row: CounterRow, of: RaisedCounter) => CounterParts,
): Promise<Raised[]> {
  await openAll(manager, wanted);
  const keys = wanted.map(keyOf);
  const rows = await lockCounters(manager, keys);
  const byKey = new Map(rows.map((row) => [textOf(row), row]));
  const held = wanted.flatMap((of, at): (Held & { readonly of: RaisedCounter })[] => {
    const row = byKey.get(textOf(keys[at] as CounterKey));
    return row ? [{ of, row, limit: of.limit, holder: of.holder }] : [];
  });
  const grown = await asReplenished(manager, held, now, 'lock');
  crashPoint('counters.after-grown');
  const changed = grown.map(({ row, parts }, at) => {
    const { of } = held[at] as { of: RaisedCounter };
    return { of, key: row, parts: rule(parts, row, of), limit: of.limit };
  });
  await saveParts(manager, changed);
  crashPoint('counters.after-raised');
  return changed.map(({ of, key: before, parts }) => {
    const after = { ...before, amount: parts.amount, extra: extraOf(parts) };
    return { of, before, after };
  });
}

/** More by hand, or what was used until `now` (epoch ms) counts no more. */
export function replenished(by: number | 'reset', now: number) {
  return (parts: CounterParts, { used }: CounterRow): CounterParts => {
    if (by !== 'reset') return { ...parts, given: parts.given + by };
    const freshFrom = Math.max(parts.freshFrom ?? now, now);
    return { ...forgive(parts, used), freshFrom };
  };
}

async function openAll(manager: EntityManager, wanted: readonly RaisedCounter[]): Promise<void> {
  const byPlace = new Map<number, RaisedCounter[]>();
  for (const one of wanted.filter(isComputed)) {
    const place = placeOf(one);
    const those = byPlace.get(place);
    if (those) those.push(one);
    else byPlace.set(place, [one]);
  }
  for (const [, counters] of [...byPlace].sort(([a], [b]) => a - b)) {
    const [first] = counters;
    if (!first) continue;
    const place = usagePlaceOf(first.project, first.customer);
    await openCounters(
      manager,
      place,
      counters.map(({ project, customer, limit, scopeValue, window }) =>
        newCounter(project, customer, limit, scopeValue, window),
      ),
    );
    crashPoint('counters.after-opened');
  }
}

const placeOf = ({ project, customer }: RaisedCounter): number =>
  usagePlaceOf(project, customer).partition;

/** A first-use window is opened by its first use alone. */
const isComputed = ({ limit }: RaisedCounter): boolean => typeof limit.window === 'string';

function keyOf({ project, customer, limit, scopeValue, window }: RaisedCounter): CounterKey {
  return { project, customer, name: counterName(limit, scopeValue), windowStart: window.from };
}

const textOf = ({ project, customer, name, windowStart }: CounterKey): string =>
  JSON.stringify([project, customer, name, windowStart]);
