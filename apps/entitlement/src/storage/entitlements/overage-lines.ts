import { limitOf, type TierLimit, type TierReference } from '@tallyward/contracts';
import { isHard, type Limit, limitKey, type Span, tierAt } from '@tallyward/domain';
import type { EntityManager } from 'typeorm';
import type { Assigned } from '../../customers/stored-customer';
import type { CounterRow } from '../leases/counters';
import { asReplenished, type CounterHolder, type Held } from '../leases/replenishment';
import { loadTierVersion } from '../tiers/tier-reader';
import { countersTouchingEach, isOnQuarters, newCounter } from './present-counters';
import { usedByWindows, type UsedInWindow } from './used-by-windows';

/** One customer's limits in the windows that touch a span. */
export interface OveragesOf {
  readonly customer: string;
  readonly holder: CounterHolder;
  readonly span: Span;
}

/** A limit in a window, with what it gave and what was used. */
export interface OverageLine {
  readonly tier: TierReference;
  readonly limit: TierLimit;
  readonly scopeValue: string;
  readonly counter: string;
  readonly window: Span;
  readonly timeZone: string;
  readonly used: number;
  readonly amount: number;
  readonly overrun: number;
}

/** A limit of a tier that one of the customers had or has. */
interface Ruled {
  /** Whose, in the order they were asked for. */
  readonly n: number;
  readonly of: OveragesOf;
  readonly tier: Assigned;
  readonly limit: TierLimit;
  readonly rule: Limit;
}

/** The same in one window that was used, for one value of its scope. */
interface Deciding extends UsedInWindow {
  readonly ruled: Ruled;
}

/**
 * A tier decides about a window if it is in force as the window ends, or now: a counter belongs to
 * no tier, and its amount is that of the tier that has it last. So what was used under a tier
 * before counts too, as it does when calls are decided. For each customer by window, then by
 * counter; any number of customers cost the same few statements. `now`: Postgres' clock, epoch ms.
 * Null: too much was used to add it up.
 */
export async function overageLines(
  manager: EntityManager,
  project: string,
  asked: readonly OveragesOf[],
  now: number,
): Promise<OverageLine[][] | null> {
  const open = await countersTouchingEach(manager, project, asked);
  const ruled = await rulesOf(manager, project, asked, now);
  const summed = ruled.filter(({ rule }) => isOnQuarters(rule));
  const sums = await usedByWindows(
    manager,
    project,
    summed.map(({ of, rule }) => ({ ...of, rule, frame: of.holder.frame })),
  );
  if (sums === null) return null;
  const sumsOf = new Map(summed.map((one, at) => [one, sums[at] ?? []]));
  const deciding = ruled.flatMap((one) => {
    const used = sumsOf.get(one) ?? usedByRows(one.rule, open[one.n] ?? []);
    return used
      .filter(({ window }) => decides(one, window, now))
      .map((use): Deciding => ({ ruled: one, ...use }));
  });
  const lines = asked.map((): OverageLine[] => []);
  const rows = await atTheirEnds(manager, heldOf(project, deciding, open), now);
  for (const [at, row] of rows.entries()) {
    const one = deciding[at] as Deciding;
    const line = lineOf(one, row);
    if (line) lines[one.ruled.n]?.push(line);
  }
  return lines.map((those) =>
    those.sort((a, b) => a.window.from - b.window.from || (a.counter < b.counter ? -1 : 1)),
  );
}

/** Every limit that has a window, of every tier that has begun; each version is read once. */
async function rulesOf(
  manager: EntityManager,
  project: string,
  asked: readonly OveragesOf[],
  now: number,
): Promise<Ruled[]> {
  const read = new Map<string, readonly TierLimit[]>();
  const ruled: Ruled[] = [];
  for (const [n, of] of asked.entries()) {
    for (const tier of of.holder.tiers.filter(({ from }) => from <= now)) {
      const key = JSON.stringify([tier.name, tier.version]);
      const limits =
        read.get(key) ??
        (await loadTierVersion(manager, project, tier.name, tier.version))?.limits ??
        [];
      read.set(key, limits);
      for (const limit of limits) {
        const rule = limitOf(limit);
        if (rule.window !== 'request') ruled.push({ n, of, tier, limit, rule });
      }
    }
  }
  return ruled;
}

const decides = ({ of, tier }: Ruled, { from, to }: Span, now: number): boolean =>
  from <= now && tierAt(of.holder.tiers, Math.min(to - 1, now)) === tier;

/** Counters as they are stored, or as they would be opened, with what the totals say was used. */
function heldOf(
  project: string,
  deciding: readonly Deciding[],
  open: readonly (readonly CounterRow[])[],
): Held[] {
  const stored = open.map((rows) => new Map(rows.map((row) => [textOf(row), row])));
  return deciding.map(({ ruled: { n, of, rule }, scopeValue, window, used }): Held => {
    const { customer, holder } = of;
    const { name, amount, isHard } = newCounter(project, customer, rule, scopeValue, window);
    const key = { project, customer, name, windowStart: window.from };
    const none = { leased: 0, amount, extra: 0, overrun: 0, isHard };
    const found = stored[n]?.get(textOf(key));
    const row = { ...key, ...none, windowEnd: window.to, ...found, used };
    return { row, limit: rule, holder };
  });
}

function lineOf({ ruled, scopeValue, window }: Deciding, row: CounterRow): OverageLine | null {
  const { of, tier, limit, rule } = ruled;
  const amount = row.amount + row.extra;
  const overrun = isHard(rule) ? Math.max(row.overrun, row.used - amount, 0) : 0;
  if (isHard(rule) ? overrun === 0 : row.used === 0) return null;
  const { timeZone } = of.holder.frame;
  const reference = { name: tier.name, version: tier.version };
  const what = { tier: reference, limit, scopeValue, counter: row.name, window, timeZone };
  return { ...what, used: row.used, amount, overrun };
}

/** As windows were when they ended, those of one instant together; the present ones as now. */
async function atTheirEnds(
  manager: EntityManager,
  held: readonly Held[],
  now: number,
): Promise<CounterRow[]> {
  const byInstant = new Map<number, number[]>();
  for (const [n, { row }] of held.entries()) {
    const instant = Math.min(row.windowEnd - 1, now);
    const places = byInstant.get(instant);
    if (places) places.push(n);
    else byInstant.set(instant, [n]);
  }
  const rows = held.map(({ row }) => row);
  for (const [instant, places] of byInstant) {
    const those = places.map((n) => held[n] as Held);
    const grown = await asReplenished(manager, those, instant);
    for (const [at, n] of places.entries()) rows[n] = grown[at]?.row ?? (rows[n] as CounterRow);
  }
  return rows;
}

const textOf = ({ name, windowStart }: Pick<CounterRow, 'name' | 'windowStart'>): string =>
  `${windowStart} ${name}`;

/** Windows that only their counters know. */
function usedByRows(rule: Limit, rows: readonly CounterRow[]): UsedInWindow[] {
  const key = limitKey(rule);
  return rows
    .filter(({ name }) => name.startsWith(key))
    .map(({ name, windowStart: from, windowEnd: to, used }) => {
      return { scopeValue: name.slice(key.length), window: { from, to }, used };
    });
}
