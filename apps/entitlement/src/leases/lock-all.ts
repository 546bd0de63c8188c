import { drawnAt, LEASE_TERMS } from '@tallyward/domain';
import type { FoundCounter, SoughtCounter } from '../storage/leases/asks';
import type { CounterKey, CounterRow, NewCounter, UsagePlace } from '../storage/leases/counters';
import type { LeaseTransaction } from '../storage/leases/lease-store';
import { counterOf, type StoredLease } from '../storage/leases/leases';
import type { Held } from '../storage/leases/replenishment';
import type { Asker } from './askers';
import { counterOfRule, type DrawnRule, type PlannedAsk, rulesOf, soughtOf } from './planned-asks';
import type { ReadAsks } from './read-asks';

/** A counter that a batch draws on. */
export interface Drawn {
  readonly asker: Asker;
  readonly rule: DrawnRule;
  readonly sought: SoughtCounter;
}

export interface Locked {
  /** Counters that were open before the batch; a first-use one begins where it says. */
  readonly found: readonly FoundCounter[];
  readonly counters: readonly CounterRow[];
  /** What the counters are drawn on by. */
  readonly drawn: readonly Drawn[];
  readonly leases: readonly StoredLease[];
}

/**
 * Opens the counters that are missing and locks all that the batch touches: nothing is locked while
 * the fold is waited for, which takes its own locks behind its progress.
 */
export async function lockAll(
  transaction: LeaseTransaction,
  place: UsagePlace,
  planned: readonly PlannedAsk[],
  { returned }: Pick<ReadAsks, 'returned'>,
  now: number,
): Promise<Locked> {
  const ids = [...new Set(returned.flatMap(({ leases }) => leases.map(({ lease }) => lease)))];
  // Those alone are locked: no lease without its counter before it.
  const named = await transaction.findLeases(ids);
  const drawn = drawnBy(planned, now);
  const all = await transaction.findCounters(drawn.map(({ sought }) => sought));
  const found = all.filter(({ isBeside }) => !isBeside);
  const missing = missingOf(drawn, found);
  if (missing.length > 0) {
    await transaction.openCounters(place, missing);
  } else if (hasFirstUse(drawn, found)) {
    await transaction.holdFold(place);
  }
  const opened = missing.map(({ window, ...one }) => ({ ...one, windowStart: window.from }));
  const keys: CounterKey[] = [...all, ...opened, ...named];
  const unique = new Map(keys.map((key) => [counterOf(key), key]));
  const counters = await transaction.lockCounters([...unique.values()]);
  const leases = await transaction.lockLeases(named.map(({ id }) => id));
  return { found, counters, drawn, leases };
}

/** Each counter once; of customers that nobody has met there is none. */
function drawnBy(planned: readonly PlannedAsk[], now: number): Drawn[] {
  const drawn = new Map<string, Drawn>();
  for (const one of planned) {
    const { ask, asker } = one;
    if (!asker.isMade) continue;
    const from = drawnAt({ ...ask, id: ask.ask }, now, LEASE_TERMS);
    for (const rule of rulesOf(one)) {
      const sought = soughtOf(asker, rule, from);
      drawn.set(counterOf({ ...sought, windowStart: sought.startsTo }), { asker, rule, sought });
    }
  }
  return [...drawn.values()];
}

/**
 * Those of computed windows, also those that end elsewhere since the zone or anchor moved. A
 * first-use window opens once it is known to be used.
 */
function missingOf(drawn: readonly Drawn[], found: readonly FoundCounter[]): NewCounter[] {
  const ends = new Map(found.map((one) => [counterOf(one), one.windowEnd]));
  return drawn.flatMap(({ asker, rule, sought }) => {
    if (rule.window === null) return [];
    const { from, to } = rule.window;
    const isOpen = ends.get(counterOf({ ...sought, windowStart: from })) === to;
    return isOpen ? [] : [counterOfRule(asker, rule, rule.window)];
  });
}

function hasFirstUse(drawn: readonly Drawn[], found: readonly FoundCounter[]): boolean {
  const textOf = ({ project, customer, name }: Omit<CounterKey, 'windowStart'>): string =>
    counterOf({ project, customer, name, windowStart: 0 });
  const open = new Set(found.map(textOf));
  return drawn.some(({ rule, sought }) => rule.window === null && !open.has(textOf(sought)));
}

/** The counters that are drawn on, with what their amounts follow from. */
export function heldOf(counters: readonly CounterRow[], drawn: readonly Drawn[]): Held[] {
  const rows = new Map(counters.map((row) => [counterOf(row), row]));
  const first = new Map<string, CounterRow[]>();
  for (const row of counters) {
    const name = counterOf({ ...row, windowStart: 0 });
    first.set(name, [...(first.get(name) ?? []), row]);
  }
  return drawn.flatMap(({ asker, rule, sought }): Held[] => {
    const { limit, window } = rule;
    const own = window
      ? [rows.get(counterOf({ ...sought, windowStart: window.from }))]
      : (first.get(counterOf({ ...sought, windowStart: 0 })) ?? []);
    return own.flatMap((row) => (row ? [{ row, limit, holder: asker.holder }] : []));
  });
}
