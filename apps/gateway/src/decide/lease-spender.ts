import {
  type AheadNeed,
  type ClockReading,
  type Hold,
  type LeaseBook,
  type Need,
  type Shortage,
  type Spender,
  type Word,
  wordOf,
} from '@tallyward/domain';
import type { KnownCounter } from '../leases/customer-desk';
import type { CallToDecide, MetHere } from './decide-call';

/** What a call took: a hold, or nothing where it only looks. */
export interface Taken {
  readonly hold: Hold | null;
  readonly ahead: readonly AheadNeed[];
}

const LOOKED: Taken = { hold: null, ahead: [] };

/** Takes what one call needs from the leases in hand, at one instant. */
export class LeaseSpender implements Spender<Taken, KnownCounter> {
  /** Of the last take: limits of which the leases in hand do not hold enough. */
  short: readonly string[] = [];
  private shortages: readonly Shortage[] = [];

  constructor(
    private readonly book: LeaseBook,
    private readonly call: CallToDecide,
    private readonly now: ClockReading,
    /** Entitlement's clock, epoch ms. */
    private readonly issuerNow: number,
  ) {}

  take(met: readonly MetHere[]): Taken | null {
    const needs = met.map(({ counter, need }) => ({ limit: counter.key, amount: need }));
    const { number, ttlMs, look } = this.call;
    if (look) return this.look(needs, look.fits);
    if (needs.length === 0) return this.holdNothing();
    const answer = this.book.hold(String(number), needs, ttlMs, this.now);
    if (answer.kind === 'held') return answer;
    return this.lacks(answer);
  }

  refusal({ limit, counter, need }: MetHere): Word | null {
    const shortage = this.shortages.find((one) => one.limit === counter.key);
    return shortage ? wordOf(limit, shortage, need, this.issuerNow) : null;
  }

  private look(needs: readonly Need[], fits: ReadonlySet<string>): Taken | null {
    const unknown = needs.filter(({ limit }) => !fits.has(limit));
    const answer = this.book.look(unknown, this.call.ttlMs, this.now);
    return answer === null || answer.kind === 'held' ? LOOKED : this.lacks(answer);
  }

  private lacks(
    answer:
      | { kind: 'short'; limits: readonly string[] }
      | { kind: 'refused'; shortages: readonly Shortage[] },
  ): null {
    this.short = answer.kind === 'short' ? answer.limits : [];
    this.shortages = answer.kind === 'refused' ? answer.shortages : [];
    return null;
  }

  /** Nothing limits the call, but it can be settled, and seen in flight. */
  private holdNothing(): Taken {
    const { number, ttlMs } = this.call;
    const admittedAt = this.issuerNow;
    const hold = { id: String(number), admittedAt, expiresAt: admittedAt + ttlMs, parts: [] };
    this.book.holds.add(hold, ttlMs, this.now);
    return { hold, ahead: [] };
  }
}
