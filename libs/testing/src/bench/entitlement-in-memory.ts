import {
  deadlinesOf,
  decideGrant,
  drawnAt,
  LEASE_TERMS,
  type Ask,
  type AskAnswer,
  type LeaseGranted,
  type LeaseReturn,
  type LeaseTerms,
  type Span,
} from '@tallyward/domain';

/** What a limit is, by its counter's name without its window. */
export interface CountedLimit {
  readonly amount: number;
  windowOf(instant: number): Span;
}

interface Counter {
  readonly id: string;
  readonly limit: string;
  readonly window: Span;
  readonly amount: number;
  used: number;
  leased: number;
}

/**
 * Entitlement's rules on plain counters: what asks cost where neither a log nor a store is in the
 * way. Answers each ask once, and forgets it.
 */
export class EntitlementInMemory {
  asked = 0;
  private readonly counters = new Map<string, Counter>();
  /** What of a lease is neither returned nor settled, and its counter. */
  private readonly leases = new Map<string, { counter: Counter; returned: number }>();
  private lastLease = 0;

  constructor(
    private readonly limitOf: (name: string) => CountedLimit,
    private readonly terms: LeaseTerms = LEASE_TERMS,
  ) {}

  answer(ask: Ask, now: number): AskAnswer {
    this.asked += 1;
    const from = drawnAt(ask, now, this.terms);
    const counters = ask.wants.map(({ limit }) => this.counterOf(limit, from));
    const decision = decideGrant(ask, counters, this.terms);
    if (decision.kind === 'refused') {
      return { kind: 'refused', at: now, shortages: decision.shortages };
    }
    const leases = counters.map((counter, index): LeaseGranted => {
      const amount = decision.slices[index] as number;
      const { id: on, limit, window } = counter;
      counter.leased += amount;
      const id = String((this.lastLease += 1));
      this.leases.set(id, { counter, returned: 0 });
      const deadlines = deadlinesOf(ask, from, decision.lengthsMs[index] as number, window);
      return { id, counter: on, limit, amount, window, issuedAt: now, ...deadlines };
    });
    return { kind: 'granted', leases };
  }

  /** A counter as an answer tells it. */
  state(limit: string, instant: number) {
    const { window, used, leased, amount } = this.counterOf(limit, instant);
    return { limit, window, used, leased, held: 0, amount, overrun: 0 };
  }

  returned(returns: readonly LeaseReturn[]): void {
    for (const { lease, total } of returns) {
      const found = this.leases.get(lease);
      if (!found) continue;
      found.counter.leased -= total - found.returned;
      found.returned = total;
    }
  }

  /** What folding a settlement does that uses up its hold. */
  settled(parts: readonly { readonly lease: number; readonly amount: number }[]): void {
    for (const { lease, amount } of parts) {
      const counter = this.leases.get(String(lease))?.counter;
      if (!counter) continue;
      counter.leased -= amount;
      counter.used += amount;
    }
  }

  /** All that was settled, and what went beyond an amount. */
  sums(): { readonly used: number; readonly over: number } {
    let [used, over] = [0, 0];
    for (const counter of this.counters.values()) {
      used += counter.used;
      over += Math.max(0, counter.used + counter.leased - counter.amount);
    }
    return { used, over };
  }

  private counterOf(limit: string, instant: number): Counter {
    const { amount, windowOf } = this.limitOf(limit);
    const window = windowOf(instant);
    const id = `${limit}@${window.from}`;
    const found = this.counters.get(id);
    if (found) return found;
    const made = { id, limit, window, amount, used: 0, leased: 0 };
    this.counters.set(id, made);
    return made;
  }
}
