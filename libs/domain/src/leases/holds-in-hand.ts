import { type ClockReading, elapsedMs } from './elapsed';
import type { Hold, PartInHand, ReleaseAnswer } from './hold';
import { Spread } from './lease';
import type { LimitInHand } from './limit-in-hand';

interface HoldInHand {
  readonly id: string;
  readonly parts: readonly PartInHand[];
  readonly since: ClockReading;
  readonly ttlMs: number;
  state: HoldState;
}

/**
 * `settling`: one append is on its way; `unknown`: one had no answer, or several were on their way
 * at once, so which of them the log has first is not known.
 */
type HoldState = 'open' | 'settling' | 'unknown';
type Done = 'settled' | 'released';

/** What a settlement counts on a limit that its hold carries. */
export type UsedOf = (limit: LimitInHand) => number;

/** Holds looked at in one sweep, at most: a sweep is one synchronous section. */
const SWEEP = 1_000;
/**
 * A second release is told what became of its hold, for so many of the latest at least: at 20,000
 * calls a second, holds that are done would otherwise be gigabytes until they expire.
 */
const MOST_DONE = 10_000;

/** The holds that one gateway process admitted, until they are done or expire. */
export class HoldsInHand {
  private readonly holds = new Map<string, HoldInHand>();
  private done = new Map<string, Done>();
  private doneBefore = new Map<string, Done>();
  private cursor = this.holds.entries();

  add({ id, parts }: Hold, ttlMs: number, now: ClockReading): void {
    this.holds.set(id, { id, parts, since: now, ttlMs, state: 'open' });
  }

  get size(): number {
    return this.holds.size;
  }

  /** Whether a hold taken before may still be answered, or its call still be made (PROTOCOL 10). */
  isOpen(id: string, now: ClockReading): boolean {
    const found = this.holds.get(id);
    return found?.state === 'open' && !isExpired(found, now);
  }

  /** Gives a hold back whole, unless something may be settled or its time is over (PROTOCOL 12). */
  release(id: string, now: ClockReading): ReleaseAnswer {
    const found = this.holds.get(id);
    if (!found) return this.done.get(id) ?? this.doneBefore.get(id) ?? 'not-here';
    if (found.state !== 'open') return 'settled';
    if (isExpired(found, now)) return 'expired';
    this.close(found, 'released', () => 0);
    return 'released';
  }

  /** A settlement of it is about to be appended here; an expired one never gives back. */
  settling(id: string, now: ClockReading): void {
    const found = this.holds.get(id);
    if (found?.state === 'open' && !isExpired(found, now)) found.state = 'settling';
    else if (found?.state === 'open' || found?.state === 'settling') found.state = 'unknown';
  }

  /**
   * The log answered that append. `acked` gives back the rest, once; without an answer the whole
   * hold is kept, whatever a later try says (PROTOCOL 11). `failed`: it is not in the log.
   */
  appended(id: string, outcome: 'acked' | 'unknown' | 'failed', usedOf: UsedOf): void {
    const found = this.holds.get(id);
    if (found?.state !== 'settling') return;
    if (outcome === 'acked') this.close(found, 'settled', usedOf);
    else found.state = outcome === 'failed' ? 'open' : 'unknown';
  }

  /** The fold saw this hold settled by another gateway: its rest comes back, once (PROTOCOL 14). */
  settledElsewhere(id: string, usedOf: UsedOf): void {
    const found = this.holds.get(id);
    if (found) this.close(found, 'settled', usedOf);
  }

  /** Drops holds that expired. */
  sweep(now: ClockReading): void {
    for (let seen = 0; seen < SWEEP; seen++) {
      const { value, done } = this.cursor.next();
      if (done) {
        this.cursor = this.holds.entries();
        return;
      }
      if (isExpired(value[1], now)) this.holds.delete(value[0]);
    }
  }

  private close({ id, parts }: HoldInHand, as: Done, usedOf: UsedOf): void {
    this.holds.delete(id);
    if (this.done.size >= MOST_DONE) {
      this.doneBefore = this.done;
      this.done = new Map();
    }
    this.done.set(id, as);
    let limit: LimitInHand | null = null;
    let spread = new Spread(0);
    for (const { lease, amount } of parts) {
      if (lease.limit !== limit) spread = new Spread(usedOf((limit = lease.limit)));
      lease.free += amount - spread.pays(amount);
    }
  }
}

function isExpired({ since, ttlMs }: HoldInHand, now: ClockReading): boolean {
  return elapsedMs(since, now) >= ttlMs;
}
