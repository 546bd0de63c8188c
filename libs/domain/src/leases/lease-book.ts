import type { Ask, AskAnswer } from './ask';
import type { ClockReading } from './elapsed';
import type { AheadNeed, HoldAnswer, Need } from './hold';
import { HoldsInHand } from './holds-in-hand';
import type { LeaseGranted, LeaseReturn, LimitHold } from './lease';
import {
  admissionOf,
  isOver,
  isSpent,
  type LeaseInHand,
  returnFree,
  returnUnspendable,
  takeFrom,
} from './lease-in-hand';
import {
  countDemand,
  isIdle,
  type LimitInHand,
  newLimit,
  nextWindowOf,
  shortageTo,
  shortIn,
  refusalFrom,
  wantOf,
} from './limit-in-hand';
import { PendingAsks } from './pending-asks';

/** Limits looked at in one sweep, at most: a sweep is one synchronous section. */
const SWEEP = 1_000;

/**
 * One gateway process' leases, in memory alone. Every method is one synchronous section; what
 * crosses a process is its caller's to send: asks, and the returns that methods answer.
 */
export class LeaseBook {
  readonly holds = new HoldsInHand((lease, amount) => {
    const found = this.leases.get(lease);
    if (found) found.free += amount;
  });
  readonly asks = new PendingAsks();
  private readonly limits = new Map<string, LimitInHand>();
  private readonly leases = new Map<string, LeaseInHand>();
  private cursor = this.limits.entries();

  /** `aheadMs`: the next window is asked for so long before its start. */
  constructor(private readonly aheadMs: number) {}

  /** All limits are checked, then all are taken (PROTOCOL 8). Each limit is named once. */
  hold(id: string, needs: readonly Need[], ttlMs: number, now: ClockReading): HoldAnswer {
    const limits = needs.map(({ limit }) => this.limits.get(limit));
    const admittedAt = admissionOf(limits, ttlMs, now);
    const short = shortIn(limits, needs, ttlMs, now, admittedAt);
    if (short.length > 0) return this.shortOf(short, now);
    const [ahead, parts]: [AheadNeed[], LimitHold[]] = [[], []];
    for (let at = 0; at < needs.length; at++) {
      const [need, limit] = [needs[at] as Need, limits[at] as LimitInHand];
      countDemand(limit, need.amount, now);
      const opensAt = nextWindowOf(limit, admittedAt, this.aheadMs);
      if (opensAt !== null) ahead.push({ ...need, opensAt });
      const taken = takeFrom(limit.leases, need.amount, ttlMs, now, admittedAt);
      parts.push({ limit: need.limit, leases: taken });
    }
    const hold = { id, admittedAt, expiresAt: admittedAt + ttlMs, parts };
    this.holds.add(hold, ttlMs, now);
    return { kind: 'held', hold, ahead };
  }

  /** What `hold` would answer; takes nothing. Null: the leases in hand do. */
  look(needs: readonly Need[], ttlMs: number, now: ClockReading): HoldAnswer | null {
    const limits = needs.map(({ limit }) => this.limits.get(limit));
    const short = shortIn(limits, needs, ttlMs, now, admissionOf(limits, ttlMs, now));
    return short.length > 0 ? this.shortOf(short, now) : null;
  }

  /** What an ask for `need` of a limit should want, to last for `forMs`. */
  want(limit: string, need: number, forMs: number, now: ClockReading): number {
    return wantOf(this.limits.get(limit) ?? newLimit(now), need, forMs, now);
  }

  /** A call that finds this may wait for the answer instead of asking too. */
  isAsking(limit: string): boolean {
    return (this.limits.get(limit)?.asks ?? 0) > 0;
  }

  /** An ask goes out for the first time. */
  asked(ask: Ask, now: ClockReading): void {
    if (!this.asks.add(ask, now)) return;
    for (const { limit } of ask.wants) {
      const found = this.limitOf(limit, now);
      if (ask.opensAt === null) found.asks += 1;
      else found.askedAhead = ask.opensAt;
    }
  }

