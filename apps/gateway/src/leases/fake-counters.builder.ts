import type { CounterState } from '@tallyward/contracts';
import {
  computedWindow,
  type CounterLine,
  type Limit,
  limitKey,
  type Span,
} from '@tallyward/domain';

export interface Counter extends CounterLine {
  used: number;
  leased: number;
  amount: number;
  readonly heldBy: Map<string, number>;
}

/** The counters of an entitlement in memory. */
export class FakeCounters {
  private readonly kept = new Map<string, Counter>();

  byId(id: string): Counter {
    const found = this.kept.get(id);
    if (!found) throw new Error(`${id} is no counter`);
    return found;
  }

  lineOf(customer: string, limits: readonly Limit[], name: string, at: number): Counter {
    const limit = found(limits, name) as Limit;
    return this.at(customer, limit, name.slice(limitKey(limit).length), at);
  }

  /** None: not a limit of the tier. */
  stateOf(
    customer: string,
    limits: readonly Limit[],
    name: string,
    at: number,
    gateway: string,
  ): CounterState[] {
    if (!found(limits, name)) return [];
    const { limit, window, used, leased, amount, heldBy } = this.lineOf(customer, limits, name, at);
    let held = 0;
    for (const [by, count] of heldBy) if (by !== gateway) held += count;
    return [{ limit, window, used, leased, amount, held, overrun: 0 }];
  }

  /** The counter of a limit at an instant. */
  at(customer: string, limit: Limit, scopeValue: string, at: number): Counter {
    const name = `${limitKey(limit)}${scopeValue}`;
    const window = windowOf(limit, at);
    // Here a window that opened with its first use stays.
    const id = `${customer} ${name} ${typeof limit.window === 'string' ? window.from : ''}`;
    const known = this.kept.get(id);
    if (known) return known;
    const { amount } = limit;
    const made = { id, limit: name, window, used: 0, leased: 0, amount, heldBy: new Map() };
    this.kept.set(id, made);
    return made;
  }
}

export function found(limits: readonly Limit[], name: string): Limit | undefined {
  return limits.find((limit) => name.startsWith(limitKey(limit)));
}

function windowOf({ window }: Limit, at: number): Span {
  if (typeof window !== 'string') return { from: at, to: at + window.firstUseMs };
  if (window === 'request') throw new Error('one call has no counter');
  return computedWindow(at, window, { timeZone: 'UTC', billingAnchor: 0 });
}
