import {
  type Amounts,
  type ClockReading,
  countsGroup,
  elapsedMs,
  overlaps,
  type Span,
  type UsedOf,
} from '@tallyward/domain';
import type { CustomerDesk } from './customer-desk';
import { countSettled, type KnownCounter } from './known-counter';

/** What of each counter a call may use that was admitted here. */
export interface OwnHold {
  readonly counters: readonly KnownCounter[];
  /** In the order of the counters. */
  readonly needs: readonly number[];
  /** The windows that it counts in, in that order. */
  readonly windows: readonly Span[];
  readonly since: ClockReading;
  readonly ttlMs: number;
}

/** `sums`: which sum of each counter it is in. */
interface CountedHold extends OwnHold {
  readonly sums: number[];
}

/** What a call really used, as its settlement says. */
export interface UsedByCall {
  readonly modelGroup: string;
  readonly workspace: string;
  readonly user: string;
  readonly role: string;
  readonly amounts: Amounts;
}

/** Holds looked at in one sweep, at most: a sweep is one synchronous section. */
const SWEEP = 2_000;

/**
 * What calls in flight hold of each counter, `allow` limits too, and what they settled: so that
 * answers can tell. Leases are the lease book's; nothing here decides how much is left of them.
 */
export class OwnHolds {
  /** Customers of whom a sum was not told to entitlement since it changed. */
  readonly changed = new Set<CustomerDesk>();
  private readonly holds = new Map<number, CountedHold>();
  private cursor = this.holds.entries();

  add(number: number, hold: OwnHold): void {
    const { counters, needs, windows, since, ttlMs } = hold;
    const sums: number[] = [];
    for (let index = 0; index < counters.length; index++) {
      const counter = counters[index] as KnownCounter;
      sums.push(enter(counter, windows[index] as Span));
      counter.held += needs[index] as number;
    }
    this.holds.set(number, { counters, needs, windows, since, ttlMs, sums });
    this.hasChanged(hold);
  }

  get size(): number {
    return this.holds.size;
  }

  /**
   * The log has its settlement, at this place of the customer's partition: what it held is no
   * longer in flight, what it used is used.
   */
  settled(number: number, used: UsedByCall, place: number): void {
    const hold = this.take(number);
    if (!hold) return;
    for (let index = 0; index < hold.counters.length; index++) {
      const counter = hold.counters[index] as KnownCounter;
      const { from } = hold.windows[index] as Span;
      const isOver = counter.told !== null && counter.told.window.from > from;
      if (!isOver) countSettled(counter, usedOf(counter, used), place);
    }
  }

  released(number: number): void {
    this.take(number);
  }

  /** Of what is not known any more all is used: what is given back by mistake is sold twice. */
  usedBy(number: number, used: UsedByCall): UsedOf {
    const counters = this.holds.get(number)?.counters;
    return (limit) => {
      const counter = counters?.find(({ inHand }) => inHand === limit);
      return counter ? usedOf(counter, used) : Infinity;
    };
  }

  /** Drops holds that expired, and what others hold of windows that are over by `instant`. */
  sweep(now: ClockReading, instant: number): void {
    for (let seen = 0; seen < SWEEP; seen++) {
      const { value, done } = this.cursor.next();
      if (done) {
        this.cursor = this.holds.entries();
        return;
      }
      const [number, hold] = value;
      if (elapsedMs(hold.since, now) >= hold.ttlMs) this.take(number);
      else this.leaveWindows(hold, instant);
    }
  }

  private take(number: number): CountedHold | undefined {
    const hold = this.holds.get(number);
    if (!hold) return undefined;
    this.holds.delete(number);
    const { counters, needs, sums } = hold;
    for (let index = 0; index < counters.length; index++) {
      const counter = counters[index] as KnownCounter;
      if (sums[index] === counter.heldSum) counter.held -= needs[index] as number;
    }
    this.hasChanged(hold);
    return hold;
  }

  /** All counters of one call are of one customer. */
  private hasChanged({ counters }: OwnHold): void {
    if (counters[0]) this.changed.add(counters[0].desk);
  }

  private leaveWindows({ counters }: OwnHold, instant: number): void {
    for (const counter of counters) {
      if (counter.heldIn === null || instant < counter.heldIn.to) continue;
      Object.assign(counter, { held: 0, heldIn: null, heldSum: counter.heldSum + 1 });
      this.changed.add(counter.desk);
    }
  }
}

/**
 * What is held of an earlier window counts on in one that overlaps it: its zone has moved. Answers
 * which sum of the counter this is.
 */
function enter(counter: KnownCounter, window: Span): number {
  if (!isHeldIn(counter, window)) {
    counter.held = 0;
    counter.heldSum += 1;
  }
  counter.heldIn = window;
  return counter.heldSum;
}

/** Whether what is held of a counter is held of this window. */
export function isHeldIn({ heldIn }: KnownCounter, window: Span): boolean {
  return heldIn !== null && overlaps(heldIn, window);
}

/** A settlement counts where its own group and labels count (PROTOCOL 13). */
function usedOf({ limit, scopeValue }: KnownCounter, used: UsedByCall): number {
  const isIts = limit.scope === 'customer' || used[limit.scope] === scopeValue;
  return isIts && countsGroup(limit, used.modelGroup) ? used.amounts[limit.unit] : 0;
}
