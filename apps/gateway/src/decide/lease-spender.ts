import {
  type AheadNeed,
  type ClockReading,
  type Hold,
  type LeaseBook,
  type NeedInHand,
  type Shortage,
  type Spender,
  type Word,
  wordOf,
} from '@tallyward/domain';
import { type KnownCounter, limitInHand } from '../leases/known-counter';
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
    const { number, ttlMs, look } = this.call;
    if (look) return this.look(met.filter(({ counter }) => !look.fits.has(counter.key)));
    const needs = this.inHand(met);
    if (needs.length === 0) return this.holdNothing();
    const answer = this.book.hold(String(number), needs, ttlMs, this.now);
    if (answer.kind === 'held') return answer;
    return this.lacks(answer);
  }

  refusal({ limit, counter, need }: MetHere): Word | null {
    const shortage = this.shortages.find((one) => one.limit === counter.key);
    return shortage ? wordOf(limit, shortage, need, this.issuerNow) : null;
  }

  private look(unknown: readonly MetHere[]): Taken | null {
    const answer = this.book.look(this.inHand(unknown), this.call.ttlMs, this.now);
    return answer === null || answer.kind === 'held' ? LOOKED : this.lacks(answer);
  }

  private inHand(met: readonly MetHere[]): NeedInHand[] {
    return met.map(({ counter, need }) => {
      return { limit: limitInHand(counter, this.book, this.now), amount: need };
    });
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
