import type { CounterState } from '@tallyward/contracts';
import {
  type CounterLine,
  firstUseWindow,
  overlaps,
  type Span,
  windowAmount,
} from '@tallyward/domain';
import type { FoundCounter } from '../storage/leases/asks';
import type { CounterKey, CounterRow, NewCounter } from '../storage/leases/counters';
import { counterOf } from '../storage/leases/leases';
import type { Replenished } from '../storage/leases/replenishment';
import type { Asker } from './askers';
import { counterOfRule, type DrawnRule } from './planned-asks';

/** A window or a tier ended between the look at them and the locks: look anew. */
export class PlanPassed extends Error {
  override readonly name = 'PlanPassed';
}

/** A counter in a batch: as it was locked, and what the batch has made of it so far. */
export interface BookedCounter {
  readonly key: CounterKey;
  readonly rule: DrawnRule;
  readonly window: Span;
  readonly used: number;
  readonly extra: number;
  readonly overrun: number;
  /** What a window of its limit begins with. */
  readonly amount: number;
  /** When more may come by itself, before the window ends; null: not before. */
  readonly risesAt: number | null;
  leased: number;
  /** Of windows that overlap this one, from a zone or an anchor before: sold as much as its own. */
  readonly leasedBeside: number;
  /** False: a window that nobody has used yet, or of a customer that nobody has met. */
  isOpen: boolean;
}

/** The counters of a batch, under their locks. */
export class CounterBook {
  private readonly booked = new Map<string, BookedCounter>();
  private readonly rows: ReadonlyMap<string, Replenished>;
  private readonly byName = new Map<string, CounterRow[]>();
  private readonly starts = new Map<string, number[]>();
  private readonly opening: NewCounter[] = [];

  /** `rows`: all that are locked, those of overlapping windows too. */
  constructor(
    locked: readonly Replenished[],
    found: readonly FoundCounter[],
    rows: readonly CounterRow[],
  ) {
    this.rows = new Map(locked.map((one) => [counterOf(one.row), one]));
    for (const row of rows) {
      const id = counterOf({ ...row, windowStart: 0 });
      this.byName.set(id, [...(this.byName.get(id) ?? []), row]);
    }
    for (const one of found) this.began(one);
  }

  /** The counter of a rule at an instant. */
  at(asker: Asker, rule: DrawnRule, from: number): BookedCounter {
    const window = rule.window ?? this.firstUse(asker, rule, from);
    if (from < window.from || from >= window.to) throw new PlanPassed(rule.name);
    const { project, customer } = asker;
    const key = { project, customer, name: rule.name, windowStart: window.from };
    const id = counterOf(key);
    const counter = this.booked.get(id) ?? this.book(key, rule, window);
    this.booked.set(id, counter);
    return counter;
  }

  private book(key: CounterKey, rule: DrawnRule, window: Span): BookedCounter {
    const beside = this.byName.get(counterOf({ ...key, windowStart: 0 })) ?? [];
    const leasedBeside = rule.window === null ? 0 : leasedIn(beside, window);
    return { ...booked(key, rule, window, this.rows.get(counterOf(key))), leasedBeside };
  }

  /** A first-use window that is used now: it is to be opened before its lease is written. */
  open(asker: Asker, counter: BookedCounter): void {
    if (counter.isOpen || !asker.isMade) return;
    counter.isOpen = true;
    this.began(counter.key);
    this.opening.push(counterOfRule(asker, counter.rule, counter.window));
  }

  toOpen(): readonly NewCounter[] {
    return this.opening;
  }

  private firstUse({ project, customer }: Asker, rule: DrawnRule, from: number): Span {
    const { window } = rule.limit;
    if (typeof window !== 'object') throw new PlanPassed(rule.name);
    const key = JSON.stringify([project, customer, rule.name]);
    for (const openedAt of this.starts.get(key) ?? []) {
      const open = firstUseWindow(from, window, openedAt);
      if (open) return open;
    }
    return { from, to: from + window.firstUseMs };
  }

  private began({ project, customer, name, windowStart }: CounterKey): void {
    const key = JSON.stringify([project, customer, name]);
    this.starts.set(key, [...(this.starts.get(key) ?? []), windowStart]);
  }
}

function booked(
  key: CounterKey,
  rule: DrawnRule,
  window: Span,
  stored: Replenished | undefined,
): Omit<BookedCounter, 'leasedBeside'> {
  const opening = { used: 0, leased: 0, extra: 0, overrun: 0, amount: windowAmount(rule.limit) };
  const { used, leased, extra, overrun, amount } = stored?.row ?? opening;
  const risesAt = stored?.risesAt ?? null;
  const isOpen = stored !== undefined;
  return { key, rule, window, used, leased, extra, overrun, amount, risesAt, isOpen };
}

function leasedIn(rows: readonly CounterRow[], window: Span): number {
  let leased = 0;
  for (const row of rows) {
    const its = { from: row.windowStart, to: row.windowEnd };
    if (its.from !== window.from && overlaps(its, window)) leased += row.leased;
  }
  return leased;
}

/** As grants see it. */
export function lineOf(counter: BookedCounter): CounterLine {
  const { key, window, used, amount, extra } = counter;
  const id = `${key.name}@${key.windowStart}`;
  const leased = counter.leased + counter.leasedBeside;
  return { id, limit: key.name, window, used, leased, amount: amount + extra };
}

/** As gateways are told of it; `held` is what other gateways' calls in flight hold. */
export function stateOf(counter: BookedCounter, held: number): CounterState {
  const { key, window, used, amount, extra, overrun } = counter;
  const leased = counter.leased + counter.leasedBeside;
  const whole = Math.min(amount + extra, Number.MAX_SAFE_INTEGER);
  return { limit: key.name, window, used, leased, held, amount: whole, overrun };
}