  /**
   * The answer to an ask. Taken once, and only while the ask is pending (PROTOCOL 2); null: left
   * alone. What arrives spent goes back at once.
   */
  answered(id: string, answer: AskAnswer, now: ClockReading): LeaseReturn[] | null {
    const pending = this.asks.take(id);
    if (!pending) return null;
    const { ask, since } = pending;
    const isNow = ask.opensAt === null;
    for (const { limit } of ask.wants) if (isNow) this.limitOf(limit, now).asks -= 1;
    if (answer.kind === 'granted') {
      return answer.leases.flatMap((lease) => this.take(lease, since, now));
    }
    for (const shortage of answer.shortages) {
      if (!isNow) continue; // of the next window: it says nothing of this one
      this.limitOf(shortage.limit, now).refusal = refusalFrom(shortage, answer.at, since);
    }
    return [];
  }

  /** Entitlement wants these leases back: what is held of them follows as it becomes free. */
  recalled(leases: readonly string[]): LeaseReturn[] {
    return leases.flatMap((id) => {
      const found = this.leases.get(id);
      if (!found) return [];
      found.isRecalled = true;
      const returns = returnFree(found);
      // What is all held frees nothing: a no that stands is asked about again and again.
      if (returns.length > 0) this.freed([found.granted.limit]);
      return returns;
    });
  }

  /** Something came back to these limits, or their amount rose: a cached no says nothing now. */
  freed(limits: readonly string[]): void {
    for (const limit of limits) {
      const found = this.limits.get(limit);
      if (found) found.refusal = null;
    }
  }

  /** A change of tier or a kill switch for these limits; all of them on a graceful stop. */
  giveUp(limits: readonly string[] | 'all'): LeaseReturn[] {
    const names = limits === 'all' ? [...this.limits.keys()] : limits;
    return this.recalled(
      names.flatMap((name) => {
        this.freed([name]);
        return (this.limits.get(name)?.leases ?? []).map(({ granted }) => granted.id);
      }),
    );
  }

  /** Gives back what nobody may spend any more, and drops what time has closed. Call it often. */
  sweep(now: ClockReading): LeaseReturn[] {
    this.holds.sweep(now);
    const returns: LeaseReturn[] = [];
    for (let seen = 0; seen < SWEEP; seen++) {
      const { value, done } = this.cursor.next();
      if (done) {
        this.cursor = this.limits.entries();
        break;
      }
      const [name, limit] = value;
      for (const lease of limit.leases) {
        returns.push(...returnUnspendable(lease, now));
        if (isOver(lease, now)) this.leases.delete(lease.granted.id);
      }
      limit.leases = limit.leases.filter(({ granted }) => this.leases.has(granted.id));
      if (isIdle(limit, now)) this.limits.delete(name);
    }
    return returns;
  }

  /** The leases in hand, spent ones too until they are over. */
  inHand(): Iterable<LeaseInHand> {
    return this.leases.values();
  }

  get knownLimits(): number {
    return this.limits.size;
  }

  private shortOf(short: readonly Need[], now: ClockReading): HoldAnswer {
    const shortages = short.flatMap(({ limit, amount }) => {
      return shortageTo(this.limits.get(limit), amount, now) ?? [];
    });
    if (shortages.length > 0) return { kind: 'refused', shortages };
    return { kind: 'short', limits: short.map(({ limit }) => limit) };
  }

  private take(granted: LeaseGranted, since: ClockReading, now: ClockReading): LeaseReturn[] {
    const { id, limit, amount } = granted;
    const lease = { granted, since, free: amount, returned: 0, isRecalled: false };
    if (isSpent(lease, now)) return [{ lease: id, total: amount }];
    this.leases.set(id, lease);
    const found = this.limitOf(limit, now);
    found.leases.push(lease);
    found.refusal = null;
    return [];
  }

  private limitOf(name: string, now: ClockReading): LimitInHand {
    const found = this.limits.get(name);
    if (found) return found;
    const made = newLimit(now);
    this.limits.set(name, made);
    return made;
  }
}
