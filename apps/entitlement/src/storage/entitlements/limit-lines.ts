import type { TierLimit } from '@tallyward/contracts';
import type { LimitScope, Span } from '@tallyward/domain';
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

/** Whose limits they are, and which. */
export interface LimitsOf {
  readonly customer: string;
  readonly holder: CounterHolder;
  readonly limits: readonly TierLimit[];
}

/** What a customer's limits have at an instant, as if they were asked for. Writes nothing. */
export async function limitLines(
  manager: EntityManager,
  of: { readonly project: string; readonly customer: string; readonly holder: CounterHolder },
  limits: readonly TierLimit[],
  now: number,
): Promise<LimitLine[]> {
  const [lines] = await limitLinesOf(manager, of.project, [{ ...of, limits }], now);
  return lines ?? [];
}

/** The same of many customers, in the order they were asked for; `scope`: limits of that alone. */
export async function limitLinesOf(
  manager: EntityManager,
  project: string,
  asked: readonly LimitsOf[],
  now: number,
  scope: LimitScope | null = null,
): Promise<LimitLine[][]> {
  const span = { from: now, to: now + 1 };
  const customers = asked.map(({ customer }) => customer);
  const open = byCustomer(await countersTouching(manager, project, customers, span, scope));
  const present = asked.flatMap(({ customer, holder, limits }, of) =>
    presentCounters(customer, limits, holder, open.get(customer) ?? [], now).map((one) => {
      return { ...one, customer, holder, of };
    }),
  );
  const rows = await asOpened(manager, project, present);
  const held = present.map(({ rule, holder }, n) => {
    return { row: rows[n] as CounterRow, limit: rule, holder };
  });
  const counted = held.filter((_, n) => present[n]?.window !== null);
  const replenished = await asReplenished(manager, counted, now);
  const grown = new Map(counted.map((one, n) => [one, replenished[n]?.row]));
  const lines = asked.map((): LimitLine[] => []);
  for (const [n, { of, ...one }] of present.entries()) {
    const own = held[n] as (typeof held)[number];
    lines[of]?.push(lineOf(one, grown.get(own) ?? own.row));
  }
  return lines;
}

function lineOf({ limit, scopeValue, window }: PresentCounter, row: CounterRow): LimitLine {
  const { name: counter, used } = row;
  const amount = row.amount + row.extra;
  const overrun = limit.onLimit === 'allow' ? 0 : Math.max(row.overrun, used - amount, 0);
  return { limit, scopeValue, window, counter, used, amount, overrun };
}

function byCustomer(rows: readonly CounterRow[]): Map<string, CounterRow[]> {
  const found = new Map<string, CounterRow[]>();
  for (const row of rows) {
    const those = found.get(row.customer);
    if (those) those.push(row);
    else found.set(row.customer, [row]);
  }
  return found;
}

/** Rows as they are, or as they would be opened with what the totals have. */
async function asOpened(
  manager: EntityManager,
  project: string,
  present: readonly (PresentCounter & { readonly customer: string })[],
): Promise<CounterRow[]> {
  const missing = present.filter(
    ({ row, window, rule }) => row === null && window !== null && isOnQuarters(rule),
  );
  const sums = await usedIn(
    manager,
    missing.map(({ customer, rule: { scope, modelGroup, unit }, scopeValue, window }) => ({
      ...{ project, customer, scope, scopeValue, modelGroup, unit },
      window: window as Span,
    })),
  );
  const used = new Map(missing.map((one, n) => [one, sums[n]]));
  return present.map((one) => {
    if (one.row !== null) return one.row;
    const window = one.window ?? { from: 0, to: 1 };
    return openedRow(project, one.customer, { ...one, window }, used.get(one) ?? 0);
  });
}
