import type { TierLimit } from '@tallyward/contracts';
import type { Span } from '@tallyward/domain';
import type { EntityManager } from 'typeorm';
import type { CounterRow } from '../leases/counters';
import { asReplenished, type CounterHolder } from '../leases/replenishment';
import { usedIn } from '../leases/used-in';
import {
  countersTouching,
  isOnQuarters,
  openedRow,
  type PresentCounter,
  presentCounters,
} from './present-counters';

/** One limit for one value of its scope, with what was used and all that has come to it. */
export interface LimitLine {
  readonly limit: TierLimit;
  readonly scopeValue: string;
  /** Null: a single call, or a first-use window that nobody has opened. */
  readonly window: Span | null;
  /** The counter's name without its window. */
  readonly counter: string;
  readonly used: number;
  /** With what was added. */
  readonly amount: number;
  /** What passed a limit that lets nothing pass. */
  readonly overrun: number;
}

/** What a customer's limits have at an instant, as if they were asked for. Writes nothing. */
export async function limitLines(
  manager: EntityManager,
  of: { readonly project: string; readonly customer: string; readonly holder: CounterHolder },
  limits: readonly TierLimit[],
  now: number,
): Promise<LimitLine[]> {
  const { project, customer, holder } = of;
  const open = await countersTouching(manager, project, [customer], { from: now, to: now + 1 });
  const present = presentCounters(customer, limits, holder, open, now);
  const rows = await asOpened(manager, project, customer, present);
  const held = present.map(({ rule }, n) => ({ row: rows[n] as CounterRow, limit: rule, holder }));
  const counted = held.filter((_, n) => present[n]?.window !== null);
  const grown = await asReplenished(manager, counted, now);
  return present.map(({ limit, scopeValue, window }, n): LimitLine => {
    const one = held[n] as (typeof held)[number];
    const found = grown[counted.indexOf(one)];
    const { name: counter, amount: plain, extra, used, overrun } = found?.row ?? one.row;
    const amount = plain + extra;
    return {
      ...{ limit, scopeValue, window, counter, used, amount },
      overrun: limit.onLimit === 'allow' ? 0 : Math.max(overrun, used - amount, 0),
    };
  });
}

/** Rows as they are, or as they would be opened with what the totals have. */
export async function asOpened(
  manager: EntityManager,
  project: string,
  customer: string,
  present: readonly PresentCounter[],
): Promise<CounterRow[]> {
  const missing = present.filter(
    ({ row, window, rule }) => row === null && window !== null && isOnQuarters(rule),
  );
  const sums = await usedIn(
    manager,
    missing.map(({ rule: { scope, modelGroup, unit }, scopeValue, window }) => ({
      ...{ project, customer, scope, scopeValue, modelGroup, unit },
      window: window as Span,
    })),
  );
  return present.map((one) => {
    if (one.row !== null) return one.row;
    const window = one.window ?? { from: 0, to: 1 };
    return openedRow(project, customer, { ...one, window }, sums[missing.indexOf(one)] ?? 0);
  });
}
